//! The two listeners: the protocol, with the faults that a test asks for, and the public side.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::Body;
use s3s::service::S3Service;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::fault::{Fault, Switch};
use crate::public;
use crate::store::Store;

/// After an error of `accept`, such as that no more files may be open.
const PAUSE: Duration = Duration::from_millis(50);

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
struct Cut;

/// Serves the protocol until it is dropped.
pub(crate) async fn protocol(listener: TcpListener, service: S3Service, switch: Arc<Switch>) {
    accept(listener, move |request| answer(service.clone(), Arc::clone(&switch), request)).await;
}

/// Serves the public side until it is dropped.
pub(crate) async fn public(listener: TcpListener, store: Arc<Store>) {
    accept(listener, move |request| {
        let store = Arc::clone(&store);
        async move { Ok::<_, Infallible>(public::show(store, request).await) }
    })
    .await;
}

/// Connections end with this.
async fn accept<H, F, E>(listener: TcpListener, handle: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<Body>, E>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((connection, _)) => {
                    // Else the second half of a small answer waits for the client's acknowledgement, 40 ms.
                    let _closed = connection.set_nodelay(true);
                    let service = service_fn(handle.clone());
                    let mut server = http1::Builder::new();
                    server.timer(TokioTimer::new());
                    connections.spawn(server.serve_connection(TokioIo::new(connection), service));
                }
                Err(error) => pause(&error).await,
            },
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "the local S3 cannot take a connection");
    tokio::time::sleep(PAUSE).await;
}

async fn answer(service: S3Service, switch: Arc<Switch>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return Ok(preflight(origin, request.headers()));
    }
    let fault = switch.next();
    match fault {
        Some(Fault::Refusing) => return Ok(refusal()),
        Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
        Some(Fault::Cutting) | None => {}
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = service.call(request.map(Body::from)).await.map_err(|error| {
        tracing::warn!(?error, "the local S3 has no answer");
        Cut
    })?;
    if fault == Some(Fault::Cutting) && !reads {
        return Err(Cut);
    }
    allow(response.headers_mut(), origin);
    Ok(response)
}

/// Any page may use a presigned address: what it may do is in the address.
fn allow(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
}

fn preflight(origin: Option<HeaderValue>, asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, PUT"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    allow(headers, origin);
    response
}

fn refusal() -> Response<Body> {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>ServiceUnavailable</Code></Error>";
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}
