//! What every part of a process is given.

use crate::{Clock, Ids, Lifecycle, Readiness};

/// The process that a service runs in. `standalone` gives one to all services.
#[derive(Clone, Default)]
pub struct Process {
    /// The time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
    /// Tasks and the end.
    pub lifecycle: Lifecycle,
    /// What it cannot work without.
    pub readiness: Readiness,
}
