//! What was dropped lately, so that an answer asked for before is not kept after.
//!
//! Who asks takes a mark first. When the answer is there, it may be kept only if nothing that concerns it was
//! dropped since the mark. Bounded: a mark older than the log's memory counts as overtaken.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct DropLog<F> {
    log: Mutex<Log<F>>,
    most: usize,
}

struct Log<F> {
    /// The mark of now: how many drops there were.
    count: u64,
    latest: VecDeque<F>,
}

impl<F> DropLog<F> {
    pub(crate) fn new(most: usize) -> Self {
        Self { log: Mutex::new(Log { count: 0, latest: VecDeque::with_capacity(most) }), most }
    }

    /// Now, to be compared with later drops.
    pub(crate) fn mark(&self) -> u64 {
        self.lock().count
    }

    /// Something was dropped. To be called before what is kept is searched through.
    pub(crate) fn record(&self, fact: F) {
        let mut log = self.lock();
        if log.latest.len() == self.most {
            log.latest.pop_front();
        }
        log.latest.push_back(fact);
        log.count += 1;
    }

    /// Whether something that `concerns` was dropped since `mark`.
    pub(crate) fn overtook(&self, mark: u64, concerns: impl Fn(&F) -> bool) -> bool {
        let log = self.lock();
        let Ok(since) = usize::try_from(log.count - mark) else { return true };
        since > log.latest.len() || log.latest.iter().rev().take(since).any(concerns)
    }

    fn lock(&self) -> MutexGuard<'_, Log<F>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_later_drops_that_concern_overtake() {
        let log = DropLog::new(3);
        log.record(1);
        let mark = log.mark();
        assert!(!log.overtook(mark, |_| true));
        log.record(2);
        assert!(log.overtook(mark, |fact| *fact == 2));
        assert!(!log.overtook(mark, |fact| *fact == 1));
    }

    #[test]
    fn what_is_forgotten_counts_as_overtaken() {
        let log = DropLog::new(3);
        let mark = log.mark();
        for fact in 0..3 {
            log.record(fact);
        }
        assert!(!log.overtook(mark, |fact| *fact == 9));
        log.record(3);
        assert!(log.overtook(mark, |fact| *fact == 9));
    }
}
