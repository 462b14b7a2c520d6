//! `/socket.io` on the public port: which pages may ask, how much a request may hold, and the way to the Socket.IO
//! server. The limits of requests are REST's; sockets have their own (7.5 of the contract).

use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use service_error::Reason;

use super::body::read_capped;
use super::cors::Cors;
use super::error::ApiError;
use super::front::has_too_large_headers;
use super::request_id;
use super::send::Sending;
use crate::app::App;
use crate::realtime::{LARGEST, Plain, Realtime, WebSocket};

/// Whether a path is the Socket.IO server's.
pub(super) fn takes(path: &str) -> bool {
    matches!(path, "/socket.io" | "/socket.io/")
}

/// Whether a request asks for a WebSocket.
pub(super) fn is_upgrade(request: &HttpRequest) -> bool {
    takes(request.path()) && request.method() == Method::GET && request.headers().contains_key(header::UPGRADE)
}

/// Opens a WebSocket.
pub(super) fn upgrade(
    app: &Arc<App>,
    realtime: &Arc<Realtime>,
    request: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let sending = Sending::new(app, request, request_id::of(request.headers(), app.ids));
    if has_too_large_headers(request) {
        return HttpResponse::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if app.cors.is_foreign(request.headers()) {
        return sending.refuse(&Reason::Forbidden.into());
    }
    if realtime.is_closing() {
        return sending.refuse(&ApiError::unavailable());
    }
    match realtime.open_websocket(request, payload) {
        WebSocket::Open(response) => response,
        WebSocket::Refused(plain) => pass_on(&sending, plain),
        WebSocket::TooMany => sending.refuse(&ApiError::unavailable()),
    }
}

/// Answers a request of long polling.
pub(super) async fn answer(
    realtime: &Arc<Realtime>,
    request: &HttpRequest,
    payload: &mut Payload,
    sending: &Sending<'_>,
) -> HttpResponse {
    if sending.is_foreign() {
        return sending.refuse(&Reason::Forbidden.into());
    }
    let body = match *request.method() {
        Method::OPTIONS if Cors::is_preflight(request.headers()) => return sending.preflight(),
        Method::GET => Ok(Bytes::new()),
        Method::POST => read_capped(payload, LARGEST).await,
        _ => return sending.refuse(&ApiError::method_not_allowed("GET, POST".to_owned())),
    };
    let body = match body {
        Ok(body) => body,
        Err(refusal) => {
            realtime.end_named(request);
            return sending.refuse(&refusal);
        }
    };
    if realtime.is_closing() && !request.uri().query().unwrap_or_default().contains("sid=") {
        return sending.refuse(&ApiError::unavailable());
    }
    match realtime.answer(request, body).await {
        Some(plain) => pass_on(sending, plain),
        None => sending.refuse(&ApiError::unavailable()),
    }
}

fn pass_on(sending: &Sending<'_>, plain: Plain) -> HttpResponse {
    let status = StatusCode::from_u16(plain.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    sending.pass_on(status, HeaderValue::from_static(plain.content_type), plain.body)
}
