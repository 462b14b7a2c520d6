//! Give up uploads whose bytes did not come in time. A reconciler that needs no input.

use crate::app::App;
use crate::domain::upload::ErrorCode;
use crate::error::Error;
use crate::operations::settle_upload::Pause;
use crate::{events, store};

const AT_A_TIME: i64 = 100;

/// How many those were.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn expire_uploads(app: &App) -> Result<usize, Error> {
    let pause = Pause::Lease.length(app);
    let expired = database::transaction(&app.pool, async |conn| {
        let mut expired = store::uploads::lock_expired(conn, app.times.pending_longest, AT_A_TIME).await?;
        let now = store::uploads::now(conn).await?;
        let mut objects = Vec::new();
        for upload in &mut expired {
            objects.extend(upload.objects());
            upload.fail(ErrorCode::UploadExpired, now);
            store::uploads::update(conn, upload).await?;
        }
        store::doomed::add(conn, &objects, pause).await?;
        let said: Vec<_> = expired.iter().map(|upload| events::upload_failed(upload, &app.public_url)).collect();
        ::events::write(conn, &said).await?;
        Ok::<_, Error>(expired.len())
    });
    let expired = expired.await?;
    if expired > 0 {
        app.waker.wake();
    }
    Ok(expired)
}
