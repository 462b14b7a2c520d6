//! The time in which one connection delivers; any failure of it ends the session, and what was not acknowledged comes
//! again.

use std::time::Duration;

use futures::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions};
use lapin::types::FieldTable;
use metrics::{counter, gauge};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::broker::Link;
use crate::dead_letters;
use crate::envelope::{self, Received};
use crate::error::Error;

use super::inbox::{self, Failure};
use super::{Consumer, Handler};

const TAG: &str = "applies";
/// When nothing came for so long, nothing is on its way.
const QUIET: Duration = Duration::from_millis(100);
/// How long a stopping consumer may go on with what was already delivered.
const FINISH: Duration = Duration::from_secs(5);

pub(super) struct Session<'a, H> {
    consumer: &'a Consumer<H>,
    link: Link,
    deliveries: lapin::Consumer,
    /// The broker said that nothing more comes; it says so once.
    ended: bool,
}

/// A delivery and what it says.
struct Message {
    delivery: Delivery,
    event: Received,
}

impl<'a, H: Handler> Session<'a, H> {
    pub(super) async fn start(consumer: &'a Consumer<H>) -> Result<Self, Error> {
        let link = consumer.broker.connect_to_queues(&format!("{} consumer", consumer.queue.service())).await?;
        link.channel.basic_qos(consumer.settings.prefetch, BasicQosOptions::default()).await?;
        let queue = consumer.broker.topology().queue(consumer.queue).into();
        let options = BasicConsumeOptions::default();
        let deliveries = link.channel.basic_consume(queue, TAG.into(), options, FieldTable::default()).await?;
        Ok(Self { consumer, link, deliveries, ended: false })
    }

    /// Applies batch after batch until `stop`, and then what was already delivered.
    pub(super) async fn consume(mut self, stop: &CancellationToken) -> Result<(), Error> {
        let mut measure = tokio::time::interval(self.consumer.settings.measure);
        loop {
            let first = tokio::select! {
                biased;
                () = stop.cancelled() => return self.finish(stop).await,
                _ = measure.tick() => {
                    self.measure().await?;
                    continue;
                }
                first = self.next() => first?,
            };
            let batch = self.collect(first.ok_or(Error::Unsubscribed)?).await?;
            self.take(batch, stop).await?;
        }
    }

