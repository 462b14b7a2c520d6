//! Bytes between the public port and the Socket.IO server: requests of long polling, and WebSockets.

mod plain;
mod websocket;

use std::sync::Arc;

use actix_web::HttpRequest;
use bytes::Bytes;
use futures::FutureExt;
use http::Request;
use http_body_util::Full;
use socketioxide::socket::Sid;
use tower::Service;

pub(crate) use self::plain::Plain;
pub(crate) use self::websocket::WebSocket;
use super::Realtime;
use super::connection::Connection;

/// The parameters that decide where a request belongs.
pub(crate) struct Asked<'a> {
    pub(crate) transport: Option<&'a str>,
    /// Of the connection that the request belongs to; none for a new one.
    pub(crate) sid: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// As the server reads them: the first of a name, not decoded.
    pub(crate) fn read(request: &'a HttpRequest) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let value = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name).and_then(|value| value.strip_prefix('=')))
        };
        Self { transport: value("transport"), sid: value("sid") }
    }
}

impl Realtime {
    /// Ends a connection of long polling as its client would: the server has no other way to be told.
    pub(super) fn close_polling(&self, sid: Sid) {
        let uri = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        let request = Request::post(uri).body(Full::new(Bytes::from_static(b"1")));
        if let Ok(request) = request {
            let mut service = self.service.clone();
            // All of the request is there: it is done at once.
            let _done = Service::call(&mut service, request).now_or_never();
        }
    }
}

/// The head of a request, with what the server needs of it and the connection it belongs to.
fn head<B>(request: &HttpRequest, connection: Option<&Arc<Connection>>, body: B) -> Option<Request<B>> {
    let uri: http::Uri = request.uri().path_and_query()?.as_str().parse().ok()?;
    let mut copy = Request::builder().method(request.method().as_str()).uri(uri).body(body).ok()?;
    if let Some(kind) = request.headers().get("content-type") {
        copy.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_bytes(kind.as_bytes()).ok()?);
    }
    if let Some(connection) = connection {
        copy.extensions_mut().insert(Arc::clone(connection));
    }
    Some(copy)
}
