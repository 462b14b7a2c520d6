//! Take a file whose bytes are all in the bucket: from here on a worker is responsible for it.
//!
//! Always true: what an account sent is counted exactly, also by many requests at once; the row, what was counted and what
//! is said of it are one transaction. The row itself is what a worker finds: no message can be lost.

use commerce_types::UploadId;
use media_files::kind::Kind;
use service_runtime::crash_point;

use crate::app::App;
use crate::domain::upload::{Upload, UploadStatus};
use crate::domain::{content, quota};
use crate::error::Error;
use crate::{events, store};

/// What the bytes turned out to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) size_bytes: i64,
}

/// A file that came through this service: `upload` has no row yet.
///
/// # Errors
/// [`Error::Quota`].
pub(crate) async fn accept_new(app: &App, upload: &Upload, found: Found) -> Result<Upload, Error> {
    accept(app, upload.id, Some(upload), found).await
}

/// A file that was written to the bucket; one that somebody else accepted or gave up is answered as it is.
///
/// # Errors
/// [`Error::Quota`]; [`Error::UploadNotFound`] if it was deleted meanwhile.
pub(crate) async fn accept_pending(app: &App, id: UploadId, found: Found) -> Result<Upload, Error> {
    accept(app, id, None, found).await
}

async fn accept(app: &App, id: UploadId, new: Option<&Upload>, found: Found) -> Result<Upload, Error> {
    let event_id = app.ids.next();
    let accepted = database::transaction(&app.pool, async |conn| {
        let known = store::uploads::lock(conn, id).await?;
        let is_new = known.is_none();
        let mut upload = known.or_else(|| new.cloned()).ok_or(Error::UploadNotFound)?;
        if upload.status != UploadStatus::Pending {
            return Ok(upload);
        }
        store::uploads::hold_owner(conn, upload.owner_id).await?;
        let received = store::receipts::sum_up(conn, upload.owner_id, quota::WINDOW).await?;
        quota::take(received, found.size_bytes)?;
        let extension = upload.kind.is_video().then(|| content::served_extension_of_video(found.kind));
        upload.size_bytes = found.size_bytes;
        let now = store::uploads::now(conn).await?;
        upload.receive(found.kind.content_type(), extension, now);
        if is_new {
            (upload.created_at, upload.updated_at) = (now, now);
            store::uploads::insert(conn, &upload).await?;
        } else {
            store::uploads::update(conn, &upload).await?;
        }
        store::receipts::insert(conn, (upload.id, upload.owner_id), found.size_bytes).await?;
        ::events::write(conn, &[events::upload_completed(&upload, &app.public_url).with_id(event_id)]).await?;
        crash_point("media_before_accepted");
        Ok::<_, Error>(upload)
    });
    let upload = accepted.await?;
    crash_point("media_after_accepted");
    app.waker.wake();
    app.received.notify_one();
    Ok(upload)
}
