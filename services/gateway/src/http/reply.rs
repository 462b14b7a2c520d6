//! What a handler answers; the front adds what every answer has.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use serde::Serialize;

use super::conditional;
use crate::edge_cache::Entry;

pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// An answer.
pub struct Reply {
    pub status: StatusCode,
    pub body: ReplyBody,
    pub content_type: HeaderValue,
    /// None for answers that are not conditional.
    pub etag: Option<HeaderValue>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

pub enum ReplyBody {
    Bytes(Bytes),
    /// Kept at the edge, with its compressed forms.
    Cached(Arc<Entry>),
}

impl Reply {
    /// 200 with a body of its own tag.
    pub fn ok(value: &impl Serialize) -> Self {
        let reply = Self::json(StatusCode::OK, value);
        let etag = match &reply.body {
            ReplyBody::Bytes(body) => Some(conditional::etag(body)),
            ReplyBody::Cached(_) => None,
        };
        Self { etag, ..reply }
    }

    /// 200 with a body whose tag names a version.
    pub fn versioned(value: &impl Serialize, version: i64) -> Self {
        let reply = Self::json(StatusCode::OK, value);
        let etag = match &reply.body {
            ReplyBody::Bytes(body) => Some(conditional::versioned_etag(version, body)),
            ReplyBody::Cached(_) => None,
        };
        Self { etag, ..reply }
    }

    /// 200 after a write: nothing to compare with.
    pub fn done(value: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// 201.
    pub fn created(value: &impl Serialize) -> Self {
        Self::json(StatusCode::CREATED, value)
    }

    /// From the edge cache.
    pub fn cached(entry: Arc<Entry>) -> Self {
        let etag = Some(entry.etag().clone());
        Self { status: StatusCode::OK, body: ReplyBody::Cached(entry), content_type: JSON, etag, headers: Vec::new() }
    }

    pub fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("answers have string keys and can be written");
        Self::bytes(status, JSON, body.into())
    }

    pub fn bytes(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        Self { status, body: ReplyBody::Bytes(body), content_type, etag: None, headers: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Where the new thing is.
    #[must_use]
    pub fn located_at(self, path: &str) -> Self {
        match HeaderValue::from_str(path) {
            Ok(path) => self.with(header::LOCATION, path),
            Err(_) => self,
        }
    }

    /// The answer of the first request with this key, again.
    #[must_use]
    pub fn replayed(self, is_replay: bool) -> Self {
        if is_replay {
            self.with(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"))
        } else {
            self
        }
    }

    pub(super) fn body_bytes(&self) -> &Bytes {
        match &self.body {
            ReplyBody::Bytes(bytes) => bytes,
            ReplyBody::Cached(entry) => entry.body(),
        }
    }
}
