//! May the caller send such a file now? Asked before the first byte, and again with the bytes.

use access_token::Caller;
use commerce_types::UserId;

use crate::app::App;
use crate::domain::intent::{Intent, MAX_IMAGES, UploadKind};
use crate::domain::quota;
use crate::error::Error;
use crate::store;

/// The account that will own the file. What an account may is decided before what it sends, so that nobody learns of
/// products that are not theirs; `token` is the caller's.
///
/// # Errors
/// [`Error::Caller`], [`Error::Invalid`], [`Error::ProductNotFound`], [`Error::TooManyImages`], [`Error::NoVideos`],
/// [`Error::Quota`], [`Error::Other`]: catalog is away.
pub(crate) async fn check_upload(app: &App, caller: &Caller, token: &str, intent: Intent) -> Result<UserId, Error> {
    let owner_id = intent.kind.require(caller)?.user_id;
    let intent = intent.checked()?;
    if let Some(product_id) = intent.product_id {
        let images = app.catalog.images_of(product_id, owner_id, token).await?;
        let images = images.ok_or(Error::ProductNotFound(product_id))?;
        if intent.kind == UploadKind::ProductImage && images >= MAX_IMAGES {
            return Err(Error::TooManyImages);
        }
    }
    if intent.kind.is_video() && app.tools.is_none() {
        return Err(Error::NoVideos);
    }
    let received = store::receipts::sum_up(&mut *app.pool.get().await?, owner_id, quota::WINDOW).await?;
    // The smallest file has one byte.
    quota::take(received, 1)?;
    Ok(owner_id)
}
