//! Show a received picture at its product, once.

use access_token::Account;
use commerce_types::{ImageId, UploadId};
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::images::{self, SentImage};
use crate::error::Error;
use crate::operations::change_product::rewrite;
use crate::operations::writing::{Drawn, announce_change, reload};
use crate::reply::Written;
use crate::store;
use crate::store::images::Linked;

/// `token` is the seller's own. A picture that was linked before is left as it is, also when it was taken off since.
///
/// # Errors
/// [`Error::UploadNotFound`], [`Error::UploadNotUsable`], [`Error::ProductNotFound`], [`Error::TooManyImages`],
/// [`Error::Media`].
pub(crate) async fn link_image(
    app: &App,
    account: &Account,
    token: &str,
    upload_id: UploadId,
) -> Result<Written, Error> {
    let sent = app.media.sent_image(upload_id, token).await?;
    let sent = sent.filter(|sent| sent.owner_id == account.user_id).ok_or(Error::UploadNotFound)?;
    let (drawn, image_id) = (Drawn::new(app), app.ids.next());
    let linked = database::transaction(&app.pool, async |conn| apply(conn, &sent, image_id, &drawn).await).await?;
    app.waker.wake();
    linked.ok_or(Error::TooManyImages)
}

/// `None` when the product has no room, or had none when it was first linked: then the picture never is.
pub(crate) async fn apply(
    conn: &mut AsyncPgConnection,
    sent: &SentImage,
    image_id: ImageId,
    drawn: &Drawn,
) -> Result<Option<Written>, Error> {
    let product = store::products::lock(conn, sent.product_id).await?;
    let product = product.filter(|product| product.seller_id == sent.owner_id).ok_or(Error::ProductNotFound)?;
    let before = reload(conn, &product).await?;
    let category = before.product.content.category.clone();
    let images = images::with(before.images.clone(), sent, image_id, drawn.now);
    if let Some(linked) = store::images::link(conn, sent.upload_id, images.is_none(), drawn.now).await? {
        return Ok((linked == Linked::Shown).then(|| Written::new(&before, &category)));
    }
    let Some(images) = images else { return Ok(None) };
    if images == before.images {
        return Ok(Some(Written::new(&before, &category)));
    }
    let after = rewrite(conn, &before, product, images, drawn.now).await?;
    announce_change(conn, sent.owner_id, drawn, &before, &after).await?;
    Ok(Some(Written::new(&after, &category)))
}
