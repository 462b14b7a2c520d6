//! Events as rows of the transaction that makes them true.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bytea, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use prost::Message;
use service_runtime::Ids;
use uuid::Uuid;

use crate::trace;

diesel::table! {
    outbox (id) {
        id -> Int8,
        event_id -> Uuid,
        name -> Text,
        aggregate_id -> Uuid,
        payload -> Binary,
        request_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        parked_at -> Nullable<Timestamptz>,
    }
}

/// A fact in the past tense, ready to be written beside what made it true.
#[derive(Debug, Clone)]
pub struct Event {
    event_id: Uuid,
    name: &'static str,
    aggregate_id: Uuid,
    payload: Vec<u8>,
}

impl Event {
    /// `name` is one of [`crate::names`]; events of one `aggregate_id` reach every consumer in the order in which
    /// they were written.
    pub fn new(name: &'static str, aggregate_id: Uuid, payload: &impl Message) -> Self {
        Self { event_id: Ids.next(), name, aggregate_id, payload: payload.encode_to_vec() }
    }

    /// The same under an id that was drawn before the transaction: said by a transaction that is run again, it is said
    /// once.
    #[must_use]
    pub fn with_id(self, event_id: Uuid) -> Self {
        Self { event_id, ..self }
    }

    /// By which everybody knows it again.
    pub fn id(&self) -> Uuid {
        self.event_id
    }

    /// What happened.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// Writes the events into the outbox, in this order and with the caller's request id and trace. One whose id is there is
/// written already.
///
/// Whoever writes events of one aggregate holds its row's lock, so that their order is that of the facts. It can be sent
/// together with other statements, on a shared connection.
pub async fn write(conn: &AsyncPgConnection, events: &[Event]) -> QueryResult<()> {
    if events.is_empty() {
        return Ok(());
    }
    let (request_id, traceparent) = trace::current();
    // By arrays: an insert of many rows would be prepared anew each time, while locks are held.
    database::statement(
        "INSERT INTO outbox (event_id, name, aggregate_id, payload, request_id, traceparent) \
         SELECT event_id, name, aggregate_id, payload, ?, ? FROM unnest(?, ?, ?, ?) WITH ORDINALITY \
           AS event (event_id, name, aggregate_id, payload, place) ORDER BY place \
         ON CONFLICT (event_id) DO NOTHING",
    )
    .bind::<Nullable<Text>, _>(request_id.as_deref())
    .bind::<Nullable<Text>, _>(traceparent.as_deref())
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.event_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(events.iter().map(|event| event.name).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.aggregate_id).collect::<Vec<_>>())
    .bind::<Array<Bytea>, _>(events.iter().map(|event| event.payload.as_slice()).collect::<Vec<_>>())
    .execute(&mut &*conn)
    .await?;
    Ok(())
}

/// Says what was said under this name of this aggregate as it is now: every row keeps its event id and its place, sent
/// or not, and says no more than `event`. For what must not be kept as it was; the database needs an index on
/// `aggregate_id`. Answers how many rows that are.
pub async fn restate(conn: &mut AsyncPgConnection, event: &Event) -> QueryResult<usize> {
    let said = outbox::table
        .filter(outbox::aggregate_id.eq(event.aggregate_id))
        .filter(outbox::name.eq(event.name))
        .filter(outbox::payload.ne(&event.payload));
    diesel::update(said).set(outbox::payload.eq(&event.payload)).execute(conn).await
}

/// Says each of the events as it is now, by its id: the row keeps its place, sent or not. For what must not be kept as it
/// was, of aggregates of which much else is said. Answers how many rows that are.
pub async fn retell(conn: &mut AsyncPgConnection, events: &[Event]) -> QueryResult<usize> {
    if events.is_empty() {
        return Ok(0);
    }
    database::statement(
        "UPDATE outbox SET payload = event.payload FROM unnest(?, ?) AS event (event_id, payload) \
         WHERE outbox.event_id = event.event_id AND outbox.payload <> event.payload",
    )
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.event_id).collect::<Vec<_>>())
    .bind::<Array<Bytea>, _>(events.iter().map(|event| event.payload.as_slice()).collect::<Vec<_>>())
    .execute(conn)
    .await
}

/// A row that waits to be published.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = outbox)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) event_id: Uuid,
    pub(crate) name: String,
    pub(crate) aggregate_id: Uuid,
    pub(crate) payload: Vec<u8>,
    pub(crate) request_id: Option<String>,
    pub(crate) traceparent: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
}

/// The first rows that are neither sent nor parked, without those of the aggregates in `skipped`.
pub(crate) async fn list_unsent(conn: &mut AsyncPgConnection, skipped: &[Uuid], limit: i64) -> QueryResult<Vec<Row>> {
    Row::query()
        .filter(outbox::sent_at.is_null())
        .filter(outbox::parked_at.is_null())
        .filter(outbox::aggregate_id.ne_all(skipped))
        .order(outbox::id)
        .limit(limit)
        .load(conn)
        .await
}

pub(crate) async fn mark_sent(conn: &mut AsyncPgConnection, ids: &[i64]) -> QueryResult<()> {
    let rows = outbox::table.filter(outbox::id.eq_any(ids));
    diesel::update(rows).set(outbox::sent_at.eq(diesel::dsl::now)).execute(conn).await?;
    Ok(())
}

/// Parks what is unsent of the aggregates and answers how many rows that are.
pub(crate) async fn park(conn: &mut AsyncPgConnection, aggregate_ids: &[Uuid]) -> QueryResult<usize> {
    let rows = outbox::table
        .filter(outbox::sent_at.is_null())
        .filter(outbox::parked_at.is_null())
        .filter(outbox::aggregate_id.eq_any(aggregate_ids));
    diesel::update(rows).set(outbox::parked_at.eq(diesel::dsl::now)).execute(conn).await
}

/// The aggregates that have a parked row.
pub(crate) async fn list_parked(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Uuid>> {
    let rows = outbox::table.filter(outbox::sent_at.is_null()).filter(outbox::parked_at.is_not_null());
    rows.select(outbox::aggregate_id).distinct().load(conn).await
}

/// When the oldest row was written that waits, and how many are parked.
pub(crate) async fn backlog(conn: &mut AsyncPgConnection) -> QueryResult<(Option<f64>, i64)> {
    #[derive(QueryableByName)]
    struct Backlog {
        #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Double>)]
        oldest_seconds: Option<f64>,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        parked: i64,
    }
    let backlog: Backlog = diesel::sql_query(
        "SELECT (SELECT extract(epoch FROM now() - created_at)::float8 FROM outbox \
                 WHERE sent_at IS NULL AND parked_at IS NULL ORDER BY id LIMIT 1) AS oldest_seconds, \
                (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NOT NULL) AS parked",
    )
    .get_result(conn)
    .await?;
    Ok((backlog.oldest_seconds, backlog.parked))
}
