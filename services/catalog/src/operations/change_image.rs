//! Move an image of a product, or make it the primary one.

use access_token::Account;
use commerce_types::{ImageId, ProductId};
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::images::{self, ProductImage};
use crate::error::Error;
use crate::operations::change_product::rewrite;
use crate::operations::writing::{Drawn, Who, announce_change, check_owner, check_version, reload};
use crate::reply::Written;
use crate::store;

pub(crate) struct ChangeImage {
    pub(crate) product_id: ProductId,
    pub(crate) image_id: ImageId,
    pub(crate) make_primary: bool,
    pub(crate) display_order: Option<i32>,
    pub(crate) expected_version: Option<i64>,
}

/// # Errors
/// [`Error::ProductNotFound`], [`Error::ImageNotFound`], [`Error::VersionConflict`], [`Error::Invalid`].
pub(crate) async fn change_image(app: &App, account: &Account, request: &ChangeImage) -> Result<Written, Error> {
    if request.display_order.is_some_and(|order| !(0..=images::LAST_PLACE).contains(&order)) {
        return Err(Error::invalid("display_order", "must be 0 to 1000"));
    }
    let target = Target { product_id: request.product_id, expected_version: request.expected_version };
    let drawn = Drawn::new(app);
    let written = database::transaction(&app.pool, async |conn| {
        let change = |images| images::change(images, request.image_id, request.make_primary, request.display_order);
        write(conn, account, target, &drawn, change).await
    });
    let written = written.await?;
    app.waker.wake();
    Ok(written)
}

/// Whose images, and based on which version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) product_id: ProductId,
    pub(crate) expected_version: Option<i64>,
}

/// Writes what `change` makes of the images; it answers `None` when the image it is about is not among them.
pub(crate) async fn write(
    conn: &mut AsyncPgConnection,
    account: &Account,
    target: Target,
    drawn: &Drawn,
    change: impl FnOnce(Vec<ProductImage>) -> Option<Vec<ProductImage>>,
) -> Result<Written, Error> {
    let product = store::products::lock(conn, target.product_id).await?.ok_or(Error::ProductNotFound)?;
    check_owner(account, &product, Who::OwnerOrAdmin)?;
    let before = reload(conn, &product).await?;
    let category = before.product.content.category.clone();
    let images = change(before.images.clone());
    if drawn.may_have_written(&product) && images.as_ref().is_none_or(|images| *images == before.images) {
        return Ok(Written::new(&before, &category));
    }
    let images = images.ok_or(Error::ImageNotFound)?;
    check_version(&product, target.expected_version)?;
    let after = rewrite(conn, &before, product, images, drawn.now).await?;
    announce_change(conn, account.user_id, drawn, &before, &after).await?;
    Ok(Written::new(&after, &category))
}
