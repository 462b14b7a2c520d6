//! The time in which one relay holds the lock and both connections; any failure ends it.

use std::collections::HashSet;
use std::time::Duration;

use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures::{FutureExt, StreamExt};
use lapin::options::BasicPublishOptions;
use lapin::{Confirmation, PublisherConfirm};
use metrics::counter;
use service_runtime::context;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::broker::{Broker, Link};
use crate::envelope;
use crate::error::Error;
use crate::outbox::{self, Row};
use crate::trace;

use super::held::Held;
use super::{CHANNEL, Relay, RelaySettings};

/// A relay that froze loses its session, and with it the lock, after this.
const IDLE_SESSION_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a session that waits for the broker shows that it is not frozen.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// How often the list of parked aggregates is read again: an operator may have freed some.
const REREAD_PARKED: Duration = Duration::from_secs(5);

pub(super) struct Session {
    service: &'static str,
    conn: AsyncPgConnection,
    broker: Broker,
    link: Link,
    settings: RelaySettings,
    parked_read_at: Option<Instant>,
}

impl Session {
    /// Waits for the lock; `None` when told to stop meanwhile. The broker comes first: while it is away nobody needs
    /// the lock.
    pub(super) async fn start(relay: &Relay, stop: &CancellationToken) -> Result<Option<Self>, Error> {
        let link = relay.broker.connect(&format!("{} relay", relay.service)).await?;
        link.confirm().await?;
        let mut config = relay.pool.config().clone();
        config.application_name = format!("{} relay", relay.service);
        config.idle_session_timeout = IDLE_SESSION_TIMEOUT;
        let mut conn = database::connect(&config).await?;
        while !try_lock(&mut conn).await? {
            if !link.is_up() {
                return Err(Error::Unsubscribed);
            }
            tokio::select! {
                () = stop.cancelled() => {
                    link.close().await;
                    return Ok(None);
                }
                () = tokio::time::sleep(relay.settings.poll) => {}
            }
        }
        conn.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        tracing::info!(service = relay.service, "this instance relays");
        Ok(Some(Self {
            service: relay.service,
            conn,
            broker: relay.broker.clone(),
            link,
            settings: relay.settings.clone(),
            parked_read_at: None,
        }))
    }

