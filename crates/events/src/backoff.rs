//! How long to wait before the next try: full jitter, doubling up to a limit.

use std::time::Duration;

use rand::Rng;

#[derive(Debug)]
pub(crate) struct Backoff {
    least: Duration,
    most: Duration,
    tries: u32,
}

impl Backoff {
    pub(crate) fn new(least: Duration, most: Duration) -> Self {
        Self { least, most, tries: 0 }
    }

    /// Of connections to the broker.
    pub(crate) fn of_connections() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(5))
    }

    /// After a success the next failure waits shortly again.
    pub(crate) fn reset(&mut self) {
        self.tries = 0;
    }

    pub(crate) fn next(&mut self) -> Duration {
        let limit = self.least.saturating_mul(1 << self.tries.min(16)).min(self.most);
        self.tries = self.tries.saturating_add(1);
        limit.mul_f64(rand::rng().random_range(0.0..=1.0))
    }
}
