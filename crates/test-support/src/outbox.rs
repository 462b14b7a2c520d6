//! Reading what a service has said.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use prost::Message;
use uuid::Uuid;

diesel::table! {
    outbox (id) {
        id -> Int8,
        event_id -> Uuid,
        name -> Text,
        aggregate_id -> Uuid,
        payload -> Binary,
        request_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        sent_at -> Nullable<Timestamptz>,
        parked_at -> Nullable<Timestamptz>,
    }
}

/// An event in the outbox.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = outbox)]
pub struct OutboxRow {
    /// In the order of writing.
    pub id: i64,
    /// By which everybody knows it.
    pub event_id: Uuid,
    /// One of `events::names`.
    pub name: String,
    /// What it is about.
    pub aggregate_id: Uuid,
    /// The encoded message.
    pub payload: Vec<u8>,
    /// Of the request that caused it.
    pub request_id: Option<String>,
    /// Of the request that caused it.
    pub traceparent: Option<String>,
    /// When the broker had it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up for now.
    pub parked_at: Option<DateTime<Utc>>,
}

impl OutboxRow {
    /// The message.
    pub fn decode<M: Message + Default>(&self) -> M {
        M::decode(self.payload.as_slice()).expect("the payload is of the event's type")
    }
}

/// Every event, in the order of writing.
pub async fn list(conn: &mut AsyncPgConnection) -> Vec<OutboxRow> {
    OutboxRow::query().order(outbox::id).load(conn).await.expect("the outbox can be read")
}

/// The messages of every event of that name, in the order of writing.
pub async fn messages<M: Message + Default>(conn: &mut AsyncPgConnection, name: &str) -> Vec<M> {
    list(conn).await.iter().filter(|row| row.name == name).map(OutboxRow::decode).collect()
}

/// The names of all events, in the order of writing.
pub async fn names(conn: &mut AsyncPgConnection) -> Vec<String> {
    list(conn).await.into_iter().map(|row| row.name).collect()
}

/// Forgets what was said so far.
pub async fn clear(conn: &mut AsyncPgConnection) {
    diesel::delete(outbox::table).execute(conn).await.expect("the outbox can be emptied");
}
