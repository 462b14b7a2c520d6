//! The way to a service, however many processes of it there are: each call goes to the one with the fewest calls under way,
//! and on to another when the first never took it.
//!
//! A process that drains says which calls it will not take any more (GOAWAY), and one that has ended accepts no connection:
//! either way nobody has seen the call, so that even a write may be sent again. A connection that breaks off in the middle
//! leaves that open; such a call is the caller's to repeat, or not.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::Instant;
use tonic::body::Body;
use tonic::transport::{self, Endpoint};
use tower::{Service, ServiceExt};

const MAX_HEADERS: u32 = 256 * 1024;
/// A process that did not take a call is left alone for so long, while there are others.
const REST: Duration = Duration::from_secs(1);

type BoxError = Box<dyn StdError + Send + Sync>;

/// Connections to all processes of a service, made when they are first used, and again whenever they have to; the processes
/// may start later. Clones share them.
#[derive(Clone)]
pub struct Channel(Arc<[Instance]>);

struct Instance {
    channel: transport::Channel,
    under_way: AtomicUsize,
    rests_until: Mutex<Option<Instant>>,
}

/// Channels to the processes of a service, whose addresses stand in `uris`, with commas between them.
///
/// # Errors
/// An address is not one of a gRPC server.
pub fn channel(uris: &str) -> Result<Channel, transport::Error> {
    uris.split(',').map(|uri| Instance::new(uri.trim())).collect::<Result<_, _>>().map(Channel)
}

impl Channel {
    /// The way to each process alone.
    pub fn instances(&self) -> impl Iterator<Item = transport::Channel> {
        self.0.iter().map(|instance| instance.channel.clone())
    }

    /// The way to the process with the fewest calls under way, for a call whose body is sent while it is made: such a call
    /// cannot go on to another process, and is not counted.
    pub fn for_stream(&self) -> transport::Channel {
        self.choose().channel.clone()
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let again = || Request::from_parts(parts.clone(), Body::new(Full::new(Bytes::clone(&body))));
        // Each of them once, and the first once more: it may have been replaced by another behind the same address.
        for _ in 0..self.0.len() {
            let instance = self.choose();
            match instance.send(again()).await {
                Err(error) if never_taken(&error) => instance.rest(),
                answer => return Ok(answer?),
            }
        }
        Ok(self.choose().send(again()).await?)
    }

    /// The one with the fewest calls under way, of those that do not rest, if there are any.
    fn choose(&self) -> &Instance {
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let instances = (0..self.0.len()).map(|step| &self.0[(turn + step) % self.0.len()]);
        let cost = |instance: &&Instance| (instance.rests(now), instance.under_way.load(Ordering::Relaxed));
        instances.min_by_key(cost).expect("a text has at least one part")
    }
}

impl Instance {
    fn new(uri: &str) -> Result<Self, transport::Error> {
        let channel = Endpoint::from_shared(uri.to_owned())?
            .connect_timeout(Duration::from_millis(200))
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(10)))
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            // A refusal travels in headers: a basket of a hundred lines is named line by line.
            .http2_max_header_list_size(MAX_HEADERS)
            .connect_lazy();
        Ok(Self { channel, under_way: AtomicUsize::new(0), rests_until: Mutex::default() })
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, transport::Error> {
        struct UnderWay<'a>(&'a AtomicUsize);
        impl Drop for UnderWay<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay(&self.under_way);
        self.channel.clone().oneshot(request).await
    }

    fn rest(&self) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
    }

    fn rests(&self, now: Instant) -> bool {
        self.rests_until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| now < until)
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("instances", &self.0.len()).finish_non_exhaustive()
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

/// Whether it is certain that no process has begun with the call: there was no connection, or its other side had said that
/// it takes no more.
fn never_taken(error: &transport::Error) -> bool {
    let causes = std::iter::successors(Some(error as &(dyn StdError + 'static)), |&cause| cause.source());
    causes.into_iter().any(|cause| {
        cause.is::<tonic::ConnectError>()
            || cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
            || cause.downcast_ref::<h2::Error>().is_some_and(was_refused)
    })
}

fn was_refused(error: &h2::Error) -> bool {
    let goes = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (goes || error.reason() == Some(h2::Reason::REFUSED_STREAM))
}
