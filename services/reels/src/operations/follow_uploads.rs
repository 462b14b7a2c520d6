//! Learn what became of the videos that reels wait for: from what media says, and by asking where nothing was heard.
//!
//! Always true: a reel is ready or failed once, and what is said of it is in the same transaction.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use commerce_types::UploadId;
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::reel::{ReelStatus, SentVideo, VideoState};
use crate::error::Error;
use crate::{events, store};

/// What is not heard within this time is asked for.
const PATIENCE: Duration = Duration::from_secs(10);
const AT_ONCE: i64 = 100;
/// Of a reel whose upload is gone.
const GONE: &str = "PROCESSING_FAILED";

/// Asks about all reels that have waited too long; due every few seconds, needs no input.
///
/// # Errors
/// [`Error::Media`], [`Error::Database`].
pub(crate) async fn follow_awaited(app: &App) -> Result<(), Error> {
    let awaited = store::reels::list_awaited(&mut *app.pool.get().await?, PATIENCE, AT_ONCE).await?;
    if awaited.is_empty() { Ok(()) } else { follow(app, &awaited).await }
}

/// Asks media and keeps what is final.
///
/// # Errors
/// [`Error::Media`], [`Error::Database`].
pub(crate) async fn follow(app: &App, uploads: &[UploadId]) -> Result<(), Error> {
    let found = app.media.by_ids(uploads).await?;
    let known: HashSet<UploadId> = found.iter().map(|video| video.upload_id).collect();
    let now = app.clock.now();
    for video in found {
        database::transaction(&app.pool, async |conn| settle(conn, video.clone(), now).await).await?;
    }
    for gone in uploads.iter().filter(|id| !known.contains(id)) {
        let state = VideoState::Failed(GONE.to_owned());
        database::transaction(&app.pool, async |conn| become_of(conn, *gone, state.clone(), now).await).await?;
    }
    app.waker.wake();
    Ok(())
}

/// What became of it, in the caller's transaction.
pub(crate) async fn settle(conn: &mut AsyncPgConnection, video: SentVideo, now: DateTime<Utc>) -> Result<(), Error> {
    if matches!(video.state, VideoState::Pending | VideoState::Processing) {
        return Ok(());
    }
    become_of(conn, video.upload_id, video.state, now).await
}

async fn become_of(
    conn: &mut AsyncPgConnection,
    upload_id: UploadId,
    state: VideoState,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(reel) = store::reels::find_of_upload(conn, upload_id).await? else { return Ok(()) };
    // First the product, as everybody locks them. A reel that moves to another one meanwhile is met at the next look.
    let Some(product) = store::products::lock(conn, reel.product_id).await? else { return Ok(()) };
    let Some(mut reel) = store::reels::lock(conn, reel.id).await? else { return Ok(()) };
    if reel.status != ReelStatus::Processing || reel.product_id != product.id {
        return Ok(());
    }
    reel.settle(state, product.on_sale);
    reel.updated_at = now;
    store::reels::settle(conn, &reel).await?;
    if reel.status == ReelStatus::Ready {
        ::events::write(conn, &[events::reel_ready(&reel)]).await?;
    }
    Ok(())
}
