//! A channel that knows its limits (`reliability.md` 1.5): so many calls at a time, none after its deadline, none while
//! the circuit is open, and one more try where that is safe and the budget allows it.
//!
//! Some more wait for their turn, which absorbs a rush; one that comes then is refused at once, so that a service which is
//! asked for more than it can do spends its time on calls that are still waited for. Reads and writes are bounded and cut off
//! apart: a write that waits for somebody else's service never stops reads. A service that answers "unavailable" itself is
//! one that answers; only silence opens a circuit.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use service_runtime::grpc::Channel;
use service_runtime::{Places, context};
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Service, ServiceExt};

use super::breaker::Breaker;
use super::budget::Budget;
use super::{Effort, WRITE};

const READS_AT_A_TIME: usize = 512;
const WRITES_AT_A_TIME: usize = 256;
/// What a service on two slow cores does in less than two seconds.
const WAITING: usize = 1_024;
/// A service that had less time than this was not silent.
const FAIR: Duration = Duration::from_millis(250);
/// Before a call is repeated: what was restarting may be there, and not all come back at once.
const BEFORE_RETRY: Duration = Duration::from_millis(20);
const SPREAD_MILLIS: u32 = 30;
const TIMEOUT: &str = "grpc-timeout";
const STATUS: &str = "grpc-status";
/// Our services say more than a number.
const DETAILS: &str = "grpc-status-details-bin";

/// The connection to one service; clones share its limits.
#[derive(Clone)]
pub struct Guarded {
    channel: Channel,
    limits: Arc<Limits>,
}

struct Limits {
    name: &'static str,
    reads: Lane,
    writes: Lane,
    budget: Budget,
}

struct Lane {
    places: Places,
    breaker: Breaker,
}

/// Why there is no answer.
struct Failure {
    status: Status,
    /// Nobody was reached, or the connection broke: another try may find somebody.
    may_pass: bool,
}

impl Guarded {
    pub(super) fn new(name: &'static str, channel: Channel) -> Self {
        let lane = |at_a_time| Lane { places: Places::new(at_a_time, WAITING), breaker: Breaker::new() };
        let (reads, writes) = (lane(READS_AT_A_TIME), lane(WRITES_AT_A_TIME));
        let limits = Limits { name, reads, writes, budget: Budget::new() };
        Self { channel, limits: Arc::new(limits) }
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let effort = request.extensions().get::<Effort>().copied().unwrap_or(WRITE);
        let deadline = Instant::now() + context::time_left(effort.limit);
        let lane = if effort.is_write { &self.limits.writes } else { &self.limits.reads };
        let Some(_place) = lane.places.enter(deadline.saturating_duration_since(Instant::now())).await else {
            metrics::counter!("gateway_upstream_refused_total", "service" => self.limits.name).increment(1);
            return Err(Status::unavailable(format!("too many calls to {}", self.limits.name)));
        };
        self.limits.budget.earn();
        if !effort.is_repeatable {
            return self.attempt(lane, request, deadline).await.map_err(|failure| failure.status);
        }
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let first = Request::from_parts(parts.clone(), whole(&body));
        let failure = match self.attempt(lane, first, deadline).await {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        let pause = BEFORE_RETRY + Duration::from_millis(u64::from(spread()));
        if !failure.may_pass || Instant::now() + pause >= deadline || !self.limits.budget.spend() {
            return Err(failure.status);
        }
        metrics::counter!("gateway_upstream_retries_total", "service" => self.limits.name).increment(1);
        tokio::time::sleep(pause).await;
        let mut again = Request::from_parts(parts, whole(&body));
        set_timeout(again.headers_mut(), deadline);
        self.attempt(lane, again, deadline).await.map_err(|failure| failure.status)
    }

    async fn attempt(&self, lane: &Lane, request: Request<Body>, deadline: Instant) -> Result<Response<Body>, Failure> {
        let name = self.limits.name;
        let Some(trial) = lane.breaker.admit() else {
            let status = Status::unavailable(format!("the circuit to {name} is open"));
            return Err(Failure { status, may_pass: false });
        };
        let began = Instant::now();
        let failure = match timeout_at(deadline, self.exchange(request)).await {
            Ok(Ok(response)) => {
                trial.answered();
                return Ok(response);
            }
            Ok(Err(failure)) => failure,
            Err(_elapsed) => {
                let status = Status::deadline_exceeded(format!("{name} did not answer in time"));
                let failure = Failure { status, may_pass: false };
                // What was left of somebody else's time says nothing about this service.
                if began.elapsed() < FAIR {
                    return Err(failure);
                }
                failure
            }
        };
        if trial.failed() {
            tracing::warn!(service = name, "the service does not answer: it is left alone for a moment");
            metrics::counter!("gateway_upstream_circuit_opened_total", "service" => name).increment(1);
        }
        Err(failure)
    }

    /// The whole answer: what breaks off in the middle is no answer.
    async fn exchange(&self, request: Request<Body>) -> Result<Response<Body>, Failure> {
        let broken = |error: &dyn std::fmt::Display| {
            let status = Status::unavailable(format!("{}: {error}", self.limits.name));
            Failure { status, may_pass: true }
        };
        let response =
            self.channel.clone().oneshot(request).await.map_err(|error| broken(&service_error::chain(&*error)))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| broken(&service_error::chain(&error)))?;
        let silence = foreign_silence(&parts.headers).or_else(|| foreign_silence(body.trailers()?));
        match silence {
            Some(code) => Err(broken(&code)),
            None => Ok(Response::from_parts(parts, Body::new(body))),
        }
    }
}

impl Service<Request<Body>> for Guarded {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

/// A status that stands for nobody having answered, unless a service of ours explains it.
fn foreign_silence(headers: &HeaderMap) -> Option<Code> {
    let code = Code::from_bytes(headers.get(STATUS)?.as_bytes());
    let is_silence = matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled);
    (is_silence && !headers.contains_key(DETAILS)).then_some(code)
}

fn whole(body: &Bytes) -> Body {
    Body::new(Full::new(body.clone()))
}

fn set_timeout(headers: &mut HeaderMap, deadline: Instant) {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis().min(99_999_999);
    if let Ok(value) = HeaderValue::from_str(&format!("{left}m")) {
        headers.insert(TIMEOUT, value);
    }
}

/// Milliseconds that differ from call to call.
fn spread() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.subsec_micros() % SPREAD_MILLIS
}
