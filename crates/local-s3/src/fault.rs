//! How the bucket misbehaves while a test asks for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What goes wrong with requests of the protocol; the public side is not touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers 503 and does nothing.
    Refusing,
    /// Does and answers rightly, but begins only after this time.
    Slow(Duration),
    /// Does what was asked and closes the connection instead of answering. Reads are answered.
    Cutting,
}

#[derive(Debug, Default)]
pub(crate) struct Switch {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fault: Option<Fault>,
    requests: u64,
}

impl Switch {
    pub(crate) fn set(&self, fault: Option<Fault>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).fault = fault;
    }

    /// Counts a request and tells what happens to it.
    pub(crate) fn next(&self) -> Option<Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests += 1;
        state.fault
    }

    pub(crate) fn requests(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).requests
    }
}
