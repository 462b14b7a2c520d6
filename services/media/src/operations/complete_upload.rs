//! The bytes are in the bucket: look at them, and take the file or give it up.
//!
//! Always true: a repeated call answers the upload as it is and processes nothing twice; what is written to the bucket
//! afterwards is read by nobody.

use commerce_types::{UploadId, UserId};
use media_files::kind::HEAD;
use object_storage::Error as StorageError;

use crate::app::App;
use crate::domain::content;
use crate::domain::upload::{ErrorCode, Upload, UploadStatus};
use crate::error::Error;
use crate::operations::accept_upload::{Found, accept_pending};
use crate::operations::look_at_picture::look_at_picture;
use crate::operations::settle_upload::{Pause, give_up};
use crate::store;

/// # Errors
/// [`Error::UploadNotFound`]: not the caller's. [`Error::NotReceived`]: it may be repeated. With [`Error::TooLarge`],
/// [`Error::SizeMismatch`] and [`Error::File`] the upload has failed.
pub(crate) async fn complete_upload(app: &App, owner_id: UserId, id: UploadId) -> Result<Upload, Error> {
    let upload = own(app, owner_id, id).await?;
    if upload.status != UploadStatus::Pending {
        return Ok(upload);
    }
    let now = store::uploads::now(&mut *app.pool.get().await?).await?;
    if now - upload.created_at >= chrono::TimeDelta::from_std(app.times.pending_longest).unwrap_or_default() {
        give_up(app, id, UploadStatus::Pending, ErrorCode::UploadExpired, Pause::Lease).await?;
        return own(app, owner_id, id).await;
    }
    let refused = match look(app, &upload).await {
        Ok(found) => return accept_pending(app, id, found).await,
        Err(refused) => refused,
    };
    if let Some(code) = verdict(&refused) {
        let failed = give_up(app, id, UploadStatus::Pending, code, Pause::Lease).await?;
        // Another call may have decided first, whose objects may be gone already.
        return match failed {
            Some(upload) if upload.error_code != Some(code) => Ok(upload),
            _ => Err(refused),
        };
    }
    let upload = own(app, owner_id, id).await?;
    if upload.status == UploadStatus::Pending { Err(refused) } else { Ok(upload) }
}

async fn own(app: &App, owner_id: UserId, id: UploadId) -> Result<Upload, Error> {
    let found = store::uploads::find(&mut *app.pool.get().await?, id).await?;
    found.filter(|upload| upload.owner_id == owner_id).ok_or(Error::UploadNotFound)
}

async fn look(app: &App, upload: &Upload) -> Result<Found, Error> {
    let (key, limit) = (upload.received_key.as_str(), upload.kind.limit());
    let received = app.storage.head(key).await?.ok_or(Error::NotReceived)?.size_bytes;
    if received > limit {
        return Err(Error::TooLarge { limit });
    }
    let declared = u64::try_from(upload.size_bytes).unwrap_or_default();
    if received != declared {
        return Err(Error::SizeMismatch { declared, received });
    }
    let head = app.storage.get_range(key, 0, HEAD as u64 - 1).await.map_err(or_not_received)?;
    let kind = content::decide(upload.kind, &head)?;
    if !kind.is_video() {
        look_at_picture(app, app.storage.get(key, limit)).await.map_err(|error| match error {
            Error::Storage(error) => or_not_received(error),
            other => other,
        })?;
    }
    Ok(Found { kind, size_bytes: upload.size_bytes })
}

fn or_not_received(error: StorageError) -> Error {
    match error {
        StorageError::Missing => Error::NotReceived,
        other => Error::Storage(other),
    }
}

/// With which code the upload fails, if the file is at fault.
fn verdict(refused: &Error) -> Option<ErrorCode> {
    match refused {
        Error::TooLarge { .. } => Some(ErrorCode::FileTooLarge),
        Error::SizeMismatch { .. } => Some(ErrorCode::UnprocessableMedia),
        Error::File(refusal) => Some((*refusal).into()),
        _ => None,
    }
}
