//! Products, reels and accounts were deleted: their files are to be asked about.

use commerce_types::{ProductId, UploadId, UserId};
use diesel_async::AsyncPgConnection;

use crate::error::Error;
use crate::store;

/// What was deleted.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    pub(crate) products: Vec<ProductId>,
    /// Whose videos deleted reels showed.
    pub(crate) uploads: Vec<UploadId>,
    pub(crate) accounts: Vec<UserId>,
}

/// In the consumer's transaction.
pub(crate) async fn hear_removals(conn: &mut AsyncPgConnection, removals: &Removals) -> Result<(), Error> {
    if !removals.products.is_empty() {
        store::uploads::ask_about_products(conn, &removals.products).await?;
    }
    if !removals.uploads.is_empty() {
        store::uploads::ask_about(conn, &removals.uploads).await?;
    }
    if !removals.accounts.is_empty() {
        store::uploads::ask_about_owners(conn, &removals.accounts).await?;
    }
    Ok(())
}
