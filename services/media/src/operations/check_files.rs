//! Hold rows against the bucket, some at a time: what is ready can be fetched, and what was received is worked on.

use std::time::Duration;

use commerce_types::UploadId;
use service_runtime::self_check::Found;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// So many files are looked at each time; the next look goes on where this one ended.
const FILES: i64 = 200;
/// Between two questions: whoever is served goes first.
const PAUSE: Duration = Duration::from_millis(10);
/// So long no file takes.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Of served copies and thumbnails.
///
/// # Errors
/// [`Error::Database`], [`Error::Storage`].
pub(crate) async fn check_files(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let after = *app.checked_up_to.lock().await;
    let ready = store::uploads::list_ready_after(&mut *app.pool.get().await?, after, FILES).await?;
    for upload in &ready {
        for key in [&upload.key, &upload.thumbnail_key].into_iter().flatten() {
            if app.storage.head(key).await?.is_none() && is_ready(app, upload.id).await? {
                found.add(format!("upload {} is ready, and {key} is not in the bucket", upload.id));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    let is_full = ready.len() >= usize::try_from(FILES).unwrap_or(usize::MAX);
    let last = ready.last().filter(|_| is_full).map(|upload| upload.id);
    *app.checked_up_to.lock().await = last.unwrap_or_else(|| Uuid::nil().into());
    Ok(found)
}

/// It may have been deleted while it was looked at.
async fn is_ready(app: &App, id: UploadId) -> Result<bool, Error> {
    Ok(store::uploads::find(&mut *app.pool.get().await?, id).await?.is_some())
}

/// Of received files.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_progress(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let overdue = store::uploads::count_overdue(&mut *app.pool.get().await?, LONGEST).await?;
    if overdue > 0 {
        found.add(format!("{overdue} files were received more than an hour ago and are neither ready nor failed"));
    }
    Ok(found)
}