    /// Publishes window after window until `stop`.
    pub(super) async fn relay(&mut self, held: &mut Held, stop: &CancellationToken) -> Result<(), Error> {
        while !stop.is_cancelled() {
            self.forget_announcements()?;
            self.read_parked(held).await?;
            let rows = outbox::list_unsent(&mut self.conn, &held.skipped(), self.settings.window).await?;
            let rows = self.without_parked(held, rows).await?;
            if rows.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => {}
                    result = self.wait() => result?,
                }
                continue;
            }
            self.publish(held, &rows).await?;
            self.park_overdue(held).await?;
        }
        Ok(())
    }

    pub(super) async fn close(self) -> Result<(), Error> {
        self.link.close().await;
        Ok(())
    }

    /// One look answers all announcements that came before it.
    fn forget_announcements(&mut self) -> Result<(), Error> {
        let mut announcements = std::pin::pin!(self.conn.notifications_stream());
        while let Some(Some(announced)) = announcements.next().now_or_never() {
            announced?;
        }
        Ok(())
    }

    /// Until something is announced, or it is time to look anyway.
    async fn wait(&mut self) -> Result<(), Error> {
        if !self.link.is_up() {
            return Err(Error::Unsubscribed);
        }
        let mut announcements = std::pin::pin!(self.conn.notifications_stream());
        if let Ok(Some(announced)) = tokio::time::timeout(self.settings.poll, announcements.next()).await {
            announced?;
        }
        Ok(())
    }

    async fn publish(&mut self, held: &mut Held, rows: &[Row]) -> Result<(), Error> {
        service_runtime::crash_point("relay_before_publish");
        let deadline = Instant::now() + self.settings.confirm_timeout;
        let mut window = Window::default();
        let result = self.send(rows, deadline, &mut window).await;
        service_runtime::crash_point("relay_after_publish_before_mark");

        let is_returned = |row: &&Row| window.returned.contains(&row.event_id);
        let answered = &rows[..window.answered];
        let taken: Vec<i64> = answered.iter().filter(|row| !is_returned(row)).map(|row| row.id).collect();
        if !taken.is_empty() {
            outbox::mark_sent(&mut self.conn, &taken).await?;
            counter!("events_published_total", "service" => self.service).increment(taken.len() as u64);
        }
        for row in answered.iter().filter(|row| !is_returned(row)) {
            held.taken(row.aggregate_id);
        }
        for row in answered.iter().filter(is_returned) {
            tracing::warn!(service = self.service, event = row.name, id = row.id, "no queue hears an event");
            held.returned(row.aggregate_id);
        }
        result?;
        if !window.returned.is_empty() {
            // Somebody may have deleted a queue or a binding.
            self.broker.topology().declare(&self.link.channel).await?;
        }
        Ok(())
    }

    /// Sends the rows and counts the answers of the broker in `window`, in order.
    async fn send(&mut self, rows: &[Row], deadline: Instant, window: &mut Window) -> Result<(), Error> {
        let silent = Error::Silent(self.settings.confirm_timeout);
        let mut confirms = Vec::with_capacity(rows.len());
        let exchange = self.broker.topology().exchange();
        for row in rows {
            let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
            let (exchange, key) = (exchange.as_str().into(), row.name.as_str().into());
            let span = trace::publishing(self.service, row);
            let traceparent = span.in_scope(context::traceparent).or_else(|| row.traceparent.clone());
            let properties = envelope::properties(row, traceparent);
            let sent = self.link.channel.basic_publish(exchange, key, options, &row.payload, properties);
            match tokio::time::timeout_at(deadline, sent).await {
                Ok(confirm) => confirms.push((span, confirm?)),
                Err(_) => return Err(silent),
            }
        }
        for (span, confirm) in confirms {
            let Some(confirmation) = self.confirmation(confirm, deadline).await? else { return Err(silent) };
            if let Confirmation::Nack(_) = confirmation {
                return Err(Error::Refused);
            }
            span.in_scope(|| tracing::debug!("published"));
            window.answered += 1;
            // A returned message may come with the confirm of another one: its id says which it is.
            let returned = confirmation.take_message();
            window.returned.extend(returned.and_then(|message| envelope::event_id(&message.delivery.properties)));
        }
        Ok(())
    }

    async fn confirmation(
        &mut self,
        mut confirm: PublisherConfirm,
        deadline: Instant,
    ) -> Result<Option<Confirmation>, Error> {
        loop {
            let next = (Instant::now() + SIGN_OF_LIFE).min(deadline);
            match tokio::time::timeout_at(next, &mut confirm).await {
                Ok(confirmation) => return Ok(Some(confirmation?)),
                Err(_) if next == deadline => return Ok(None),
                Err(_) => self.conn.batch_execute("SELECT 1").await?,
            }
        }
    }

    async fn read_parked(&mut self, held: &mut Held) -> Result<(), Error> {
        if self.parked_read_at.is_none_or(|at| at.elapsed() >= REREAD_PARKED) {
            held.set_parked(outbox::list_parked(&mut self.conn).await?);
            self.parked_read_at = Some(Instant::now());
        }
        Ok(())
    }

    /// Later rows of a parked aggregate are parked too.
    async fn without_parked(&mut self, held: &mut Held, rows: Vec<Row>) -> Result<Vec<Row>, Error> {
        if rows.iter().any(|row| held.is_parked(row.aggregate_id)) {
            // Unless an operator has freed them just now.
            held.set_parked(outbox::list_parked(&mut self.conn).await?);
        }
        let (parked, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| held.is_parked(row.aggregate_id));
        if !parked.is_empty() {
            let aggregate_ids: Vec<Uuid> = parked.iter().map(|row| row.aggregate_id).collect();
            outbox::park(&mut self.conn, &aggregate_ids).await?;
        }
        Ok(rows)
    }

    async fn park_overdue(&mut self, held: &mut Held) -> Result<(), Error> {
        let overdue = held.take_overdue();
        if !overdue.is_empty() {
            let rows = outbox::park(&mut self.conn, &overdue).await?;
            tracing::error!(service = self.service, rows, aggregates = ?overdue, "parked events that no queue hears");
            self.parked_read_at = None;
        }
        Ok(())
    }
}

/// What became of the rows of one window.
#[derive(Default)]
struct Window {
    /// So many, from the first on, were answered.
    answered: usize,
    /// Event ids that had no queue.
    returned: HashSet<Uuid>,
}

async fn try_lock(conn: &mut AsyncPgConnection) -> Result<bool, Error> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }
    let query = diesel::sql_query("SELECT pg_try_advisory_lock(hashtext($1)) AS locked").bind::<Text, _>("zst relay");
    let row: Row = query.get_result(conn).await?;
    Ok(row.locked)
}
