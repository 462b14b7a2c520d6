//! The stream from which every gateway reads everything.
//!
//! Always true: an instance that goes on after an outage misses nothing, hears nothing twice and in order, or is told
//! that it cannot be sure ([`Item::Gap`]). To be sure it reads its last event again: the same id at the same offset
//! means that the stream goes on where it was left.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use metrics::counter;
use tokio::time::Instant;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::broker::{Broker, Link};
use crate::envelope::{self, Received};
use crate::error::Error;
use crate::topology::text;

/// Event ids that are remembered.
const REMEMBERED: usize = 100_000;
const PREFETCH: u16 = 500;
/// So many deliveries are acknowledged together; it is only how a stream counts credit.
const ACKNOWLEDGE: u64 = 50;
const OFFSET: &str = "x-stream-offset";
/// A new segment of the stream begins with a record of the broker's own, which takes one offset. What is really lost is
/// whole segments, never a single event.
const OWN_RECORDS: i64 = 1;
/// How long the stream may take to answer a subscription.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a stream that is read on may take to show the last event again. One that began anew has nothing at that
/// offset and would be silent until somebody says something.
const PROOF_TIMEOUT: Duration = Duration::from_secs(2);

/// What a gateway hears.
#[derive(Debug)]
pub enum Item {
    /// The next event, never a repeated one.
    Event(Received),
    /// Events may have been missed: empty the caches, check the rooms again.
    Gap,
}

/// Whether the stream is being read; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<AtomicBool>);

impl Status {
    /// Readiness is degraded while this is false.
    pub fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, up: bool) {
        self.0.store(up, Ordering::Relaxed);
    }
}

/// Reads the stream for one gateway.
pub struct Reader {
    broker: Broker,
    status: Status,
    subscription: Option<Subscription>,
    position: Position,
    /// Until then the stream has to prove that it goes on.
    proof_by: Option<Instant>,
    seen: Seen,
    /// Comes after the gap that was told.
    after_gap: Option<Received>,
    backoff: Backoff,
}

struct Subscription {
    /// Ends the subscription when dropped.
    _link: Link,
    deliveries: lapin::Consumer,
    unacknowledged: u64,
    last: Option<Acker>,
}

struct Delivered {
    offset: Option<i64>,
    event: Option<Received>,
}

/// Where in the stream the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Never subscribed: what was before the start is not ours.
    Start,
    /// Subscribed, nothing read yet.
    Attached,
    /// The last event that was read.
    At { offset: i64, event_id: Uuid },
}

/// What follows from where a delivery is.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It is the next one.
    Next,
    /// It was read before; it proves that nothing is missing.
    Again,
    /// Something is missing, or the stream is another one.
    Jump,
}

impl Reader {
    /// A reader that is not attached yet.
    pub fn new(broker: Broker) -> Self {
        Self {
            broker,
            status: Status::default(),
            subscription: None,
            position: Position::Start,
            proof_by: None,
            seen: Seen::new(REMEMBERED),
            after_gap: None,
            backoff: Backoff::of_connections(),
        }
    }

    /// Whether the stream is being read, for readiness.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Whether the stream is being read.
    pub fn is_up(&self) -> bool {
        self.status.is_up()
    }

    /// Attaches to the stream, however long that takes: to be awaited before the instance is ready, so that nothing
    /// which happens after its first answer is missed.
    ///
    /// # Errors
    /// [`Error::Topology`]: what is at the broker contradicts us.
    pub async fn attach(&mut self) -> Result<(), Error> {
        while self.subscription.is_none() {
            let subscribed = tokio::time::timeout(SUBSCRIBE_TIMEOUT, self.subscribe()).await;
            match subscribed.unwrap_or(Err(Error::Silent(SUBSCRIBE_TIMEOUT))) {
                Ok(subscription) => {
                    self.subscription = Some(subscription);
                    self.status.set(true);
                    self.backoff.reset();
                    match self.position {
                        Position::Start => self.position = Position::Attached,
                        Position::Attached => {}
                        Position::At { .. } => self.proof_by = Some(Instant::now() + PROOF_TIMEOUT),
                    }
                }
                Err(error) if error.is_permanent() => return Err(error),
                Err(error) => {
                    tracing::warn!(error = service_error::chain(&error), "waiting for the live stream");
                    tokio::time::sleep(self.backoff.next()).await;
                }
            }
        }
        Ok(())
    }

    /// The next event or gap; attaches again as often as needed. A call that is dropped loses nothing.
    ///
    /// # Errors
    /// [`Error::Topology`]: what is at the broker contradicts us.
    pub async fn next(&mut self) -> Result<Item, Error> {
        if let Some(event) = self.after_gap.take() {
            return Ok(Item::Event(event));
        }
        loop {
            if self.subscription.is_none() {
                // Attached before and nothing read: what came meanwhile has no offset to ask for.
                let unsure = self.position == Position::Attached;
                self.attach().await?;
                if unsure {
                    return Ok(gap("the stream was left before its first event, or began anew"));
                }
            }
            let Some(subscription) = &mut self.subscription else { continue };
            let delivery = match self.proof_by {
                None => subscription.next().await,
                Some(proof_by) => match tokio::time::timeout_at(proof_by, subscription.next()).await {
                    Ok(delivery) => delivery,
                    Err(_elapsed) => {
                        // Another stream, of which an offset behind its end was asked for: nothing would come before that.
                        self.proof_by = None;
                        self.subscription = None;
                        self.position = Position::Attached;
                        continue;
                    }
                },
            };
            match delivery {
                Ok(delivery) => {
                    self.proof_by = None;
                    if let Some(item) = self.take(delivery) {
                        return Ok(item);
                    }
                }
                Err(error) => {
                    tracing::warn!(error = service_error::chain(&error), "the live stream was lost");
                    self.status.set(false);
                    self.subscription = None;
                }
            }
        }
    }

