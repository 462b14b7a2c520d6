//! Look for what must never be. Only looks: whoever is told decides.

use events::{Broker, Queue, self_check};
use service_runtime::self_check::Report;

use crate::app::App;
use crate::operations::check_counts::{check_counts, check_feed_counts};

/// A reconciler that needs no input. What cannot be looked at stands in the report and stops no other look.
pub(crate) async fn check_everything(app: &App, broker: &Broker) -> Report {
    let mut report = Report::new("reels");
    report.add("reel_counts", check_counts(app).await);
    report.add("feed_counts", check_feed_counts(app).await);
    self_check::look(&mut report, &app.pool, broker, Queue::Reels).await;
    report
}
