//! Make the served copy and the thumbnail of a received video.
//!
//! Always true: no video is ever in memory; what is served has lost its metadata; both objects are there before anybody is
//! told, and done again they get the same bytes.

use std::path::Path;

use media_files::video::{Header, Tools};
use object_storage::{Audience, NewObject};
use service_runtime::crash_point;

use crate::app::App;
use crate::domain::key;
use crate::domain::upload::{Served, Upload};
use crate::error::Error;
use crate::operations::process_upload::Trouble;
use crate::operations::settle_upload::finish;
use crate::operations::sweep_spool::FOLDER;

/// The longest video, as everybody keeps it: what a container adds by rounding does not count.
const LONGEST_MS: u128 = 300_000;

/// # Errors
/// [`Trouble`].
pub(crate) async fn serve_video(app: &App, upload: &Upload) -> Result<(), Trouble> {
    // Some other worker may have it.
    let tools = app.tools.as_deref().ok_or(Trouble::Failed(Error::NoVideos.into()))?;
    let folder = tempfile::Builder::new().prefix(FOLDER).tempdir_in(&app.spool)?;
    let [received, copy, poster] = ["received", "copy", "poster.jpg"].map(|name| folder.path().join(name));
    app.storage.download(&upload.received_key, &received, upload.kind.limit()).await?;
    crash_point("media_after_fetched");
    let header = tools.probe(&received).await?;
    make(tools, &header, &received, [&copy, &poster]).await?;
    let served = measured(upload, &header, tokio::fs::metadata(&copy).await?.len());
    let new = NewObject { key: &served.key, content_type: served.content_type, audience: Audience::Public };
    app.storage.put_file(&new, &copy).await?;
    crash_point("media_after_copy");
    let key = key::thumbnail(&upload.stem());
    let new = NewObject { key: &key, content_type: "image/jpeg", audience: Audience::Public };
    app.storage.put_file(&new, &poster).await?;
    crash_point("media_after_thumbnail");
    finish(app, upload.id, &served).await?;
    crash_point("media_after_ready");
    Ok(())
}

async fn make(tools: &Tools, header: &Header, received: &Path, [copy, poster]: [&Path; 2]) -> Result<(), Trouble> {
    tools.rewrite(header, received, copy).await?;
    Ok(tools.poster(header, received, poster).await?)
}

fn measured(upload: &Upload, header: &Header, bytes: u64) -> Served {
    let kind = header.served_kind();
    let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    Served {
        content_type: kind.content_type(),
        // Told when it was received.
        key: upload.key.clone().unwrap_or_else(|| key::served(&upload.stem(), kind.extension())),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        width: side(header.width),
        height: side(header.height),
        duration_ms: i64::try_from(header.duration.as_millis().min(LONGEST_MS)).ok(),
    }
}
