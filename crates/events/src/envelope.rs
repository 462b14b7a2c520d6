//! An event as a message of the broker: written by the relay, read by consumers and gateways.

use chrono::{DateTime, Utc};
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use prost::Message;
use uuid::Uuid;

use crate::outbox::Row;
use crate::topology::text;

const AGGREGATE_ID: &str = "aggregate-id";
const REQUEST_ID: &str = "request-id";
const TRACEPARENT: &str = "traceparent";
const WRITTEN_AT: &str = "written-at-us";
const PERSISTENT: u8 = 2;

/// An event that came from the broker.
#[derive(Debug, Clone)]
pub struct Received {
    /// By which a repetition is known.
    pub event_id: Uuid,
    /// One of [`crate::names`].
    pub name: String,
    /// What it is about.
    pub aggregate_id: Uuid,
    /// The encoded message; see [`Received::decode`].
    pub payload: Vec<u8>,
    /// Of the request that caused it.
    pub request_id: Option<String>,
    /// W3C trace context of the request that caused it.
    pub traceparent: Option<String>,
    /// When it was written, by the clock of its service's database.
    pub written_at: DateTime<Utc>,
}

impl Received {
    /// The message that the name stands for.
    ///
    /// # Errors
    /// The payload is not such a message.
    pub fn decode<M: Message + Default>(&self) -> Result<M, prost::DecodeError> {
        M::decode(self.payload.as_slice())
    }
}

/// With the trace context of whoever publishes it.
pub(crate) fn properties(row: &Row, traceparent: Option<String>) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(AGGREGATE_ID.into(), text(&row.aggregate_id.to_string()));
    headers.insert(WRITTEN_AT.into(), AMQPValue::LongLongInt(row.created_at.timestamp_micros()));
    for (name, value) in [(REQUEST_ID, &row.request_id), (TRACEPARENT, &traceparent)] {
        if let Some(value) = value {
            headers.insert(name.into(), text(value));
        }
    }
    BasicProperties::default()
        .with_message_id(row.event_id.to_string().into())
        // The routing key is lost when a message is dead-lettered and replayed, its type is not.
        .with_type(row.name.as_str().into())
        .with_content_type("application/x-protobuf".into())
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers)
}

/// The id in a message of ours.
pub(crate) fn event_id(properties: &BasicProperties) -> Option<Uuid> {
    properties.message_id().as_ref().map(ShortString::as_str)?.parse().ok()
}

/// What a message says; `None` if it is none of ours.
pub(crate) fn open(delivery: &mut Delivery) -> Option<Received> {
    let payload = std::mem::take(&mut delivery.data);
    let properties = &delivery.properties;
    let headers = properties.headers().as_ref()?;
    Some(Received {
        event_id: event_id(properties)?,
        name: properties.kind().as_ref()?.as_str().to_owned(),
        aggregate_id: text_header(headers, AGGREGATE_ID)?.parse().ok()?,
        payload,
        request_id: text_header(headers, REQUEST_ID),
        traceparent: text_header(headers, TRACEPARENT),
        written_at: DateTime::from_timestamp_micros(number_header(headers, WRITTEN_AT)?)?,
    })
}

pub(crate) fn number_header(headers: &FieldTable, name: &str) -> Option<i64> {
    match headers.inner().get(name)? {
        AMQPValue::LongLongInt(number) => Some(*number),
        AMQPValue::LongInt(number) => Some(i64::from(*number)),
        AMQPValue::LongUInt(number) => Some(i64::from(*number)),
        _ => None,
    }
}

fn text_header(headers: &FieldTable, name: &str) -> Option<String> {
    match headers.inner().get(name)? {
        AMQPValue::LongString(value) => String::from_utf8(value.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(value) => Some(value.as_str().to_owned()),
        _ => None,
    }
}
