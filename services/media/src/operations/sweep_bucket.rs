//! Delete objects that belong to nothing: left by who died between the bucket and the database, or written when leave to
//! write had been used already. A reconciler that needs no input.
//!
//! Always true: only objects under our own folders whose names are of our own making are touched, and only when they are
//! older than anything that could still become a row.

use std::collections::HashMap;

use chrono::TimeDelta;
use commerce_types::UploadId;
use object_storage::Listed;

use crate::app::App;
use crate::domain::key;
use crate::domain::upload::Upload;
use crate::error::Error;
use crate::store;

const PAGE: usize = 500;
/// Received objects are worked on soon after they were written.
const RECEIVED_AGE: TimeDelta = TimeDelta::hours(2);
const SERVED_AGE: TimeDelta = TimeDelta::hours(24);

/// How many those were.
///
/// # Errors
/// [`Error::Storage`], [`Error::Database`].
pub(crate) async fn sweep_bucket(app: &App) -> Result<usize, Error> {
    let mut deleted = 0;
    for folder in key::FOLDERS {
        let mut after: Option<String> = None;
        loop {
            let page = app.storage.list(folder, after.as_deref(), PAGE).await?;
            for key in left_over(app, folder, &page.objects).await? {
                app.storage.delete(&key).await?;
                tracing::info!(key, "an object that belonged to nothing was deleted");
                deleted += 1;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(deleted)
}

async fn left_over(app: &App, folder: &str, objects: &[Listed]) -> Result<Vec<String>, Error> {
    let age = if folder == key::RECEIVED { RECEIVED_AGE } else { SERVED_AGE };
    let before = app.clock.now() - age;
    let old = objects.iter().filter(|object| object.last_modified.is_some_and(|written| written < before));
    let ours: Vec<(UploadId, &str)> =
        old.filter_map(|object| Some((key::upload_id(&object.key)?, object.key.as_str()))).collect();
    if ours.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<UploadId> = ours.iter().map(|(id, _)| *id).collect();
    let rows = store::uploads::list(&mut *app.pool.get().await?, &ids, &[]).await?;
    let rows: HashMap<UploadId, Upload> = rows.into_iter().map(|upload| (upload.id, upload)).collect();
    let needed = |id: &UploadId, key: &str| rows.get(id).is_some_and(|upload| upload.needs(key));
    Ok(ours.into_iter().filter(|(id, key)| !needed(id, key)).map(|(_, key)| key.to_owned()).collect())
}
