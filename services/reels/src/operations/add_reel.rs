//! Add a reel: how every one begins, whether its video is there or not yet.
//!
//! Always true: it is public exactly while its product is on sale, also when that changes at this moment; the reel and
//! what is said of it are one transaction.

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, PublicUser, ReelId, UploadId};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

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
    pub(crate) upload_id: Option<UploadId>,
    /// Whole, or not there yet: then with the seller's own picture alone, if there is one.
    pub(crate) file: File,
    pub(crate) created_at: DateTime<Utc>,
}

/// False when there is one with this id, or of this upload.
///
/// # Errors
/// [`Error::ProductNotFound`]: deleted, or another seller's. [`Error::NoAccount`].
pub(crate) async fn add_reel(app: &App, new: &NewReel) -> Result<bool, Error> {
    let drawn = Drawn::new(app);
    let added = database::transaction(&app.pool, async |conn| add(conn, new, &drawn).await).await?;
    app.waker.wake();
    Ok(added)
}

/// The ids of what is said of it.
pub(crate) struct Drawn {
    published: Uuid,
    ready: Uuid,
}

impl Drawn {
    pub(crate) fn new(app: &App) -> Self {
        Self { published: app.ids.next(), ready: app.ids.next() }
    }
}

/// In a transaction; as [`add_reel`].
pub(crate) async fn add(conn: &mut AsyncPgConnection, new: &NewReel, drawn: &Drawn) -> Result<bool, Error> {
    store::accounts::see(conn, std::slice::from_ref(&new.seller)).await?;
    if !store::accounts::hold(conn, &[new.seller.id]).await?.is_empty() {
        return Err(Error::NoAccount);
    }
    let product = store::products::lock(conn, new.product_id).await?;
    let product = product.filter(|product| product.seller_id == new.seller.id);
    let product = product.ok_or(Error::ProductNotFound(new.product_id))?;
    let is_ready = new.file.video_url.is_some();
    let reel = Reel {
        id: new.id,
        product_id: product.id,
        seller_id: product.seller_id,
        caption: new.caption.clone(),
        status: if is_ready { ReelStatus::Ready } else { ReelStatus::Processing },
        file: new.file.clone(),
        error_code: None,
        is_public: is_ready && product.on_sale,
        created_at: new.created_at,
        updated_at: new.created_at,
        upload_id: new.upload_id,
    };
    if !store::reels::insert(conn, &reel).await? {
        return Ok(false);
    }
    let mut said = vec![events::reel_published(&reel).with_id(drawn.published)];
    if is_ready {
        said.push(events::reel_ready(&reel).with_id(drawn.ready));
    }
    ::events::write(conn, &said).await?;
    Ok(true)
}
