//! Receive a file chunk by chunk, and answer when it can be worked with.
//!
//! Always true: a caller who goes away before all was said leaves nothing; once the bytes are all here the work runs to its end;
//! whoever is refused has no row, and what may lie in the bucket of it is deleted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use access_token::Caller;
use bytes::Bytes;
use commerce_types::{UploadId, UserId};
use futures::{Stream, StreamExt, stream};
use media_files::kind::{HEAD, Kind};
use object_storage::{Audience, Cause, Error as StorageError, NewObject, Spool};
use service_runtime::crash_point;
use tokio::sync::broadcast;
use tokio::time::Instant;

use crate::app::App;
use crate::domain::content;
use crate::domain::intent::{Intent, Invalid};
use crate::domain::upload::{ErrorCode, File, Upload, UploadStatus};
use crate::error::Error;
use crate::operations::accept_upload::{Found, accept_new};
use crate::operations::check_upload::check_upload;
use crate::operations::look_at_picture::look_at_picture;
use crate::operations::settle_upload::{Pause, give_up, remove_failed};
use crate::store;

/// Between two looks at a picture that somebody waits for and a worker of another process has; the first come sooner.
const FIRST_LOOK: Duration = Duration::from_millis(25);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A message of a file that comes.
pub(crate) enum Piece {
    /// The next bytes.
    Bytes(Bytes),
    /// There are no more, and this is all that was said of the file.
    End(Intent),
}

/// A stream that ended, or went on, where it should not.
#[derive(Debug, thiserror::Error)]
enum Broken {
    /// Whoever sent it was given up: its last words were not heard.
    #[error("the end of the file was not told")]
    Unfinished,
    #[error("something follows the end of the file")]
    GoesOn,
    #[error("another file was told at the end than at the beginning")]
    OtherFile,
}

/// # Errors
/// As [`check_upload`]; [`Error::Crowded`], [`Error::Storage`], [`Error::TooLarge`], [`Error::Body`], [`Error::File`],
/// [`Error::Unprocessed`].
pub(crate) async fn receive_upload(
    app: &App,
    caller: &Caller,
    token: &str,
    intent: Intent,
    body: impl Stream<Item = Result<Piece, Cause>> + Send + Unpin,
) -> Result<Upload, Error> {
    let owner_id = check_upload(app, caller, token, intent).await?;
    let place = app.receiving.clone().try_acquire_owned().map_err(|_full| Error::Crowded)?;
    app.storage.ready().await?;
    let (spool, told) = spool(app, intent, body).await?;
    let running = app.clone();
    let stored = app.lifecycle.finish(async move {
        let stored = Box::pin(store_spooled(&running, owner_id, told, spool)).await;
        drop(place);
        stored
    });
    stored.await?
}

/// All bytes and what was said of them at the end, or an error as soon as there are too many or none come any more.
///
/// An end that was not told is none: of a caller who goes away the connection may still say that the stream is over.
async fn spool(
    app: &App,
    intent: Intent,
    body: impl Stream<Item = Result<Piece, Cause>> + Send + Unpin,
) -> Result<(Spool, Intent), Error> {
    let (limit, stall, told) = (intent.kind.limit(), app.times.stall, Mutex::new(None));
    let told_of = &told;
    let bytes = stream::try_unfold(body, move |mut body| async move {
        let mut next = async || tokio::time::timeout(stall, body.next()).await;
        let last = match next().await? {
            Some(Ok(Piece::Bytes(bytes))) => return Ok::<_, Cause>(Some((bytes, body))),
            Some(Ok(Piece::End(last))) => last,
            Some(Err(broken)) => return Err(broken),
            None => return Err(Broken::Unfinished.into()),
        };
        if next().await?.is_some() {
            return Err(Broken::GoesOn.into());
        }
        if (last.kind, last.product_id) != (intent.kind, intent.product_id) {
            return Err(Broken::OtherFile.into());
        }
        *told_of.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        Ok(None)
    });
    let filled = app.storage.spool(Box::pin(bytes), limit);
    let spool = match tokio::time::timeout(app.times.upload_longest, filled).await {
        Ok(Ok(spool)) => spool,
        Ok(Err(StorageError::TooLarge)) => return Err(Error::TooLarge { limit }),
        Ok(Err(StorageError::Body(cause))) => return Err(Error::Body(cause)),
        Ok(Err(error)) => return Err(error.into()),
        Err(late) => return Err(Error::Body(late.into())),
    };
    let last = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    let last = last.ok_or_else(|| Error::Body(Broken::Unfinished.into()))?.checked()?;
    if spool.size_bytes() == 0 {
        return Err(Invalid { field: "file", problem: "must not be empty" }.into());
    }
    Ok((spool, last))
}

