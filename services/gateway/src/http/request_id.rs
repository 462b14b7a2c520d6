//! `X-Request-Id`: kept when it is one, else made.

use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderName};
use service_runtime::Ids;
use service_runtime::context::is_request_id;
use uuid::Uuid;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
pub(super) fn of(headers: &HeaderMap, ids: Ids) -> Arc<str> {
    let sent = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_request_id(id));
    match sent {
        Some(id) => id.into(),
        None => Arc::from(&*ids.next::<Uuid>().hyphenated().encode_lower(&mut Uuid::encode_buffer())),
    }
}
