//! A request of long polling: copied to the Socket.IO server, and its answer back.

use std::str::FromStr;
use std::sync::Arc;

use actix_web::HttpRequest;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use socketioxide::socket::Sid;
use tower::Service;

use super::{Asked, head};
use crate::realtime::connection::Connection;
use crate::realtime::measure::{self, Ended};
use crate::realtime::{Realtime, frames};

/// What a client of long polling is answered.
pub(crate) struct Plain {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
}

const TEXT: &str = "text/plain; charset=UTF-8";
const JSON: &str = "application/json";
const BAD_REQUEST: &[u8] = br#"{"code":"3","message":"Bad request"}"#;
const UNKNOWN_SESSION: &[u8] = br#"{"code":"1","message":"Session ID unknown"}"#;
/// "The connection is over", for a client that waits for messages.
const CLOSED: &[u8] = b"1";

impl Plain {
    fn refused(body: &'static [u8]) -> Self {
        Self { status: 400, content_type: JSON, body: Bytes::from_static(body) }
    }

    fn text(body: &'static [u8]) -> Self {
        Self { status: 200, content_type: TEXT, body: Bytes::from_static(body) }
    }

    /// The request names a connection that is not here.
    pub(crate) fn unknown_session() -> Self {
        Self::refused(UNKNOWN_SESSION)
    }

    /// The request is none that this port answers.
    pub(crate) fn bad_request() -> Self {
        Self::refused(BAD_REQUEST)
    }
}

impl Realtime {
    /// Answers a request of long polling; none when there are too many connections.
    pub(crate) async fn answer(&self, request: &HttpRequest, body: Bytes) -> Option<Plain> {
        let asked = Asked::read(request);
        // A WebSocket that asks for no upgrade would wait for one for ever.
        if asked.transport != Some("polling") {
            return Some(Plain::bad_request());
        }
        let Some(sid) = asked.sid else { return self.open(request).await };
        let Some(connection) = self.connections.find(sid) else { return Some(Plain::unknown_session()) };
        if request.method() == actix_web::http::Method::POST && !connection.heard(frames::packets(&body).max(1)) {
            measure::ended(Ended::TooManyMessages);
            self.end_connection(&connection);
            return Some(Plain::bad_request());
        }
        tokio::select! {
            biased;
            () = connection.end().cancelled() => Some(Plain::text(CLOSED)),
            answer = self.pass_on(request, &connection, body) => Some(answer),
        }
    }

    /// A body that is larger than any may be.
    pub(crate) fn end_named(&self, request: &HttpRequest) {
        if let Some(connection) = Asked::read(request).sid.and_then(|sid| self.connections.find(sid)) {
            measure::ended(Ended::Malformed);
            self.end_connection(&connection);
        }
    }

    async fn open(&self, request: &HttpRequest) -> Option<Plain> {
        let connection = self.connections.open(self.config.connections)?;
        let answer = self.pass_on(request, &connection, Bytes::new()).await;
        if answer.status == 200
            && let Some(sid) = sid_of(&answer.body)
        {
            self.connections.name(&connection, sid);
        }
        Some(answer)
    }

    async fn pass_on(&self, request: &HttpRequest, connection: &Arc<Connection>, body: Bytes) -> Plain {
        let Some(copy) = head(request, Some(connection), Full::new(body)) else { return Plain::bad_request() };
        let mut service = self.service.clone();
        let Ok(response) = Service::call(&mut service, copy).await;
        let status = response.status().as_u16();
        let is_json = response.headers().get("content-type").is_some_and(|kind| kind == JSON);
        let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        frames::events(&body).for_each(|length| connection.sent(length));
        Plain { status, content_type: if is_json { JSON } else { TEXT }, body }
    }
}

/// The id in the first packet of a connection: `0{"sid":"…",…}`.
fn sid_of(body: &[u8]) -> Option<Sid> {
    let open: serde_json::Value = serde_json::from_slice(body.strip_prefix(b"0")?).ok()?;
    Sid::from_str(open.get("sid")?.as_str()?).ok()
}
