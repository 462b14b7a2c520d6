//! Look for what must never be. Only looks: whoever is told decides.

use events::{Broker, Queue, self_check};
use service_runtime::self_check::Report;

use crate::app::App;
use crate::operations::check_files::{check_files, check_progress};

/// A reconciler that needs no input. What cannot be looked at stands in the report and stops no other look.
pub(crate) async fn check_everything(app: &App, broker: &Broker) -> Report {
    let mut report = Report::new("media");
    report.add("media_files", check_files(app).await);
    report.add("media_progress", check_progress(app).await);
    self_check::look(&mut report, &app.pool, broker, Queue::Media).await;
    report
}
