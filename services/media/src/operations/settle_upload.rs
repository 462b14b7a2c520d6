//! Move an upload on, one step in one transaction: its copy is served, it is ready, it is given up.
//!
//! Always true: each step is taken once and said once, whoever comes second finds it done; with a step the objects that
//! nothing needs any more are doomed.

use std::time::Duration;

use commerce_types::UploadId;

use crate::app::App;
use crate::domain::upload::{ErrorCode, Served, Upload, UploadStatus};
use crate::error::Error;
use crate::{events, store};

/// When objects that are not needed may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    /// At once: who decides is the only one who wrote them.
    No,
    /// When whoever may still write them has lost its lease.
    Lease,
}

impl Pause {
    pub(crate) fn length(self, app: &App) -> Duration {
        match self {
            Self::No => Duration::ZERO,
            Self::Lease => app.times.lease * 2,
        }
    }
}

/// The served copy is in the bucket. `None` when the upload is not being processed any more.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn serve(app: &App, id: UploadId, served: &Served) -> Result<Option<Upload>, Error> {
    let served = database::transaction(&app.pool, async |conn| {
        let found = store::uploads::lock(conn, id).await?;
        let Some(mut upload) = found.filter(|upload| upload.status == UploadStatus::Processing) else {
            return Ok(None);
        };
        if upload.served_at.is_none() {
            let now = store::uploads::now(conn).await?;
            upload.serve(served, now);
            store::uploads::update(conn, &upload).await?;
        }
        Ok::<_, Error>(Some(upload))
    });
    let served = served.await?;
    app.tell(id);
    Ok(served)
}

/// The thumbnail is, too; of a video both are told here. `None` when the upload is not being processed any more.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn finish(app: &App, id: UploadId, served: &Served) -> Result<Option<Upload>, Error> {
    let event_id = app.ids.next();
    let finished = database::transaction(&app.pool, async |conn| {
        let found = store::uploads::lock(conn, id).await?;
        let Some(mut upload) = found.filter(|upload| upload.status == UploadStatus::Processing) else {
            return Ok(None);
        };
        let now = store::uploads::now(conn).await?;
        if upload.served_at.is_none() {
            upload.serve(served, now);
        }
        upload.finish(now);
        store::uploads::update(conn, &upload).await?;
        store::doomed::add(conn, std::slice::from_ref(&upload.received_key), Duration::ZERO).await?;
        ::events::write(conn, &[events::file_ready(&upload, &app.public_url).with_id(event_id)]).await?;
        Ok::<_, Error>(Some(upload))
    });
    let finished = finished.await?;
    app.waker.wake();
    Ok(finished)
}

/// It is given up, if it still is in the state `from`; a picture that is served is given up by nobody who only waited.
/// Answers the upload afterwards.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn give_up(
    app: &App,
    id: UploadId,
    from: UploadStatus,
    code: ErrorCode,
    pause: Pause,
) -> Result<Option<Upload>, Error> {
    let event_id = app.ids.next();
    let pause_length = pause.length(app);
    let given_up = database::transaction(&app.pool, async |conn| {
        let Some(mut upload) = store::uploads::lock(conn, id).await? else { return Ok(None) };
        if upload.status != from || upload.served_at.is_some() {
            return Ok(Some(upload));
        }
        let objects = upload.objects();
        let now = store::uploads::now(conn).await?;
        upload.fail(code, now);
        store::uploads::update(conn, &upload).await?;
        store::doomed::add(conn, &objects, pause_length).await?;
        ::events::write(conn, &[events::upload_failed(&upload, &app.public_url).with_id(event_id)]).await?;
        Ok::<_, Error>(Some(upload))
    });
    let given_up = given_up.await?;
    app.tell(id);
    app.waker.wake();
    Ok(given_up)
}

/// Nothing tells of a file that was refused in the very call that sent it.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn remove_failed(app: &App, id: UploadId) -> Result<(), Error> {
    let removed = database::transaction(&app.pool, async |conn| {
        let found = store::uploads::lock(conn, id).await?;
        if found.is_some_and(|upload| upload.status == UploadStatus::Failed) {
            store::uploads::delete(conn, &[id]).await?;
        }
        Ok::<_, Error>(())
    });
    removed.await
}
