//! Products, reels and accounts were deleted: their files are to be asked about.

use std::time::Duration;

use commerce_types::{ProductId, UserId};
use diesel_async::AsyncPgConnection;

use crate::error::Error;
use crate::store;

/// A video that was sent for another reel of the product may be waiting to be made one.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// What was deleted.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    pub(crate) products: Vec<ProductId>,
    /// Of which product and seller.
    pub(crate) reels: Vec<(ProductId, UserId)>,
    pub(crate) accounts: Vec<UserId>,
}

/// In the consumer's transaction.
pub(crate) async fn hear_removals(conn: &mut AsyncPgConnection, removals: &Removals) -> Result<(), Error> {
    if !removals.products.is_empty() {
        store::uploads::ask_about_products(conn, &removals.products).await?;
    }
    for reel in &removals.reels {
        store::uploads::ask_about_videos(conn, *reel, GRACE).await?;
    }
    if !removals.accounts.is_empty() {
        store::uploads::ask_about_owners(conn, &removals.accounts).await?;
    }
    Ok(())
}
