//! Whether what a service says and hears flows: the self-checks that every service with an outbox and a queue has.

use std::time::Duration;

use database::Pool;
use service_runtime::self_check::{Found, Report};

use crate::broker::Broker;
use crate::dead_letters;
use crate::error::Error;
use crate::outbox;
use crate::topology::Queue;

/// Twelve confirms that did not come: longer than any restart of the broker takes.
const LATE: Duration = Duration::from_secs(60);

/// Adds both checks to `report`.
pub async fn look(report: &mut Report, pool: &Pool, broker: &Broker, queue: Queue) {
    report.add("outbox", outbox_flows(pool).await);
    report.add("dead_letters", none_is_dead(broker, queue).await);
}

async fn outbox_flows(pool: &Pool) -> Result<Found, Error> {
    let (oldest_seconds, parked) = outbox::backlog(&mut *pool.get().await?).await?;
    let mut found = Found::default();
    if let Some(seconds) = oldest_seconds.filter(|seconds| *seconds > LATE.as_secs_f64()) {
        found.add(format!("the oldest unsent event waits for {seconds:.0} s"));
    }
    if parked > 0 {
        found.add(format!("{parked} events are parked: the broker returned them for too long"));
    }
    Ok(found)
}

async fn none_is_dead(broker: &Broker, queue: Queue) -> Result<Found, Error> {
    let dead = dead_letters::depth(broker, queue).await?;
    let mut found = Found::default();
    if dead > 0 {
        found.add(format!(
            "{dead} messages failed too often; `{} replay-dlq` gives them another chance",
            queue.service()
        ));
    }
    Ok(found)
}
