//! A database with outbox and inbox, names of its own at a broker, and a consumer that writes down what it hears.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use events::{
    Consumer, ConsumerSettings, Error, Event, Handler, HandlerError, Queue, Received, Relay, RelaySettings, Waker,
    names,
};
use test_support::{TestBroker, TestDatabase, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Market {
    pub(crate) database: TestDatabase,
    pub(crate) broker: TestBroker,
}

/// A relay or a consumer at work.
pub(crate) struct Running {
    task: JoinHandle<Result<(), Error>>,
    stop: CancellationToken,
}

impl Market {
    pub(crate) async fn new() -> Self {
        Self::with(TestDatabase::new("cart").await, TestBroker::new()).await
    }

    pub(crate) async fn with(database: TestDatabase, broker: TestBroker) -> Self {
        let heard = "CREATE TABLE heard (place bigint GENERATED ALWAYS AS IDENTITY, event_id uuid NOT NULL, \
                     aggregate_id uuid NOT NULL, number bigint NOT NULL)";
        database.conn().await.batch_execute(heard).await.unwrap();
        Self { database, broker }
    }

    /// Events that cart hears, with the numbers as payloads, written in one transaction.
    pub(crate) async fn say(&self, aggregate_id: Uuid, numbers: impl IntoIterator<Item = u64>) {
        self.say_named(names::ORDER_PLACED, aggregate_id, numbers).await;
    }

    pub(crate) async fn say_named(
        &self,
        name: &'static str,
        aggregate_id: Uuid,
        numbers: impl IntoIterator<Item = u64>,
    ) {
        let events: Vec<Event> = numbers.into_iter().map(|number| Event::new(name, aggregate_id, &number)).collect();
        let mut conn = self.database.conn().await;
        conn.transaction(async |conn| events::write(conn, &events).await).await.unwrap();
    }

    pub(crate) fn relay(&self) -> Running {
        self.relay_with(RelaySettings::default()).0
    }

    pub(crate) fn relay_with(&self, settings: RelaySettings) -> (Running, Waker) {
        let relay = Relay::new("test", self.database.pool(), self.broker.broker()).with_settings(settings);
        let waker = relay.waker();
        (run(async move |stop| relay.run(stop).await), waker)
    }

    pub(crate) fn consumer(&self, handler: Heard) -> Running {
        self.consumer_with(handler, ConsumerSettings::default())
    }

    pub(crate) fn consumer_with(&self, handler: Heard, settings: ConsumerSettings) -> Running {
        let consumer = Consumer::new(Queue::Cart, self.database.pool(), self.broker.broker(), handler);
        let consumer = consumer.with_settings(settings);
        run(async move |stop| consumer.run(stop).await)
    }

    /// The numbers that were applied, in order.
    pub(crate) async fn heard(&self) -> Vec<u64> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let query = diesel::sql_query("SELECT number FROM heard ORDER BY place");
        let rows: Vec<Row> = query.load(&mut self.database.conn().await).await.unwrap();
        rows.into_iter().map(|row| u64::try_from(row.number).unwrap()).collect()
    }

    /// Waits until so many were applied, and answers them.
    pub(crate) async fn hears(&self, count: usize) -> Vec<u64> {
        eventually(SOON, async || self.heard().await.len() >= count).await;
        self.heard().await
    }

    pub(crate) async fn unsent(&self) -> usize {
        let rows = test_support::outbox::list(&mut self.database.conn().await).await;
        rows.iter().filter(|row| row.sent_at.is_none()).count()
    }

    pub(crate) async fn all_is_sent(&self) {
        eventually(SOON, async || self.unsent().await == 0).await;
    }

    pub(crate) async fn dead(&self) -> u32 {
        events::dead_letters::depth(&self.broker, Queue::Cart).await.unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test stops and kills its own tasks")]
fn run<F: Future<Output = Result<(), Error>> + Send + 'static>(
    work: impl FnOnce(CancellationToken) -> F + Send + 'static,
) -> Running {
    let stop = CancellationToken::new();
    Running { task: tokio::spawn(work(stop.clone())), stop }
}

impl Running {
    /// As a process is asked to end.
    pub(crate) async fn stop(self) -> Result<(), Error> {
        self.stop.cancel();
        tokio::time::timeout(SOON, self.task).await.expect("it ends when told to").unwrap()
    }

    /// As a process dies: nothing is finished.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Ends by itself.
    pub(crate) async fn ended(self) -> Result<(), Error> {
        tokio::time::timeout(SOON, self.task).await.expect("it ends by itself").unwrap()
    }
}

/// Writes down what it hears, and misbehaves as told.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Inner>);

#[derive(Default)]
struct Inner {
    poison: Mutex<Option<u64>>,
    hanging: AtomicBool,
    away: AtomicBool,
    calls: AtomicUsize,
    largest_batch: AtomicUsize,
    committed: AtomicUsize,
    tries: Mutex<HashMap<u64, usize>>,
}

impl Heard {
    /// Fails at this number.
    pub(crate) fn poisoned_by(self, number: Option<u64>) -> Self {
        *self.0.poison.lock().unwrap() = number;
        self
    }

    /// Never ends at the poisonous number instead of failing.
    pub(crate) fn hanging(self) -> Self {
        self.0.hanging.store(true, Ordering::SeqCst);
        self
    }

    /// Something that it needs is away.
    pub(crate) fn set_away(&self, away: bool) {
        self.0.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> usize {
        self.0.calls.fetch_add(0, Ordering::SeqCst)
    }

    pub(crate) fn committed(&self) -> usize {
        self.0.committed.fetch_add(0, Ordering::SeqCst)
    }

    pub(crate) fn largest_batch(&self) -> usize {
        self.0.largest_batch.fetch_add(0, Ordering::SeqCst)
    }

    /// How often the number came in a batch of its own.
    pub(crate) fn tries_alone(&self, number: u64) -> usize {
        self.0.tries.lock().unwrap().get(&number).copied().unwrap_or(0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is poison")]
struct Poison(u64);

impl Handler for Heard {
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        self.0.largest_batch.fetch_max(batch.len(), Ordering::SeqCst);
        if self.0.away.fetch_or(false, Ordering::SeqCst) {
            return Err(HandlerError::away("as told"));
        }
        for event in batch {
            let number: u64 = event.decode()?;
            if batch.len() == 1 {
                *self.0.tries.lock().unwrap().entry(number).or_default() += 1;
            }
            let insert = diesel::sql_query("INSERT INTO heard (event_id, aggregate_id, number) VALUES ($1, $2, $3)");
            insert
                .bind::<SqlUuid, _>(event.event_id)
                .bind::<SqlUuid, _>(event.aggregate_id)
                .bind::<BigInt, _>(i64::try_from(number)?)
                .execute(conn)
                .await?;
            let is_poison = *self.0.poison.lock().unwrap() == Some(number);
            if is_poison && self.0.hanging.fetch_or(false, Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if is_poison {
                return Err(Poison(number).into());
            }
        }
        Ok(())
    }

    async fn committed(&self, batch: &[Received]) {
        self.0.committed.fetch_add(batch.len(), Ordering::SeqCst);
    }
}
