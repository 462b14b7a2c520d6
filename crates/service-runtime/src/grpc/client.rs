//! What a call carries along.

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};

use super::{REQUEST_ID, TRACEPARENT};
use crate::context;

/// A call in the name of whoever `token` names: with the current request's id and trace, and with at most `limit` of time,
/// less if the request itself has less.
pub fn request<T>(message: T, token: &str, limit: Duration) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(context::time_left(limit));
    let metadata = request.metadata_mut();
    let mut put = |key: &'static str, value: &str| {
        // Tokens, ids and trace parents are ASCII; anything else would be refused by the other side anyhow.
        if let Ok(value) = value.parse::<MetadataValue<Ascii>>() {
            metadata.insert(key, value);
        }
    };
    put("authorization", &format!("Bearer {token}"));
    if let Some(context) = context::current() {
        put(REQUEST_ID, &context.request_id);
    }
    if let Some(traceparent) = context::traceparent() {
        put(TRACEPARENT, &traceparent);
    }
    request
}
