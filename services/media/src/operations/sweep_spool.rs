//! Delete what dead workers left on the disk. A reconciler that needs no input.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_storage::Error as StorageError;

use crate::app::App;
use crate::error::Error;

/// Folders in which a worker has its files are called so.
pub(crate) const FOLDER: &str = "media-work-";
/// No file is worked on for so long; other processes may use the same disk.
const AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// How many those were.
///
/// # Errors
/// [`Error::Storage`]: the disk cannot be read.
pub(crate) async fn sweep_spool(app: &App) -> Result<usize, Error> {
    let (spool, now) = (Arc::clone(&app.spool), SystemTime::from(app.clock.now()));
    let swept = tokio::task::spawn_blocking(move || sweep(&spool, now)).await?;
    Ok(swept.map_err(StorageError::File)?)
}

fn sweep(spool: &Path, now: SystemTime) -> io::Result<usize> {
    let mut swept = 0;
    for entry in std::fs::read_dir(spool)? {
        let entry = entry?;
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(FOLDER));
        if !is_ours || !entry.file_type()?.is_dir() {
            continue;
        }
        let age = entry.metadata()?.modified()?;
        if now.duration_since(age).is_ok_and(|age| age > AGE) {
            std::fs::remove_dir_all(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}
