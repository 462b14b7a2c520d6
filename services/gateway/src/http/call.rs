//! A request that passed all checks of the front, as a handler sees it: each part read strictly, when it is asked for.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use access_token::Account;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use bytes::Bytes;
use garde::Validate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use service_error::Reason;

use super::conditional::{self, BasedOn};
use super::error::ApiError;
use super::form::{Form, Incoming};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::router::Params;
use super::{body, query};
use crate::app::App;
use crate::edge_cache::{Concern, Rendered};
use crate::session::Session;

pub const TRACKING_TOKEN: HeaderName = HeaderName::from_static("x-tracking-token");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub struct Call {
    pub app: Arc<App>,
    pub route: &'static Route,
    pub request_id: Arc<str>,
    /// Who calls; none for guests.
    pub account: Option<Arc<Account>>,
    pub session: Option<Arc<Session>>,
    pub address: IpAddr,
    pub(super) request: HttpRequest,
    pub(super) params: Params,
    pub(super) body: Bytes,
    /// Of an operation that reads it as it comes.
    pub(super) form: Option<Incoming>,
}

/// A caller's `Idempotency-Key`, and the hash of what it was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub key: String,
    pub body_hash: [u8; 32],
}

impl From<Key> for protocol::types::v1::Key {
    fn from(Key { key, body_hash }: Key) -> Self {
        Self { key, body_hash: body_hash.to_vec() }
    }
}

impl Call {
    /// The account, on routes that need one.
    ///
    /// # Errors
    /// 401 for a guest.
    pub fn user(&self) -> Result<&Arc<Account>, ApiError> {
        self.account.as_ref().ok_or_else(|| Reason::Unauthorized.into())
    }

    /// An id of the path.
    ///
    /// # Errors
    /// 400 `INVALID_ID`.
    pub fn id<T: FromStr>(&self, name: &str) -> Result<T, ApiError> {
        self.param(name).parse().ok().ok_or_else(|| ApiError::invalid_id(name))
    }

    /// A named part of the path, decoded.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    /// The query parameters.
    ///
    /// # Errors
    /// 400.
    pub fn query<T: DeserializeOwned + Validate<Context = ()>>(&self) -> Result<T, ApiError> {
        query::parse(self.request.uri().query().unwrap_or_default())
    }

    /// The body.
    ///
    /// # Errors
    /// 400.
    pub fn body<T: DeserializeOwned + Validate<Context = ()>>(&self) -> Result<T, ApiError> {
        body::parse(&self.body)
    }

    /// The body byte for byte.
    pub fn raw_body(&self) -> &Bytes {
        &self.body
    }

    /// The form that is being sent.
    ///
    /// # Errors
    /// 415: it is none.
    pub fn form(&mut self) -> Result<Form, ApiError> {
        Form::new(self.request.headers(), self.form.take())
    }

    /// The body of an operation that may go without.
    ///
    /// # Errors
    /// 400.
    pub fn optional_body<T: DeserializeOwned + Validate<Context = ()>>(&self) -> Result<Option<T>, ApiError> {
        if self.body.is_empty() { Ok(None) } else { body::parse(&self.body).map(Some) }
    }

    /// `Idempotency-Key`, if one was sent.
    ///
    /// # Errors
    /// 400: not 8 to 128 of its characters.
    pub fn key(&self) -> Result<Option<Key>, ApiError> {
        let Some(text) = self.header(&IDEMPOTENCY_KEY)? else { return Ok(None) };
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let is_key = (8..=128).contains(&bare.len())
            && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        if !is_key {
            let message = "must be 8 to 128 letters, digits, -, _, . or :";
            return Err(ApiError::invalid("Idempotency-Key", message));
        }
        let body_hash = body::hash(self.request.uri().path(), &self.body)?;
        Ok(Some(Key { key: bare.to_owned(), body_hash }))
    }

    /// `If-Match`, if it was sent.
    ///
    /// # Errors
    /// 400.
    pub fn if_match(&self) -> Result<Option<BasedOn>, ApiError> {
        self.header(&header::IF_MATCH)?.map(conditional::if_match).transpose()
    }

    /// `X-Tracking-Token`, if it was sent.
    ///
    /// # Errors
    /// 400 when it is no text, or there twice.
    pub fn tracking_token(&self) -> Result<Option<&str>, ApiError> {
        self.header(&TRACKING_TOKEN)
    }

    /// One value of a header.
    ///
    /// # Errors
    /// 400 when it is no text, or there twice.
    pub fn header(&self, name: &HeaderName) -> Result<Option<&str>, ApiError> {
        let mut values = self.request.headers().get_all(name);
        let Some(value) = values.next() else { return Ok(None) };
        match value.to_str() {
            Ok(text) if values.next().is_none() => Ok(Some(text)),
            _ => Err(ApiError::invalid(canonical_name(name), "must be sent once, as text")),
        }
    }

    /// Answers from the edge cache under `key`, else with what `ask` answers, which is kept there: also for the
    /// request exactly as it was written, so that the next like it does not come this far.
    ///
    /// # Errors
    /// Those of `ask`.
    pub async fn at_the_edge(
        &self,
        key: &str,
        concern: &Concern,
        ask: impl AsyncFnOnce() -> Result<Rendered, ApiError>,
    ) -> Answer {
        let entry = self.app.edge_cache.find_or_ask(key, concern, ask).await?;
        let written = as_written(&self.request);
        if written != key {
            self.app.edge_cache.also_under(written, &entry);
        }
        Ok(Reply::cached(entry))
    }
}

impl Rendered {
    /// A list, or anything else without a version.
    pub fn new(value: &impl Serialize, concern: Concern) -> Self {
        let body: Bytes = serde_json::to_vec(value).expect("answers have string keys and can be written").into();
        Self { etag: conditional::etag(&body), body, concern }
    }

    /// A detail.
    pub fn versioned(value: &impl Serialize, version: i64, concern: Concern) -> Self {
        let body: Bytes = serde_json::to_vec(value).expect("answers have string keys and can be written").into();
        Self { etag: conditional::versioned_etag(version, &body), body, concern }
    }
}

/// Path and query of a request, byte for byte.
pub(super) fn as_written(request: &HttpRequest) -> &str {
    request.uri().path_and_query().map_or("", |written| written.as_str())
}

fn canonical_name(name: &HeaderName) -> String {
    let capital = |word: &str| word.split_at_checked(1).map(|(first, rest)| first.to_ascii_uppercase() + rest);
    name.as_str().split('-').map(|word| capital(word).unwrap_or_default()).collect::<Vec<_>>().join("-")
}
