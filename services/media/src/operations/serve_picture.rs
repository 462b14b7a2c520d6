//! Make the served copy and the thumbnail of a received picture.
//!
//! Always true: what is served was decoded and encoded here; done again, by whomever, the same objects get the same bytes;
//! the copy is told as soon as it can be fetched, the thumbnail later.

use bytes::Bytes;
use media_files::picture::{self, Picture, Served as ServedPicture};
use media_files::{Reason, Refusal};
use object_storage::{Audience, NewObject};
use service_runtime::crash_point;
use tokio::sync::SemaphorePermit;

use crate::app::App;
use crate::domain::key;
use crate::domain::upload::{Served, Upload};
use crate::operations::process_upload::Trouble;
use crate::operations::settle_upload::{finish, serve};

/// Pictures of more pixels are decoded one after the other: they take hundreds of megabytes while they are.
const LARGE: u64 = 8_000_000;
const THUMBNAIL_TYPE: &str = "image/jpeg";

/// # Errors
/// [`Trouble`].
pub(crate) async fn serve_picture(app: &App, upload: &Upload) -> Result<(), Trouble> {
    let limit = upload.kind.limit();
    let bytes = app.storage.get(&upload.received_key, limit).await?;
    crash_point("media_after_fetched");
    let _turn = turn(app, &bytes).await?;
    let (copy, thumbnail) = convert(bytes).await?;
    let side = |side: u32| i32::try_from(side).map_err(|_huge| Trouble::from(Refusal::from(Reason::TooManyPixels)));
    let served = Served {
        content_type: copy.kind.content_type(),
        key: key::served(&upload.stem(), copy.kind.extension()),
        bytes: i64::try_from(copy.bytes.len()).unwrap_or(i64::MAX),
        width: side(copy.width)?,
        height: side(copy.height)?,
        duration_ms: None,
    };
    if upload.served_at.is_none() {
        let new = NewObject { key: &served.key, content_type: served.content_type, audience: Audience::Public };
        app.storage.put(&new, copy.bytes.into()).await?;
        crash_point("media_after_copy");
        if serve(app, upload.id, &served).await?.is_none() {
            return Ok(());
        }
        crash_point("media_after_served");
    }
    let key = key::thumbnail(&upload.stem());
    let new = NewObject { key: &key, content_type: THUMBNAIL_TYPE, audience: Audience::Public };
    app.storage.put(&new, thumbnail.into()).await?;
    crash_point("media_after_thumbnail");
    finish(app, upload.id, &served).await?;
    crash_point("media_after_ready");
    Ok(())
}

/// Until the picture and its copy are out of memory.
async fn turn<'a>(app: &'a App, bytes: &[u8]) -> Result<Option<SemaphorePermit<'a>>, Trouble> {
    let header = picture::probe(bytes)?;
    let pixels = u64::from(header.width) * u64::from(header.height) * u64::from(header.frames);
    if pixels <= LARGE {
        return Ok(None);
    }
    Ok(Some(app.large.acquire().await.expect("it is never closed")))
}

async fn convert(bytes: Bytes) -> Result<(ServedPicture, Vec<u8>), Trouble> {
    let converted = tokio::task::spawn_blocking(move || {
        let picture = Picture::open(&bytes)?;
        drop(bytes);
        Ok::<_, Refusal>((picture.served(), picture.thumbnail()))
    });
    Ok(converted.await.map_err(|panicked| Trouble::Failed(panicked.into()))??)
}
