//! Make a reel from an upload of its seller.
//!
//! Uploads are media's. While there is no media every upload is unknown, and so is every file.

use access_token::Account;
use commerce_types::{ProductId, UploadId};

use crate::app::App;
use crate::domain::reel::ShownReel;
use crate::error::Error;
use crate::operations::know_product::know_product;

/// Which video.
pub(crate) enum Named {
    Upload(UploadId),
    /// By address and storage key.
    Stored,
}

/// # Errors
/// [`Error::ProductNotFound`]: none of the seller's. [`Error::UploadNotFound`], [`Error::FileNotFound`].
pub(crate) async fn publish_reel(
    app: &App,
    account: &Account,
    token: &str,
    product_id: ProductId,
    video: Named,
) -> Result<ShownReel, Error> {
    let product = know_product(app, product_id, token).await?;
    product.filter(|product| product.seller_id == account.user_id).ok_or(Error::ProductNotFound(product_id))?;
    match video {
        Named::Upload(id) => {
            tracing::debug!(%id, "an upload that nobody knows");
            Err(Error::UploadNotFound)
        }
        Named::Stored => Err(Error::FileNotFound),
    }
}
