//! Work on one received file to its end, or let go of it.
//!
//! Always true: a worker that is silent for a lease has lost the file, and one that has lost it changes nothing; while the
//! storage or the database is away nothing is counted against a file.

use std::time::Duration;

use media_files::Refusal;
use media_files::video::Error as VideoError;
use metrics::counter;
use object_storage::Error as StorageError;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::upload::{ErrorCode, Upload, UploadStatus};
use crate::error::Error;
use crate::operations::serve_picture::serve_picture;
use crate::operations::serve_video::serve_video;
use crate::operations::settle_upload::{Pause, give_up};
use crate::store;

const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// How long a process that ends waits for what it works on.
const LAST_CHANCE: Duration = Duration::from_secs(5);

/// Why work on a file ended without result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The file is at fault, for good.
    #[error("the file is not taken")]
    Refused(#[from] Refusal),
    /// Not the file: it is tried again for as long as it takes.
    #[error("the bucket, the database or the disk cannot be used")]
    Away(#[source] Error),
    /// The process ends: another one goes on.
    #[error("the process ends")]
    Ending,
    /// This time, here: it is tried again, but not for ever.
    #[error("the work failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Storage(StorageError::Unavailable(_) | StorageError::File(_)) => Self::Away(error),
            Error::Database(ref cause) if cause.kind().passes() => Self::Away(error),
            Error::File(refusal) => Self::Refused(refusal),
            other => Self::Failed(other.into()),
        }
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        Error::from(error).into()
    }
}

impl From<VideoError> for Trouble {
    fn from(error: VideoError) -> Self {
        match error.refusal() {
            Some(refusal) => {
                tracing::debug!(error = service_error::chain(&error), "a video was refused");
                Self::Refused(refusal)
            }
            None => Self::Failed(error.into()),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        StorageError::File(error).into()
    }
}

/// Goes on as long as the file is this worker's and the process lives.
pub(crate) async fn process_upload(app: &App, claimed: &Upload, stop: &CancellationToken) {
    let work = async {
        if claimed.kind.is_video() { serve_video(app, claimed).await } else { serve_picture(app, claimed).await }
    };
    let outcome = tokio::select! {
        outcome = Box::pin(work) => outcome,
        () = lose(app, claimed) => {
            tracing::warn!(upload_id = %claimed.id, "another worker took over");
            return;
        }
        () = end(stop) => Err(Trouble::Ending),
    };
    let word = match &outcome {
        Ok(()) => "ready",
        Err(Trouble::Refused(_)) => "refused",
        Err(_) => "again",
    };
    counter!("media_files_worked_on_total", "kind" => claimed.kind.as_str(), "outcome" => word).increment(1);
    let settled = match outcome {
        Ok(()) => Ok(()),
        Err(trouble) => settle(app, claimed, trouble).await,
    };
    if let Err(error) = settled {
        // Its lease runs out, and somebody takes it up again.
        tracing::warn!(upload_id = %claimed.id, error = service_error::chain(&error), "a file was left as it is");
    }
}

async fn settle(app: &App, claimed: &Upload, trouble: Trouble) -> Result<(), Error> {
    let told = service_error::chain(&trouble);
    let (attempts, pause) = match trouble {
        Trouble::Refused(refusal) => {
            tracing::info!(upload_id = %claimed.id, %refusal, "a file was refused");
            let from = UploadStatus::Processing;
            return give_up(app, claimed.id, from, ErrorCode::from(refusal), Pause::No).await.map(drop);
        }
        Trouble::Away(_) => (claimed.attempts - 1, app.times.retry_pause),
        Trouble::Ending => (claimed.attempts - 1, Duration::ZERO),
        Trouble::Failed(_) => {
            let times = u32::try_from(claimed.attempts).unwrap_or(1).min(16);
            (claimed.attempts, (app.times.retry_pause * 2_u32.pow(times - 1)).min(LONGEST_PAUSE))
        }
    };
    tracing::warn!(upload_id = %claimed.id, error = told, "a file is tried again later");
    Ok(store::uploads::release(&mut *app.pool.get().await?, claimed, attempts, pause).await?)
}

async fn end(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LAST_CHANCE).await;
}

/// Ends when the file is not this worker's any more.
async fn lose(app: &App, claimed: &Upload) {
    loop {
        tokio::time::sleep(app.times.lease / 3).await;
        let renewed = async {
            let mut conn = app.pool.get().await?;
            Ok::<_, Error>(store::uploads::renew(&mut conn, claimed, app.times.lease).await?)
        };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => return,
            // While the database is away nobody else takes over either.
            Err(error) => tracing::debug!(error = service_error::chain(&error), "a lease was not renewed"),
        }
    }
}