    /// What goes back untouched counts as a failed delivery and loses its place. So all that the broker has sent is
    /// taken in first, without acknowledging any, as that would let it send more; then the subscription ends.
    async fn finish(mut self, stop: &CancellationToken) -> Result<(), Error> {
        let settings = &self.consumer.settings;
        let mut rest = Vec::new();
        while rest.len() < usize::from(settings.prefetch) {
            let Ok(delivery) = tokio::time::timeout(QUIET, self.next()).await else { break };
            rest.extend(self.read(delivery?.ok_or(Error::Unsubscribed)?).await?);
        }
        self.link.channel.basic_cancel(TAG.into(), BasicCancelOptions::default()).await?;
        let finish_by = Instant::now() + FINISH;
        while !rest.is_empty() && Instant::now() < finish_by {
            let batch = rest.drain(..rest.len().min(settings.batch)).collect();
            self.take(batch, stop).await?;
        }
        self.link.close().await;
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Delivery>, Error> {
        if self.ended {
            return Ok(None);
        }
        let delivery = self.deliveries.next().await;
        self.ended = delivery.is_none();
        Ok(delivery.transpose()?)
    }

    /// What comes within the linger, up to a full batch.
    async fn collect(&mut self, first: Delivery) -> Result<Vec<Message>, Error> {
        let settings = &self.consumer.settings;
        let full_by = Instant::now() + settings.linger;
        let mut batch = Vec::with_capacity(settings.batch);
        let mut next = Some(first);
        while let Some(delivery) = next {
            batch.extend(self.read(delivery).await?);
            if batch.len() == settings.batch {
                break;
            }
            next = match tokio::time::timeout_at(full_by, self.next()).await {
                Ok(delivery) => delivery?,
                Err(_) => None,
            };
        }
        Ok(batch)
    }

    /// A message that is none of ours is set aside at once: it will not become one.
    async fn read(&self, mut delivery: Delivery) -> Result<Option<Message>, Error> {
        if let Some(event) = envelope::open(&mut delivery) {
            return Ok(Some(Message { delivery, event }));
        }
        tracing::error!(queue = self.consumer.queue.service(), "a message that is no event goes to the dead letters");
        delivery.reject(BasicRejectOptions { requeue: false }).await?;
        Ok(None)
    }

    async fn take(&self, batch: Vec<Message>, stop: &CancellationToken) -> Result<(), Error> {
        let Some(last) = batch.last() else { return Ok(()) };
        let events: Vec<Received> = batch.iter().map(|message| message.event.clone()).collect();
        match self.apply(&events, stop).await? {
            Ok(()) => {
                service_runtime::crash_point("consumer_after_commit_before_ack");
                acknowledge(&last.delivery, BasicAckOptions { multiple: true }).await
            }
            Err(failure) if batch.len() == 1 => self.give_back(last, &failure).await,
            Err(failure) => {
                tracing::warn!(error = service_error::chain(&failure), "a batch is taken again one by one");
                for message in &batch {
                    match self.apply(std::slice::from_ref(&message.event), stop).await? {
                        Ok(()) => acknowledge(&message.delivery, BasicAckOptions::default()).await?,
                        Err(failure) => self.give_back(message, &failure).await?,
                    }
                }
                Ok(())
            }
        }
    }

    /// Applies the events however long that takes, or answers what is wrong with them. The outer error is that of a
    /// connection that broke meanwhile: others may have these messages by now.
    async fn apply(&self, events: &[Received], stop: &CancellationToken) -> Result<Result<(), Failure>, Error> {
        let Consumer { pool, handler, queue, settings, .. } = self.consumer;
        let mut backoff = Backoff::new(Duration::from_millis(50), settings.retry_at_most);
        loop {
            let failure = match inbox::apply(pool, handler, queue.service(), events, settings.handler_timeout).await {
                Ok(applied) => {
                    counter!("events_applied_total", "queue" => queue.service()).increment(applied as u64);
                    let repeated = events.len() - applied;
                    counter!("events_repeated_total", "queue" => queue.service()).increment(repeated as u64);
                    return Ok(Ok(()));
                }
                Err(failure) => failure,
            };
            if !failure.passes() {
                return Ok(Err(failure));
            }
            let (queue, events) = (queue.service(), events.len());
            tracing::warn!(error = service_error::chain(&failure), queue, events, "events are kept and tried again");
            if !self.link.is_up() || stop.is_cancelled() {
                return Err(Error::Unsubscribed);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(backoff.next()) => {}
            }
        }
    }

    async fn give_back(&self, message: &Message, failure: &Failure) -> Result<(), Error> {
        let queue = self.consumer.queue.service();
        let Received { name, event_id, .. } = &message.event;
        tracing::error!(error = service_error::chain(failure), queue, event = name, %event_id, "an event failed");
        counter!("events_failed_total", "queue" => queue).increment(1);
        message.delivery.reject(BasicRejectOptions { requeue: true }).await?;
        Ok(())
    }

    async fn measure(&self) -> Result<(), Error> {
        let Consumer { queue, broker, .. } = self.consumer;
        let waiting = dead_letters::count(&self.link.channel, &broker.topology().queue(*queue)).await?;
        let dead = dead_letters::count(&self.link.channel, &broker.topology().dead(*queue)).await?;
        gauge!("events_waiting", "queue" => queue.service()).set(f64::from(waiting));
        gauge!("events_dead", "queue" => queue.service()).set(f64::from(dead));
        Ok(())
    }
}

/// An acknowledgement that goes nowhere means that the message comes again.
async fn acknowledge(delivery: &Delivery, options: BasicAckOptions) -> Result<(), Error> {
    if delivery.ack(options).await? { Ok(()) } else { Err(Error::Unsubscribed) }
}