    async fn subscribe(&self) -> Result<Subscription, Error> {
        let link = self.broker.connect("live reader").await?;
        link.channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let mut arguments = FieldTable::default();
        let offset = match self.position {
            Position::Start | Position::Attached => text("next"),
            Position::At { offset, .. } => AMQPValue::LongLongInt(offset),
        };
        arguments.insert(OFFSET.into(), offset);
        let stream = self.broker.topology().live().into();
        let options = BasicConsumeOptions::default();
        let deliveries = link.channel.basic_consume(stream, "live".into(), options, arguments).await?;
        Ok(Subscription { _link: link, deliveries, unacknowledged: 0, last: None })
    }

    fn take(&mut self, delivered: Delivered) -> Option<Item> {
        let (Some(offset), Some(event)) = (delivered.offset, delivered.event) else {
            tracing::error!("a message on the live stream is no event");
            return None;
        };
        let step = self.position.step(offset, event.event_id, &self.seen);
        if step == Step::Again {
            return None;
        }
        self.position = Position::At { offset, event_id: event.event_id };
        let repeated = !self.seen.insert(event.event_id);
        if repeated {
            counter!("events_live_repeated_total").increment(1);
        }
        if step == Step::Jump {
            self.after_gap = (!repeated).then_some(event);
            return Some(gap("the offsets of the stream do not go on"));
        }
        (!repeated).then_some(Item::Event(event))
    }
}

impl Subscription {
    /// The next delivery. All waiting is done before it is taken, so that a dropped call loses none.
    async fn next(&mut self) -> Result<Delivered, Error> {
        if self.unacknowledged >= ACKNOWLEDGE
            && let Some(last) = &self.last
        {
            last.ack(BasicAckOptions { multiple: true }).await?;
            self.unacknowledged = 0;
        }
        let mut delivery = self.deliveries.next().await.ok_or(Error::Unsubscribed)??;
        let headers = delivery.properties.headers().as_ref();
        let offset = headers.and_then(|headers| envelope::number_header(headers, OFFSET));
        let event = envelope::open(&mut delivery);
        self.unacknowledged += 1;
        self.last = Some(delivery.acker);
        Ok(Delivered { offset, event })
    }
}

impl Position {
    /// Where `event_id` at `offset` stands to what was read before.
    fn step(self, offset: i64, event_id: Uuid, seen: &Seen) -> Step {
        match self {
            Self::Start | Self::Attached => Step::Next,
            Self::At { offset: last, .. } if (1..=1 + OWN_RECORDS).contains(&(offset - last)) => Step::Next,
            Self::At { offset: last, event_id: same } if offset == last && event_id == same => Step::Again,
            Self::At { offset: last, .. } if offset < last && seen.contains(event_id) => Step::Again,
            Self::At { .. } => Step::Jump,
        }
    }
}

/// The newest event ids, up to a number.
struct Seen {
    limit: usize,
    order: VecDeque<Uuid>,
    ids: HashSet<Uuid>,
}

impl Seen {
    fn new(limit: usize) -> Self {
        Self { limit, order: VecDeque::new(), ids: HashSet::new() }
    }

    fn contains(&self, id: Uuid) -> bool {
        self.ids.contains(&id)
    }

    /// False if it is known.
    fn insert(&mut self, id: Uuid) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

fn gap(reason: &'static str) -> Item {
    tracing::warn!(reason, "events may have been missed");
    counter!("events_live_gaps_total").increment(1);
    Item::Gap
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn the_position_tells_what_goes_on_from_what_does_not() {
        let mut seen = Seen::new(10);
        seen.insert(id(6));
        seen.insert(id(7));
        let at = Position::At { offset: 7, event_id: id(7) };
        assert_eq!(at.step(8, id(8), &seen), Step::Next);
        assert_eq!(at.step(7, id(7), &seen), Step::Again);
        assert_eq!(at.step(6, id(6), &seen), Step::Again);
        assert_eq!(at.step(9, id(9), &seen), Step::Next, "a segment began");
        assert_eq!(at.step(10, id(10), &seen), Step::Jump, "offsets are missing");
        assert_eq!(at.step(7, id(70), &seen), Step::Jump, "another event at our offset");
        assert_eq!(at.step(2, id(20), &seen), Step::Jump, "the stream began anew");
        assert_eq!(Position::Attached.step(900, id(1), &seen), Step::Next);
    }

    #[test]
    fn the_newest_ids_are_remembered() {
        let mut seen = Seen::new(2);
        assert!(seen.insert(id(1)) && seen.insert(id(2)));
        assert!(!seen.insert(id(1)));
        assert!(seen.insert(id(3)));
        assert!(!seen.contains(id(1)) && seen.contains(id(2)) && seen.contains(id(3)));
    }
}
