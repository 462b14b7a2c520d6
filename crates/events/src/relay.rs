//! Publishes the outbox of a service, in the order of its rows.
//!
//! Always true: one relay per database is at work, the one whose session holds the advisory lock; a row is marked as
//! sent after the broker has confirmed it, never before. A crash in between publishes it again, under the same event
//! id. What is unsent is asked for anew each time: a cursor over ids would skip rows that were committed late.

mod held;
mod session;

use std::sync::Arc;
use std::time::Duration;

use database::Pool;
use diesel_async::SimpleAsyncConnection;
use metrics::gauge;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::broker::Broker;
use crate::error::Error;
use crate::outbox;

use self::held::Held;
use self::session::Session;

/// The channel on which a committed event is announced.
const CHANNEL: &str = "outbox";

/// How a [`Relay`] behaves; the default is production's.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// Messages in flight at most.
    pub window: i64,
    /// How long the broker may take to confirm a window.
    pub confirm_timeout: Duration,
    /// How often the outbox is looked at without being woken.
    pub poll: Duration,
    /// A row that the broker returned for so long is parked, with all later ones of its aggregate.
    pub park_after: Duration,
    /// How often the backlog is measured.
    pub measure: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            window: 200,
            confirm_timeout: Duration::from_secs(5),
            poll: Duration::from_millis(500),
            park_after: Duration::from_secs(60),
            measure: Duration::from_secs(5),
        }
    }
}

/// Tells the relays of a database that something was committed; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// Call it after the commit. It only leaves a note: the relay of this process announces it in a statement of its
    /// own, once for all that committed meanwhile. What nobody announced is found by the next poll.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// The relay of one service.
#[derive(Debug)]
pub struct Relay {
    service: &'static str,
    pool: Pool,
    broker: Broker,
    waker: Waker,
    settings: RelaySettings,
}

impl Relay {
    /// A relay between the outbox in `pool` and `broker`.
    pub fn new(service: &'static str, pool: Pool, broker: Broker) -> Self {
        Self { service, pool, broker, waker: Waker::default(), settings: RelaySettings::default() }
    }

    /// Behaving otherwise than in production.
    #[must_use]
    pub fn with_settings(mut self, settings: RelaySettings) -> Self {
        self.settings = settings;
        self
    }

    /// By which operations say that they committed something.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Works until `stop`, and ends between two windows. Recovers from a lost broker or database by itself.
    ///
    /// # Errors
    /// [`Error::Topology`]: what is at the broker contradicts us.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        tokio::select! {
            result = self.relay(&stop) => result,
            never = self.announce() => match never {},
            never = self.measure() => match never {},
        }
    }

    async fn relay(&self, stop: &CancellationToken) -> Result<(), Error> {
        let mut held = Held::new(self.settings.park_after);
        let mut backoff = Backoff::of_connections();
        loop {
            let error = match Session::start(self, stop).await {
                Ok(None) => return Ok(()),
                Ok(Some(mut session)) => {
                    backoff.reset();
                    match session.relay(&mut held, stop).await {
                        Ok(()) => return session.close().await,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            if error.is_permanent() {
                return Err(error);
            }
            tracing::warn!(error = service_error::chain(&error), service = self.service, "the relay starts over");
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(backoff.next()) => {}
            }
        }
    }

    /// Announces what was committed here to whichever instance holds the lock.
    async fn announce(&self) -> std::convert::Infallible {
        loop {
            self.waker.0.notified().await;
            let announced = async {
                let mut conn = self.pool.get().await?;
                conn.batch_execute(&format!("NOTIFY {CHANNEL}")).await?;
                Ok::<_, Error>(())
            };
            if let Err(error) = announced.await {
                tracing::debug!(error = service_error::chain(&error), "an announcement was lost; a poll follows");
            }
        }
    }

    async fn measure(&self) -> std::convert::Infallible {
        let mut turns = tokio::time::interval(self.settings.measure);
        loop {
            turns.tick().await;
            let Ok(mut conn) = self.pool.get().await else { continue };
            let Ok((oldest_seconds, parked)) = outbox::backlog(&mut conn).await else { continue };
            gauge!("events_outbox_oldest_seconds", "service" => self.service).set(oldest_seconds.unwrap_or(0.0));
            gauge!("events_outbox_parked", "service" => self.service).set(parked as f64);
        }
    }
}
