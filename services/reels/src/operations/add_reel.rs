//! Add a reel whose video is there: how every reel begins that can be watched at once.
//!
//! Always true: it is public exactly while its product is on sale, also when that changes at this moment; the reel and
//! what is said of it are one transaction.

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, PublicUser, ReelId};

use crate::app::App;
use crate::domain::reel::{File, Reel, ReelStatus};
use crate::error::Error;
use crate::{events, store};

/// A reel of a product that is known.
#[derive(Debug, Clone)]
pub(crate) struct NewReel {
    pub(crate) id: ReelId,
    pub(crate) product_id: ProductId,
    pub(crate) seller: PublicUser,
    pub(crate) caption: Option<String>,
    /// Whole.
    pub(crate) file: File,
    pub(crate) created_at: DateTime<Utc>,
}

/// False when there is one with this id.
///
/// # Errors
/// [`Error::ProductNotFound`]: deleted, or another seller's. [`Error::NoAccount`].
pub(crate) async fn add_reel(app: &App, new: &NewReel) -> Result<bool, Error> {
    let (published_id, ready_id) = (app.ids.next(), app.ids.next());
    let added = database::transaction(&app.pool, async |conn| {
        store::accounts::see(conn, std::slice::from_ref(&new.seller)).await?;
        if !store::accounts::hold(conn, &[new.seller.id]).await?.is_empty() {
            return Err(Error::NoAccount);
        }
        let product = store::products::lock(conn, new.product_id).await?;
        let product = product.filter(|product| product.seller_id == new.seller.id);
        let product = product.ok_or(Error::ProductNotFound(new.product_id))?;
        if store::reels::find(conn, new.id).await?.is_some() {
            return Ok(false);
        }
        let reel = Reel {
            id: new.id,
            product_id: product.id,
            seller_id: product.seller_id,
            caption: new.caption.clone(),
            status: ReelStatus::Ready,
            file: new.file.clone(),
            error_code: None,
            is_public: product.on_sale,
            created_at: new.created_at,
            updated_at: new.created_at,
        };
        store::reels::insert(conn, &reel).await?;
        let said = [events::reel_published(&reel).with_id(published_id), events::reel_ready(&reel).with_id(ready_id)];
        ::events::write(conn, &said).await?;
        Ok(true)
    });
    let added = added.await?;
    app.waker.wake();
    Ok(added)
}
