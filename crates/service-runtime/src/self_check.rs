//! What a service finds when it looks at its own data: a line in the log for each finding, a number in the metrics for
//! each check. Nothing is ever repaired here: whoever reads it decides.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use metrics::{describe_gauge, gauge};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::{Clock, Outcome};

/// So many findings of a check are told; the others are counted.
const TOLD: usize = 100;
/// After a start the other services have so long to be there, too.
const FIRST: Duration = Duration::from_secs(60);
/// Exit code when something was found; what could not be looked at ends as any failure does.
const FOUND: u8 = 2;
const FAILED: u8 = 1;

/// What one check found.
#[derive(Debug, Default)]
pub struct Found {
    count: usize,
    told: Vec<String>,
}

impl Found {
    /// Something is not as it must be: one line that names the object and both sides of the contradiction, without
    /// personal data.
    pub fn add(&mut self, what: impl Into<String>) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(what.into());
        }
    }

    /// How much was found.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

/// What all checks of a service found.
#[derive(Debug)]
pub struct Report {
    service: &'static str,
    checks: Vec<(&'static str, Result<Found, String>)>,
}

impl Report {
    /// Of a service whose checks are still to come.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        Self { service, checks: Vec::new() }
    }

    /// Takes in what a check found, or why it could not look; the log and the metrics hear of it.
    pub fn add<E: std::error::Error>(&mut self, check: &'static str, found: Result<Found, E>) {
        let service = self.service;
        let found = found.map_err(|error| {
            let causes = std::iter::successors(error.source(), |cause| cause.source());
            causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
        });
        match &found {
            Ok(found) => {
                for finding in &found.told {
                    tracing::error!(service, check, finding, "a self-check found something");
                }
                if found.count > found.told.len() {
                    tracing::error!(service, check, findings = found.count, "a self-check found more than is told");
                }
                describe();
                gauge!("self_check_findings", "service" => service, "check" => check).set(found.count as f64);
                let looked_at = Clock::system().now().timestamp();
                gauge!("self_check_looked_at_timestamp_seconds", "service" => service, "check" => check)
                    .set(looked_at as f64);
            }
            Err(error) => {
                tracing::warn!(error, service, check, "a self-check could not look");
            }
        }
        self.checks.push((check, found));
    }

    /// How much was found by all checks.
    #[must_use]
    pub fn findings(&self) -> usize {
        self.checks.iter().filter_map(|(_, found)| found.as_ref().ok()).map(Found::count).sum()
    }

    /// Whether every check could look.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.checks.iter().all(|(_, found)| found.is_ok())
    }
}

/// With the texts for whoever is woken by it.
fn describe() {
    describe_gauge!(
        "self_check_findings",
        "ALARM above 0: stored data contradicts itself. The log has a line for each finding; `<service> check` looks again"
    );
    describe_gauge!(
        "self_check_looked_at_timestamp_seconds",
        "ALARM when older than three intervals: this self-check has not been able to look"
    );
}

/// Looks every `period`, until `stop`. A look only reads, so it may be cut anywhere.
///
/// # Errors
/// None; in the shape of a task.
pub async fn every<F: Future<Output = Report>>(
    period: Duration,
    stop: CancellationToken,
    look: impl Fn() -> F,
) -> Result<(), Infallible> {
    let mut turns = tokio::time::interval_at(Instant::now() + FIRST.min(period), period);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let look_again_and_again = async {
        loop {
            turns.tick().await;
            // The log and the metrics have it.
            let _report = look().await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        never = look_again_and_again => never,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service;
        for (check, found) in &self.checks {
            match found {
                Ok(found) if found.count == 0 => writeln!(f, "{service} {check}: well")?,
                Ok(found) => {
                    writeln!(f, "{service} {check}: {} found", found.count)?;
                    found.told.iter().try_for_each(|finding| writeln!(f, "  {finding}"))?;
                }
                Err(error) => writeln!(f, "{service} {check}: could not look: {error}")?,
            }
        }
        Ok(())
    }
}

impl From<Report> for Outcome {
    fn from(report: Report) -> Self {
        let code = match (report.findings(), report.is_complete()) {
            (0, true) => 0,
            (0, false) => FAILED,
            _ => FOUND,
        };
        Self { text: report.to_string(), code }
    }
}

/// Of several services: the worst end of theirs.
impl From<Vec<Report>> for Outcome {
    fn from(reports: Vec<Report>) -> Self {
        let outcomes: Vec<Self> = reports.into_iter().map(Self::from).collect();
        let code = outcomes.iter().map(|outcome| outcome.code).max().unwrap_or(0);
        Self { text: outcomes.into_iter().map(|outcome| outcome.text).collect(), code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(count: usize) -> Result<Found, fmt::Error> {
        let mut found = Found::default();
        (0..count).for_each(|number| found.add(format!("order {number}: 1 is not 2")));
        Ok(found)
    }

    #[test]
    fn what_was_found_is_told_and_decides_the_exit() {
        let mut report = Report::new("ordering");
        report.add("stock_ledger", found(0));
        assert_eq!(Outcome::from(report), Outcome { text: "ordering stock_ledger: well\n".to_owned(), code: 0 });

        let mut report = Report::new("ordering");
        report.add("stock_ledger", found(1));
        report.add("outbox", Err(fmt::Error));
        let text = "ordering stock_ledger: 1 found\n  order 0: 1 is not 2\n\
            ordering outbox: could not look: an error occurred when formatting an argument\n";
        assert_eq!(Outcome::from(report), Outcome { text: text.to_owned(), code: FOUND });

        let away = || {
            let mut report = Report::new("catalog");
            report.add("outbox", Err(fmt::Error));
            report
        };
        assert_eq!(Outcome::from(away()).code, FAILED);
        assert_eq!(Outcome::from(vec![Report::new("ordering"), away()]).code, FAILED);
    }

    #[test]
    fn a_flood_is_counted_and_not_told() {
        let mut report = Report::new("ordering");
        report.add("stock_ledger", found(TOLD + 5));
        assert_eq!(report.findings(), TOLD + 5);
        assert_eq!(report.to_string().lines().count(), 1 + TOLD);
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_again_and_again_until_it_is_stopped() {
        let looks = std::sync::atomic::AtomicUsize::new(0);
        let stop = CancellationToken::new();
        let look = || {
            let so_far = looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if so_far == 2 {
                stop.cancel();
            }
            std::future::ready(Report::new("ordering"))
        };
        every(Duration::from_secs(3_600), stop.clone(), look).await.unwrap();
        assert_eq!(looks.load(std::sync::atomic::Ordering::SeqCst), 3);
    }
}
