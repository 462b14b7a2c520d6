//! Take one received file to work on, if there is one.
//!
//! Always true: of any number of workers one has it, until it is done or its lease runs out; what five workers could not
//! do, or died of, is given up.

use crate::app::App;
use crate::domain::upload::{ErrorCode, Upload, UploadStatus};
use crate::error::Error;
use crate::operations::settle_upload::{Pause, give_up};
use crate::store;

/// So often a file is taken up.
const ATTEMPTS: i32 = 5;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn claim_upload(app: &App) -> Result<Option<Upload>, Error> {
    loop {
        let (lease, videos) = (app.times.lease, app.tools.is_some());
        let claimed = database::transaction(&app.pool, async |conn| {
            Ok::<_, Error>(store::uploads::claim(conn, lease, videos).await?)
        });
        match claimed.await? {
            // What is served already is not taken away from those who show it: its thumbnail is tried again and again.
            Some(upload) if upload.attempts > ATTEMPTS && upload.served_at.is_none() => {
                tracing::error!(upload_id = %upload.id, "a file was taken up {ATTEMPTS} times and never finished");
                let (from, code) = (UploadStatus::Processing, ErrorCode::ProcessingFailed);
                give_up(app, upload.id, from, code, Pause::Lease).await?;
            }
            claimed => return Ok(claimed),
        }
    }
}
