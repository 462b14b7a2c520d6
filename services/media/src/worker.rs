//! The loop that works on received files: some at a time, woken by this process and by the clock.

use std::convert::Infallible;

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::operations::claim_upload::claim_upload;
use crate::operations::process_upload::process_upload;

/// Works on `parallel` files at a time, until `stop`; a file that was begun is finished, as far as the process waits.
///
/// # Errors
/// None; in the shape of a task.
pub(crate) async fn run(app: App, parallel: usize, stop: CancellationToken) -> Result<(), Infallible> {
    join_all((0..parallel).map(|_| lane(&app, &stop))).await;
    Ok(())
}

async fn lane(app: &App, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match claim_upload(app).await {
            Ok(Some(claimed)) => {
                process_upload(app, &claimed, stop).await;
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(error = service_error::chain(&error), "no file could be taken"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.received.notified() => {}
            () = tokio::time::sleep(app.times.worker_poll) => {}
        }
    }
}
