//! A circuit breaker: a service that does not answer is left alone for a moment, and then tried by one call.
//!
//! Opens when at least half of at least twenty calls of ten seconds failed; two seconds later one call is let through,
//! and its outcome closes the circuit or keeps it open.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(10);
const LEAST_CALLS: u32 = 20;
const PAUSE: Duration = Duration::from_secs(2);
const BUCKETS: usize = 10;
const BUCKET: Duration = Duration::from_secs(1);

pub(super) struct Breaker {
    began: Instant,
    state: Mutex<State>,
}

struct State {
    position: Position,
    buckets: [Bucket; BUCKETS],
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    /// Which second it counts.
    second: u64,
    calls: u32,
    failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Closed,
    Open {
        until: Instant,
    },
    /// One call is finding out.
    Probing,
}

/// A call that was let through; dropped without an outcome it says nothing.
pub(super) struct Trial<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
    is_over: bool,
}

impl Breaker {
    pub(super) fn new() -> Self {
        let state = State { position: Position::Closed, buckets: [Bucket::default(); BUCKETS] };
        Self { began: Instant::now(), state: Mutex::new(state) }
    }

    /// Lets a call through, unless the circuit is open.
    pub(super) fn admit(&self) -> Option<Trial<'_>> {
        let mut state = self.lock();
        let is_probe = match state.position {
            Position::Closed => false,
            Position::Open { until } if Instant::now() >= until => {
                state.position = Position::Probing;
                true
            }
            Position::Open { .. } | Position::Probing => return None,
        };
        Some(Trial { breaker: self, is_probe, is_over: false })
    }

    /// Whether the outcome opened the circuit.
    fn record(&self, is_probe: bool, failed: bool) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        if is_probe {
            if failed {
                state.position = Position::Open { until: now + PAUSE };
            } else {
                *state = State { position: Position::Closed, buckets: [Bucket::default(); BUCKETS] };
            }
            return failed;
        }
        // Calls that were under way when the circuit opened have nothing to add.
        if state.position != Position::Closed {
            return false;
        }
        let second = now.duration_since(self.began).as_secs() / BUCKET.as_secs();
        state.count(second, failed);
        let (calls, failures) = state.recent(second);
        let opens = failed && calls >= LEAST_CALLS && failures * 2 >= calls;
        if opens {
            state.position = Position::Open { until: now + PAUSE };
        }
        opens
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, second: u64, failed: bool) {
        let bucket = &mut self.buckets[usize::try_from(second % BUCKETS as u64).unwrap_or_default()];
        if bucket.second != second {
            *bucket = Bucket { second, ..Bucket::default() };
        }
        bucket.calls += 1;
        bucket.failures += u32::from(failed);
    }

    fn recent(&self, second: u64) -> (u32, u32) {
        let recent = self.buckets.iter().filter(|bucket| second - bucket.second < WINDOW.as_secs());
        recent.fold((0, 0), |(calls, failures), bucket| (calls + bucket.calls, failures + bucket.failures))
    }
}

impl Trial<'_> {
    /// The service answered, whatever it said.
    pub(super) fn answered(mut self) {
        self.is_over = true;
        self.breaker.record(self.is_probe, false);
    }

    /// It did not; whether that opened the circuit.
    pub(super) fn failed(mut self) -> bool {
        self.is_over = true;
        self.breaker.record(self.is_probe, true)
    }
}

impl Drop for Trial<'_> {
    /// Whoever asked went away: the next call is the probe.
    fn drop(&mut self) {
        if self.is_probe && !self.is_over {
            self.breaker.lock().position = Position::Open { until: Instant::now() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker, times: usize) {
        for _ in 0..times {
            breaker.admit().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_twenty_failures_open_it_and_one_probe_closes_it() {
        let breaker = Breaker::new();
        for _ in 0..10 {
            breaker.admit().unwrap().answered();
        }
        fail(&breaker, 9);
        assert!(breaker.admit().is_some(), "nineteen calls decide nothing");
        fail(&breaker, 1);
        assert!(breaker.admit().is_none());
        tokio::time::advance(PAUSE).await;
        let probe = breaker.admit().unwrap();
        assert!(breaker.admit().is_none(), "one probe at a time");
        assert!(probe.failed());
        assert!(breaker.admit().is_none());
        tokio::time::advance(PAUSE).await;
        breaker.admit().unwrap().answered();
        assert!(breaker.admit().is_some() && breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_whose_caller_goes_away_is_followed_by_another() {
        let breaker = Breaker::new();
        fail(&breaker, 20);
        tokio::time::advance(PAUSE).await;
        drop(breaker.admit().unwrap());
        assert!(breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn old_failures_are_forgotten() {
        let breaker = Breaker::new();
        fail(&breaker, 19);
        tokio::time::advance(WINDOW).await;
        fail(&breaker, 19);
        assert!(breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn few_failures_among_many_calls_change_nothing() {
        let breaker = Breaker::new();
        for _ in 0..100 {
            breaker.admit().unwrap().answered();
        }
        fail(&breaker, 90);
        assert!(breaker.admit().is_some());
    }
}