async fn store_spooled(app: &App, owner_id: UserId, intent: Intent, spool: Spool) -> Result<Upload, Error> {
    let kind = content::decide(intent.kind, &spool.first(HEAD).await?)?;
    if !kind.is_video() {
        let all = usize::try_from(spool.size_bytes()).unwrap_or(usize::MAX);
        look_at_picture(app, spool.first(all)).await?;
    }
    let size_bytes = i64::try_from(spool.size_bytes()).unwrap_or(i64::MAX);
    let file = File { content_type: kind.content_type(), size_bytes };
    let (id, secrets, now) = (app.ids.next(), [app.secret(), app.secret()], app.clock.now());
    let upload = Upload::pending((id, &secrets), (owner_id, &intent), file, now, now);
    put(app, &upload, kind, &spool).await?;
    // A worker reads the bucket: the disk is free again.
    drop(spool);
    crash_point("media_after_received");
    let accepted = match accept_stored(app, &upload, Found { kind, size_bytes }).await {
        Ok(accepted) => accepted,
        Err(error) => {
            discard(app, &upload.received_key).await;
            return Err(error);
        }
    };
    if kind.is_video() { Ok(accepted) } else { wait_until_served(app, id).await }
}

/// All its bytes are in the bucket: that the database is busy, or away for a moment, costs nobody a file that took minutes.
async fn accept_stored(app: &App, upload: &Upload, found: Found) -> Result<Upload, Error> {
    let end = Instant::now() + app.times.served_within;
    loop {
        match accept_new(app, upload, found).await {
            Err(Error::Database(cause)) if cause.kind().passes() && Instant::now() < end => {
                tracing::warn!(error = service_error::chain(&cause), "a received file waits for the database");
                tokio::time::sleep(app.times.retry_pause).await;
            }
            accepted => return accepted,
        }
    }
}

async fn put(app: &App, upload: &Upload, kind: Kind, spool: &Spool) -> Result<(), Error> {
    let (key, content_type) = (upload.received_key.as_str(), kind.content_type());
    let received = NewObject { key, content_type, audience: Audience::Private };
    if let Err(error) = app.storage.put_spooled(&received, spool).await {
        discard(app, key).await;
        return Err(error.into());
    }
    Ok(())
}

/// What is left all the same, the sweep through the bucket finds.
async fn discard(app: &App, key: &str) {
    if let Err(error) = app.storage.delete(key).await {
        tracing::debug!(error = service_error::chain(&error), "a refused file stays until the bucket is swept");
    }
}

async fn wait_until_served(app: &App, id: UploadId) -> Result<Upload, Error> {
    let end = Instant::now() + app.times.served_within;
    let (mut pause, mut went_on) = (FIRST_LOOK, app.went_on.subscribe());
    loop {
        let found = store::uploads::find(&mut *app.pool.get().await?, id).await?;
        // Its owner deleted it meanwhile.
        let upload = found.ok_or(Error::UploadNotFound)?;
        if upload.is_answered() {
            return answer(app, upload).await;
        }
        if Instant::now() >= end {
            let given_up =
                give_up(app, id, UploadStatus::Processing, ErrorCode::ProcessingFailed, Pause::Lease).await?;
            return match given_up {
                // A worker was faster by a hair.
                Some(upload) if upload.served_at.is_some() => Ok(upload),
                _ => Err(Error::Unprocessed),
            };
        }
        // Told by the worker, if it is in this process, so that nobody asks while it works.
        drop(tokio::time::timeout(pause, heard(&mut went_on, id)).await);
        pause = (pause * 2).min(LOOK_AGAIN);
    }
}

async fn heard(went_on: &mut broadcast::Receiver<UploadId>, id: UploadId) {
    while went_on.recv().await.is_ok_and(|other| other != id) {}
}

/// Of what turned out to be no picture nothing stays.
async fn answer(app: &App, upload: Upload) -> Result<Upload, Error> {
    let Some(code) = upload.error_code else { return Ok(upload) };
    remove_failed(app, upload.id).await?;
    Err(match code {
        ErrorCode::UnsupportedMediaType => media_files::Refusal::Unsupported.into(),
        ErrorCode::UnprocessableMedia => media_files::Refusal::from(media_files::Reason::Damaged).into(),
        ErrorCode::FileTooLarge => Error::TooLarge { limit: upload.kind.limit() },
        ErrorCode::UploadExpired | ErrorCode::ProcessingFailed => Error::Unprocessed,
    })
}
