//! A WebSocket: the connection's bytes passed to the Socket.IO server as they come, and back.
//!
//! All of it happens while the connection writes its answer, on the connection's own thread: nothing is spawned, and a
//! client that does not read is not read from.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_http::body::BodyStream;
use actix_http::ws::handshake;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures::{FutureExt, Stream};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tower::Service;

use super::{Asked, Plain, head};
use crate::realtime::Realtime;
use crate::realtime::connection::Connection;
use crate::realtime::frames::Frames;
use crate::realtime::measure::{self, Ended};
use crate::realtime::pipe::{FarEnd, pipe};

/// The answer to a request for a WebSocket.
pub(crate) enum WebSocket {
    Open(HttpResponse),
    Refused(Plain),
    /// There are too many connections.
    TooMany,
}

impl Realtime {
    /// Opens a WebSocket, for a new connection or for one of long polling that goes on over it.
    pub(crate) fn open_websocket(self: &Arc<Self>, request: &HttpRequest, payload: Payload) -> WebSocket {
        let asked = Asked::read(request);
        if asked.transport != Some("websocket") {
            return WebSocket::Refused(Plain::bad_request());
        }
        let Ok(mut response) = handshake(request.head()) else { return WebSocket::Refused(Plain::bad_request()) };
        let connection = match asked.sid {
            Some(sid) => match self.connections.find(sid) {
                Some(connection) => connection,
                None => return WebSocket::Refused(Plain::unknown_session()),
            },
            None => match self.connections.open(self.config.connections) {
                Some(connection) => connection,
                None => return WebSocket::TooMany,
            },
        };
        let Some(head) = head(request, Some(&connection), ()) else { return WebSocket::Refused(Plain::bad_request()) };
        let (near, far) = pipe();
        let mut service = self.service.clone();
        let taken = Service::call(&mut service, (near, head)).now_or_never();
        if taken.is_none_or(|taken| taken.is_err()) {
            return WebSocket::Refused(Plain::bad_request());
        }
        if asked.sid.is_none() {
            connection.carried_by_websocket();
        }
        let end = Box::pin(connection.end().clone().cancelled_owned());
        let stream = Socket {
            realtime: Arc::clone(self),
            payload,
            is_over: false,
            far,
            end,
            connection,
            heard: Frames::default(),
            said: Frames::default(),
        };
        match response.message_body(BodyStream::new(stream)) {
            Ok(response) => WebSocket::Open(response.map_into_boxed_body().into()),
            Err(_unwritable) => WebSocket::Refused(Plain::bad_request()),
        }
    }
}

struct Socket {
    realtime: Arc<Realtime>,
    payload: Payload,
    /// The client sends nothing more.
    is_over: bool,
    far: FarEnd,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
    connection: Arc<Connection>,
    heard: Frames,
    said: Frames,
}

impl Socket {
    /// Passes on what the client sent; false when it sends too much.
    fn take_in(&mut self, cx: &mut Context<'_>) -> bool {
        while !self.is_over && self.far.has_room() {
            match Pin::new(&mut self.payload).poll_next(cx) {
                Poll::Pending => return true,
                Poll::Ready(Some(Ok(bytes))) => {
                    let mut frames = 0;
                    self.heard.read(&bytes, |_| frames += 1);
                    if frames > 0 && !self.connection.heard(frames) {
                        return false;
                    }
                    self.far.push(&bytes);
                }
                Poll::Ready(Some(Err(_)) | None) => {
                    self.is_over = true;
                    self.far.finish();
                }
            }
        }
        true
    }
}

impl Stream for Socket {
    type Item = Result<Bytes, actix_web::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        if !this.take_in(cx) {
            measure::ended(Ended::TooManyMessages);
            this.realtime.end_connection(&this.connection);
            return Poll::Ready(None);
        }
        let taken = std::task::ready!(this.far.poll_take(cx));
        if let Some(bytes) = &taken {
            this.said.read(bytes, |frame| {
                if let Some(length) = frame.event() {
                    this.connection.sent(length);
                }
            });
        }
        Poll::Ready(taken.map(Ok))
    }
}
