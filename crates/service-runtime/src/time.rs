//! The process's time. Business deadlines come from the database's clock instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// The time of the machine, or one that a test moves. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds that a test has moved it by.
    moved: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's time until somebody moves it.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Now, to the microsecond, as PostgreSQL keeps it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's time is read")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now() + TimeDelta::microseconds(self.moved.load(Ordering::Relaxed));
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Moves the time of everybody who shares this clock; for tests.
    pub fn advance(&self, by: TimeDelta) {
        self.moved.fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}
