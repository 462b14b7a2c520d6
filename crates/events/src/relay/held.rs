//! Rows that the broker returns because no queue hears them: tried again for a while, then parked, and with them
//! the later rows of their aggregates, so that nothing overtakes.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

/// How long a returned row waits for its next try.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Held {
    park_after: Duration,
    returned: HashMap<Uuid, Returned>,
    parked: Vec<Uuid>,
}

#[derive(Debug)]
struct Returned {
    since: Instant,
    retry_at: Instant,
}

impl Held {
    pub(super) fn new(park_after: Duration) -> Self {
        Self { park_after, returned: HashMap::new(), parked: Vec::new() }
    }

    /// The aggregates whose rows are not to be published now.
    pub(super) fn skipped(&self) -> Vec<Uuid> {
        let now = Instant::now();
        self.returned.iter().filter(|(_, row)| row.retry_at > now).map(|(id, _)| *id).collect()
    }

    /// The broker had no queue for a row of the aggregate.
    pub(super) fn returned(&mut self, aggregate_id: Uuid) {
        let now = Instant::now();
        let retry_at = now + PAUSE.min(self.park_after / 4);
        self.returned.entry(aggregate_id).or_insert(Returned { since: now, retry_at }).retry_at = retry_at;
    }

    /// The broker took a row of the aggregate.
    pub(super) fn taken(&mut self, aggregate_id: Uuid) {
        self.returned.remove(&aggregate_id);
    }

    /// The aggregates that were returned for too long; they are forgotten here.
    pub(super) fn take_overdue(&mut self) -> Vec<Uuid> {
        let now = Instant::now();
        let overdue = |row: &Returned| now.duration_since(row.since) >= self.park_after;
        let ids: Vec<Uuid> = self.returned.iter().filter(|(_, row)| overdue(row)).map(|(id, _)| *id).collect();
        for id in &ids {
            self.returned.remove(id);
        }
        ids
    }

    /// The aggregates with parked rows, as the database has them.
    pub(super) fn set_parked(&mut self, parked: Vec<Uuid>) {
        self.parked = parked;
    }

    pub(super) fn is_parked(&self, aggregate_id: Uuid) -> bool {
        self.parked.contains(&aggregate_id)
    }
}
