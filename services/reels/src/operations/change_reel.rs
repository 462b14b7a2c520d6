//! Change a reel's caption or product. The video stays.

use access_token::Account;
use commerce_types::{ProductId, ReelId};

use crate::app::App;
use crate::domain::product::Product;
use crate::domain::reel::{ReelStatus, ShownReel};
use crate::error::Error;
use crate::operations::know_product::know_product;
use crate::{events, store};

/// Absent members leave their field alone; `Some(None)` clears it.
#[derive(Debug, Clone)]
pub(crate) struct ReelChanges {
    pub(crate) caption: Option<Option<String>>,
    pub(crate) product_id: Option<ProductId>,
}

/// # Errors
/// [`Error::ReelNotFound`]: another seller's. [`Error::ProductNotFound`]: likewise.
pub(crate) async fn change_reel(
    app: &App,
    account: &Account,
    token: &str,
    id: ReelId,
    changes: &ReelChanges,
) -> Result<ShownReel, Error> {
    let own = store::reels::find(&mut *app.pool.get().await?, id).await?;
    own.filter(|reel| reel.seller_id == account.user_id).ok_or(Error::ReelNotFound)?;
    if let Some(product_id) = changes.product_id {
        let product = know_product(app, product_id, token).await?;
        let own = |product: &Product| product.seller_id == account.user_id;
        product.filter(own).ok_or(Error::ProductNotFound(product_id))?;
    }
    let (now, event_id) = (app.clock.now(), app.ids.next());
    let shown = database::transaction(&app.pool, async |conn| {
        // First the product, as whoever hears of it does.
        let product = match changes.product_id {
            Some(product_id) => {
                let product = store::products::lock(conn, product_id).await?;
                Some(product.ok_or(Error::ProductNotFound(product_id))?)
            }
            None => None,
        };
        let before = store::reels::lock(conn, id).await?.ok_or(Error::ReelNotFound)?;
        let mut after = before.clone();
        if let Some(caption) = &changes.caption {
            after.caption.clone_from(caption);
        }
        if let Some(product) = &product {
            after.product_id = product.id;
            after.is_public = after.status == ReelStatus::Ready && product.on_sale;
        }
        if after != before {
            after.updated_at = now;
            store::reels::update(conn, &after).await?;
        }
        if after.is_public != before.is_public {
            let said = if after.is_public { events::reel_published(&after) } else { events::reel_hidden(&after) };
            ::events::write(conn, &[said.with_id(event_id)]).await?;
        }
        let shown = store::shown::find(conn, id, Some(account.user_id)).await?;
        shown.ok_or(Error::Missing("the reel just changed"))
    });
    let shown = shown.await?;
    app.waker.wake();
    Ok(shown)
}
