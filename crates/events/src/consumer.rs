//! Applies what a service hears, each event once.
//!
//! Always true: an event's id is recorded in the transaction of its effect, and it is acknowledged after the commit.
//! A batch that fails is taken again one by one, so that a poison message stands alone; that one goes back to the
//! broker, which counts its deliveries and sets it aside. While the database or a needed service is away nothing is
//! counted: the messages are kept and tried again.

mod inbox;
mod session;

use std::time::Duration;

use database::{Kind, Pool};
use diesel_async::AsyncPgConnection;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::broker::Broker;
use crate::envelope::Received;
use crate::error::Error;
use crate::topology::Queue;

use self::session::Session;

/// What a service does with the events that it hears.
pub trait Handler: Send + Sync + 'static {
    /// Applies the events in their order. All are new; what it writes on `conn` commits together with the record that
    /// they were seen, or not at all. An event that does not concern the handler is passed over.
    ///
    /// Their order is that of writing, except after a crash: RabbitMQ gives back what a dead consumer held (up to its
    /// prefetch) in any order. So a copy takes newer versions only.
    ///
    /// It may be called again with the same events when its transaction was not committed, so it does nothing outside
    /// of `conn` that must not be done twice.
    fn apply(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Received],
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;

    /// After the commit: wakes a relay, drops a cache. A crash may skip it.
    fn committed(&self, _batch: &[Received]) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// Why a handler could not apply a batch.
///
/// `?` makes one of any error: where the database said something passing (away, time-outs, dead-locks) the batch is
/// kept and tried again, all else counts as poison.
#[derive(Debug)]
pub struct HandlerError {
    passing: bool,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl HandlerError {
    /// A service that the handler needs is away: the batch is kept and tried again.
    pub fn away(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { passing: true, source: error.into() }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self { passing: Kind::of(&error).is_some_and(Kind::passes), source: Box::new(error) }
    }
}

/// How a [`Consumer`] behaves; the default is production's.
#[derive(Debug, Clone)]
pub struct ConsumerSettings {
    /// Events in one transaction at most.
    pub batch: usize,
    /// How long a batch that is not full waits for more.
    pub linger: Duration,
    /// Unacknowledged deliveries at most.
    pub prefetch: u16,
    /// A handler that takes longer is cut off.
    pub handler_timeout: Duration,
    /// The longest pause between two tries of a batch that is kept.
    pub retry_at_most: Duration,
    /// How often the depth of the queue and of its dead letters is measured.
    pub measure: Duration,
}

impl Default for ConsumerSettings {
    fn default() -> Self {
        Self {
            batch: 100,
            linger: Duration::from_millis(20),
            prefetch: 200,
            handler_timeout: Duration::from_secs(10),
            retry_at_most: Duration::from_secs(2),
            measure: Duration::from_secs(15),
        }
    }
}

/// The consumer of one service. Of several instances the broker lets one work at a time.
#[derive(Debug)]
pub struct Consumer<H> {
    queue: Queue,
    pool: Pool,
    broker: Broker,
    handler: H,
    settings: ConsumerSettings,
}

impl<H: Handler> Consumer<H> {
    /// A consumer of `queue` that applies to the database of `pool`.
    pub fn new(queue: Queue, pool: Pool, broker: Broker, handler: H) -> Self {
        Self { queue, pool, broker, handler, settings: ConsumerSettings::default() }
    }

    /// Behaving otherwise than in production.
    #[must_use]
    pub fn with_settings(mut self, settings: ConsumerSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Works until `stop`, finishes what was already delivered, and ends. Recovers from a lost broker or database by
    /// itself. To be started when the handler can work: migrations done, pool ready.
    ///
    /// # Errors
    /// [`Error::Topology`]: what is at the broker contradicts us.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let mut backoff = Backoff::of_connections();
        while !stop.is_cancelled() {
            let error = match Session::start(&self).await {
                Ok(session) => {
                    backoff.reset();
                    match session.consume(&stop).await {
                        Ok(()) => return Ok(()),
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            if error.is_permanent() {
                return Err(error);
            }
            tracing::warn!(
                error = service_error::chain(&error),
                queue = self.queue.service(),
                "the consumer starts over"
            );
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(backoff.next()) => {}
            }
        }
        Ok(())
    }
}
