//! Make a reel from an upload of its seller.
//!
//! Always true: an upload is in one reel at most, and one key makes one reel, because its answer is a row of the reel's own
//! transaction. Whether the video is ready is asked again once the reel is there: what media said before that, nobody heard.

use access_token::{Account, Caller};
use commerce_types::{ProductId, UploadId};
use database::answers::{self, Answer};
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::reel::{File, SentVideo, VideoState};
use crate::error::{Error, waiting_for_twin};
use crate::operations::add_reel::{Drawn, NewReel, add};
use crate::operations::follow_uploads::follow;
use crate::operations::know_product::know_product;
use crate::reply::ReelPublished;
use crate::store;

/// What is to be made, and under which key.
#[derive(Debug)]
pub(crate) struct PublishReel {
    pub(crate) product_id: ProductId,
    pub(crate) video: Named,
    /// Of an own picture, shown instead of a frame.
    pub(crate) picture_url: Option<String>,
    pub(crate) caption: Option<String>,
    /// The caller's key and the hash of what it was sent with.
    pub(crate) key: Option<(String, Vec<u8>)>,
}

/// Which video.
#[derive(Debug)]
pub(crate) enum Named {
    Upload(UploadId),
    /// By address and storage key, which are of one upload.
    Stored {
        url: String,
        key: String,
    },
}

/// # Errors
/// [`Error::ProductNotFound`]: none of the seller's. [`Error::UploadNotFound`], [`Error::FileNotFound`], [`Error::Invalid`],
/// [`Error::UploadNotUsable`], [`Error::UploadAlreadyUsed`], [`Error::KeyReused`], [`Error::KeyInProgress`].
pub(crate) async fn publish_reel(
    app: &App,
    account: &Account,
    token: &str,
    mut request: PublishReel,
) -> Result<ReelPublished, Error> {
    let key = request.key.take().map(|(key, hash)| (format!("{}:publish_reel:{key}", account.user_id), hash));
    if let Some((key, body_hash)) = &key
        && let Some(answer) = answers::find(&mut *app.pool.get().await?, key).await?
    {
        return repeat(answer, body_hash);
    }
    let product_id = request.product_id;
    let product = know_product(app, product_id, token).await?;
    product.filter(|product| product.seller_id == account.user_id).ok_or(Error::ProductNotFound(product_id))?;
    let video = find(app, token, &request).await?;
    let mut file = match video.state {
        VideoState::Ready(file) => file,
        VideoState::Processing => File::default(),
        VideoState::Pending | VideoState::Failed(_) => return Err(Error::UploadNotUsable),
    };
    if let Some(url) = &request.picture_url {
        let own = app.media.picture(url, token).await?;
        let own = own.ok_or(Error::Invalid("thumbnail_url", "must be the address of an own image"))?;
        (file.thumbnail_url, file.thumbnail_path) = (Some(own.url), own.key);
    }
    let new = NewReel {
        id: app.ids.next(),
        product_id,
        seller: account.public_user(),
        caption: request.caption,
        upload_id: Some(video.upload_id),
        file,
        created_at: app.clock.now(),
    };
    let drawn = Drawn::new(app);
    let published =
        database::transaction(&app.pool, async |conn| publish(conn, account, &new, &drawn, key.as_ref()).await);
    let published = published.await?;
    app.waker.wake();
    if new.file.video_url.is_none()
        && let Err(error) = follow(app, &[video.upload_id]).await
    {
        tracing::warn!(error = service_error::chain(&error), "a reel waits until its video is asked about again");
    }
    Ok(published)
}

/// The upload, which was sent for a reel of the product.
async fn find(app: &App, token: &str, request: &PublishReel) -> Result<SentVideo, Error> {
    let (video, field) = match &request.video {
        Named::Upload(id) => (app.media.by_id(*id, token).await?.ok_or(Error::UploadNotFound)?, "upload_id"),
        Named::Stored { url, key } => {
            let video = app.media.by_key(key, token).await?.ok_or(Error::FileNotFound)?;
            if video.url.as_ref() != Some(url) {
                return Err(Error::Invalid("video_url", "does not belong to video_storage_path"));
            }
            (video, "video_storage_path")
        }
    };
    match video.product_id {
        Some(product_id) if product_id == request.product_id => Ok(video),
        _ => Err(Error::Invalid(field, "was not sent for a reel of this product")),
    }
}

async fn publish(
    conn: &mut AsyncPgConnection,
    account: &Account,
    new: &NewReel,
    drawn: &Drawn,
    key: Option<&(String, Vec<u8>)>,
) -> Result<ReelPublished, Error> {
    let ours = add(conn, new, drawn).await?;
    // Run again because nobody heard the commit, it is there.
    if !ours && store::reels::find(conn, new.id).await?.is_none() {
        // A twin with the same key may have been faster.
        let Some((key, body_hash)) = key else { return Err(Error::UploadAlreadyUsed) };
        let first = answers::find(conn, key).await?.ok_or(Error::UploadAlreadyUsed)?;
        return repeat(first, body_hash);
    }
    let shown = store::shown::find(conn, new.id, Some(account.user_id)).await?;
    let shown = shown.ok_or(Error::Missing("the reel just added"))?;
    let published = ReelPublished::new(shown, &Caller::Account(account.clone()));
    if let Some((key, body_hash)) = key.filter(|_| ours) {
        let answer = Answer {
            key: key.clone(),
            owner_id: Some(account.user_id.into()),
            body_hash: body_hash.clone(),
            answer: Some(published.encode()),
        };
        if !answers::insert(conn, &answer).await.map_err(waiting_for_twin)? {
            return Err(Error::KeyReused);
        }
    }
    Ok(published)
}

fn repeat(answer: Answer, body_hash: &[u8]) -> Result<ReelPublished, Error> {
    let bytes = answer.repeat(body_hash).ok_or(Error::KeyReused)?;
    ReelPublished::repeated(&bytes)
}
