//! Whether a process can serve its own routes: what it cannot work without, and nothing else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

/// What does not answer in this time is missing.
const PATIENCE: Duration = Duration::from_secs(1);

type Check = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// The checks of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Readiness {
    checks: Arc<Mutex<Vec<(&'static str, Check)>>>,
    draining: CancellationToken,
}

impl Readiness {
    /// Adds something the process cannot work without: its own database, never Redis or RabbitMQ.
    pub fn require<F>(&self, name: &'static str, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).push((name, check));
    }

    /// From now on the process is never ready again: it is going.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Whether [`Readiness::drain`] was called.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Cancelled by [`Readiness::drain`].
    #[must_use]
    pub fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// The names of what is missing now; empty means ready.
    pub async fn missing(&self) -> Vec<&'static str> {
        if self.is_draining() {
            return vec!["draining"];
        }
        let checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let answers = join_all(checks.iter().map(|(_, check)| tokio::time::timeout(PATIENCE, check()))).await;
        checks.iter().zip(answers).filter(|(_, up)| !matches!(up, Ok(true))).map(|((name, _), _)| *name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_away_or_hangs_is_missing() {
        let readiness = Readiness::default();
        readiness.require("database", || async { true });
        assert!(readiness.missing().await.is_empty());
        readiness.require("keys", || async { false });
        readiness.require("disk", std::future::pending);
        assert_eq!(readiness.missing().await, ["keys", "disk"]);
        readiness.drain();
        assert_eq!(readiness.missing().await, ["draining"]);
    }
}
