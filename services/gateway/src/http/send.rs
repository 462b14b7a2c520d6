//! What every answer has: its headers, a smaller form for who asks, nothing at all for who has it already.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::compress::{self, Encoding};
use super::conditional;
use super::error::ApiError;
use super::front::{EMPTY, has_secret};
use super::reply::{JSON, Reply, ReplyBody};
use super::request_id::REQUEST_ID;
use super::route::{Access, Caching, Route};
use crate::app::App;
use crate::rate_limit::Standing;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const VARY: HeaderValue = HeaderValue::from_static("Authorization, Origin, Accept-Encoding");

/// One answer on its way.
pub(super) struct Sending<'a> {
    app: &'a App,
    route: Option<&'static Route>,
    method: Method,
    request: HttpRequest,
    pub(super) request_id: Arc<str>,
    /// Of the rate limit that is nearest to its end.
    pub(super) standing: Option<Standing>,
}

impl<'a> Sending<'a> {
    pub(super) fn new(app: &'a App, request: &HttpRequest, request_id: Arc<str>) -> Self {
        let method = request.method().clone();
        Self { app, route: None, method, request: request.clone(), request_id, standing: None }
    }

    pub(super) fn of(self, route: &'static Route) -> Self {
        Self { route: Some(route), ..self }
    }

    pub(super) fn send(&self, reply: Reply) -> HttpResponse {
        let is_known = reply.status == StatusCode::OK && self.is_known(reply.etag.as_ref());
        let (status, body, encoding) = if is_known {
            (StatusCode::NOT_MODIFIED, EMPTY, None)
        } else {
            let encoding = self.encoding(&reply);
            (reply.status, encoded(&reply, encoding), encoding)
        };
        let mut response = self.response(status, body);
        let headers = response.headers_mut();
        if !is_known {
            headers.insert(header::CONTENT_TYPE, reply.content_type);
        }
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, encoding.header());
        }
        if let Some(etag) = reply.etag {
            headers.insert(header::ETAG, etag);
        }
        for (name, value) in reply.headers {
            headers.insert(name, value);
        }
        response
    }

    pub(super) fn refuse(&self, refusal: &ApiError) -> HttpResponse {
        let mut response = self.response(refusal.status(), refusal.body(&self.request_id).into());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE {
            // What is left of the body is not read.
            response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
        }
        let headers = response.headers_mut();
        if refusal.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = refusal.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(Ok(allow)) = refusal.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::ALLOW, allow);
        }
        response
    }

    pub(super) fn preflight(&self) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        self.put_common(headers);
        self.app.cors.allow_preflight(self.request.headers(), |name, value| headers.insert_drop(name, value));
        response
    }

    /// Whether a page asks that may not.
    pub(super) fn is_foreign(&self) -> bool {
        self.app.cors.is_foreign(self.request.headers())
    }

    /// An answer that is somebody else's.
    pub(super) fn pass_on(&self, status: StatusCode, content_type: HeaderValue, body: Bytes) -> HttpResponse {
        let mut response = self.response(status, body);
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        response
    }

    fn response(&self, status: StatusCode, body: Bytes) -> HttpResponse {
        let mut response = HttpResponse::with_body(status, body).map_into_boxed_body();
        let headers = response.headers_mut();
        self.put_common(headers);
        self.app.cors.allow(self.request.headers(), |name, value| headers.insert_drop(name, value));
        headers.insert(header::CACHE_CONTROL, self.cache_control());
        if let Some(standing) = self.standing {
            headers.insert(LIMIT, standing.limit.into());
            headers.insert(REMAINING, standing.remaining.into());
            headers.insert(RESET, standing.reset.into());
        }
        response
    }

    fn put_common(&self, headers: &mut HeaderMap) {
        if let Ok(request_id) = HeaderValue::from_str(&self.request_id) {
            headers.insert(REQUEST_ID, request_id);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::VARY, VARY);
        let is_tls = self.app.config.trusted_proxies > 0
            && self.request.headers().get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        if is_tls {
            let for_a_year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, for_a_year);
        }
    }

    fn cache_control(&self) -> HeaderValue {
        let caching = self.route.map_or(Caching::Never, |route| route.caching);
        if self.route.is_some_and(|route| route.access == Access::System) {
            return HeaderValue::from_static("no-cache");
        }
        if caching == Caching::Never || has_secret(&self.request) {
            return HeaderValue::from_static("private, no-store");
        }
        if self.request.headers().contains_key(header::AUTHORIZATION) {
            return HeaderValue::from_static("private, no-cache");
        }
        match caching {
            Caching::Public => HeaderValue::from_static("public, no-cache"),
            Caching::PublicFor(300) => HeaderValue::from_static("public, max-age=300"),
            Caching::PublicFor(seconds) => HeaderValue::from_str(&format!("public, max-age={seconds}"))
                .unwrap_or(HeaderValue::from_static("public, no-cache")),
            Caching::Private | Caching::Never => HeaderValue::from_static("private, no-cache"),
        }
    }

    fn is_known(&self, etag: Option<&HeaderValue>) -> bool {
        let is_read = self.method == Method::GET || self.method == Method::HEAD;
        let Some(etag) = etag.filter(|_| is_read).and_then(|etag| etag.to_str().ok()) else { return false };
        let mut sent = self.request.headers().get_all(header::IF_NONE_MATCH).filter_map(|sent| sent.to_str().ok());
        sent.any(|sent| conditional::is_known(sent, etag))
    }

    fn encoding(&self, reply: &Reply) -> Option<Encoding> {
        if reply.body_bytes().len() < compress::FROM {
            return None;
        }
        self.request.headers().get(header::ACCEPT_ENCODING)?.to_str().ok().and_then(Encoding::accepted)
    }
}

fn encoded(reply: &Reply, encoding: Option<Encoding>) -> Bytes {
    match (&reply.body, encoding) {
        (ReplyBody::Bytes(body), None) => body.clone(),
        (ReplyBody::Bytes(body), Some(encoding)) => compress::compress(encoding, body),
        (ReplyBody::Cached(entry), None) => entry.body().clone(),
        (ReplyBody::Cached(entry), Some(encoding)) => entry.encoded(encoding).clone(),
    }
}

/// `insert` without its answer.
trait InsertDrop {
    fn insert_drop(&mut self, name: HeaderName, value: HeaderValue);
}

impl InsertDrop for HeaderMap {
    fn insert_drop(&mut self, name: HeaderName, value: HeaderValue) {
        drop(self.insert(name, value));
    }
}
