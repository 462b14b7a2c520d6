//! Take an image off a product; when it was the primary one, the first that is left takes its place.

use access_token::Account;
use commerce_types::ImageId;

use crate::app::App;
use crate::domain::images;
use crate::error::Error;
use crate::operations::change_image::{Target, write};
use crate::operations::writing::Drawn;
use crate::reply::Written;

/// # Errors
/// [`Error::ProductNotFound`], [`Error::ImageNotFound`], [`Error::VersionConflict`].
pub(crate) async fn delete_image(
    app: &App,
    account: &Account,
    target: Target,
    image_id: ImageId,
) -> Result<Written, Error> {
    let drawn = Drawn::new(app);
    let written = database::transaction(&app.pool, async |conn| {
        write(conn, account, target, &drawn, |images| images::without(images, image_id)).await
    });
    let written = written.await?;
    app.waker.wake();
    Ok(written)
}
