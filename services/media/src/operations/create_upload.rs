//! Give leave to write one object straight to the bucket.
//!
//! Always true: there is a row before anybody can write, and never more than fifty of an account wait for bytes.

use access_token::Caller;
use chrono::{DateTime, Utc};
use commerce_types::UploadId;
use object_storage::Presigned;

use crate::app::App;
use crate::domain::intent::{Intent, Invalid};
use crate::domain::upload::{File, Upload};
use crate::domain::{content, quota};
use crate::error::Error;
use crate::operations::check_upload::check_upload;
use crate::store;

/// Leave that was given.
pub(crate) struct Leave {
    pub(crate) id: UploadId,
    pub(crate) presigned: Presigned,
    pub(crate) expires_at: DateTime<Utc>,
    /// Of the received object.
    pub(crate) key: String,
}

/// # Errors
/// As [`check_upload`]; [`Error::File`] for a type, [`Error::TooLarge`] for a size that is not taken.
pub(crate) async fn create_upload(
    app: &App,
    caller: &Caller,
    token: &str,
    intent: Intent,
    (content_type, size_bytes): (&str, i64),
) -> Result<Leave, Error> {
    let declared = u64::try_from(size_bytes).ok().filter(|size| *size >= 1);
    let owner_id = check_upload(app, caller, token, intent).await?;
    let declared = declared.ok_or(Invalid { field: "size_bytes", problem: "must be at least 1" })?;
    if !content::may_be_declared(intent.kind, content_type) {
        return Err(media_files::Refusal::Unsupported.into());
    }
    let limit = intent.kind.limit();
    if declared > limit {
        return Err(Error::TooLarge { limit });
    }
    let (id, secrets) = (app.ids.next(), [app.secret(), app.secret()]);
    let file = File { content_type, size_bytes };
    let upload = database::transaction(&app.pool, async |conn| {
        store::uploads::hold_owner(conn, owner_id).await?;
        if let Some(upload) = store::uploads::find(conn, id).await? {
            // Run again because nobody heard the commit.
            return Ok(upload);
        }
        quota::take_place(store::uploads::count_pending(conn, owner_id).await?)?;
        quota::take(store::receipts::sum_up(conn, owner_id, quota::WINDOW).await?, size_bytes)?;
        let now = store::uploads::now(conn).await?;
        let expires_at = now + app.times.write_valid;
        let upload = Upload::pending((id, &secrets), (owner_id, &intent), file, now, expires_at);
        store::uploads::insert(conn, &upload).await?;
        Ok::<_, Error>(upload)
    });
    let upload = upload.await?;
    let valid = app.times.write_valid;
    let presigned = app.storage.presign_put(&upload.received_key, content_type, declared, valid).await?;
    Ok(Leave { id, presigned, expires_at: upload.expires_at.unwrap_or_default(), key: upload.received_key })
}
