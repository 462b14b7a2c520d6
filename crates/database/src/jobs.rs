//! Work that is due again and again and needs no input.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Does `job` at once and then every `period`, until `stop`. A failure is logged and the next turn is taken.
///
/// The job is never cut in the middle: `stop` is looked at between two turns.
///
/// # Errors
/// None; in the shape of a task.
pub async fn every<E, F>(
    period: Duration,
    name: &'static str,
    stop: CancellationToken,
    job: impl Fn() -> F,
) -> Result<(), Infallible>
where
    E: StdError + 'static,
    // A future with a name: of an async closure nobody could say that it may move between threads.
    F: Future<Output = Result<(), E>>,
{
    let mut turns = tokio::time::interval(period);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = turns.tick() => {}
        }
        if let Err(error) = job().await {
            tracing::warn!(error = &error as &dyn StdError, job = name, "a periodic job failed");
        }
    }
}
