//! Redis' clock as this process knows it, without asking: a monotonic one, set right by every answer.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::gcra::Micros;

/// Microseconds since the Unix epoch; until Redis told its time, by this machine's clock.
#[derive(Debug)]
pub(super) struct Clock {
    started: Instant,
    started_at: Micros,
    offset: AtomicI64,
}

impl Clock {
    pub(super) fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_at = i64::try_from(since_epoch.as_micros()).unwrap_or_default();
        Self { started: Instant::now(), started_at, offset: AtomicI64::new(0) }
    }

    pub(super) fn now(&self) -> Micros {
        self.own() + self.offset.load(Ordering::Relaxed)
    }

    /// Redis said that it was `at`, a moment ago.
    pub(super) fn set(&self, at: Micros) {
        self.offset.store(at - self.own(), Ordering::Relaxed);
    }

    fn own(&self) -> Micros {
        self.started_at + i64::try_from(self.started.elapsed().as_micros()).unwrap_or_default()
    }
}
