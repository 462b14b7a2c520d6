//! What happens around every call a service answers: its context, a span, its deadline, a place among those that may run,
//! and the metrics of it.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::FutureExt;
use http::{HeaderMap, Request, Response};
use metrics::{counter, gauge, histogram};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::Instrument;

use super::{REQUEST_ID, TRACEPARENT};
use crate::context::{self, RequestContext, continue_trace, is_request_id, traceparent_of_span};
use crate::{Ids, Places};

/// Answers later than this are of no use to anybody, whatever the caller asked for; but see
/// [`GrpcServer::with_long_call`](super::GrpcServer::with_long_call).
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct RequestLayer {
    service: &'static str,
    places: Places,
    long_calls: Vec<(&'static str, Duration)>,
}

#[derive(Clone)]
pub(super) struct RequestService<S> {
    inner: S,
    layer: RequestLayer,
}

impl RequestLayer {
    /// At most `concurrent` calls run at a time; `waiting` more wait for a place as long as their deadline lets them, and
    /// whoever comes then is refused at once. Calls last [`LONGEST`], but those of `long_calls`.
    pub(super) fn new(
        service: &'static str,
        concurrent: usize,
        waiting: usize,
        long_calls: Vec<(&'static str, Duration)>,
    ) -> Self {
        Self { service, places: Places::new(concurrent, waiting), long_calls }
    }

    fn longest(&self, method: &str) -> Duration {
        self.long_calls.iter().find(|(name, _)| *name == method).map_or(LONGEST, |(_, longest)| *longest)
    }
}

impl<S> Layer<S> for RequestLayer {
    type Service = RequestService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestService { inner, layer: self.clone() }
    }
}

impl<S, B, R> Service<Request<B>> for RequestService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
    R: Default + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        if is_infrastructure(request.uri().path()) {
            return Box::pin(inner.call(request));
        }
        let layer = self.layer.clone();
        let call = Call::enter(layer.service, method_name(request.uri().path()));
        let longest = layer.longest(&call.method);
        let patience = timeout(request.headers()).map_or(longest, |timeout| timeout.min(longest));
        let context = read_context(request.headers(), call.started + patience);
        let span = span(&call, &context);
        let work = async move {
            // All of it, not the fields alone: it is counted when this future ends or is dropped.
            let mut call = call;
            let Some(_place) = layer.places.enter(patience).await else {
                return Ok(Status::unavailable("overloaded").into_http());
            };
            let left = patience.saturating_sub(call.started.elapsed());
            if left.is_zero() {
                return Ok(Status::deadline_exceeded("nobody waits for the answer any more").into_http());
            }
            // A panic is this call's alone: it must not take along the connection and all other calls on it.
            let answer = AssertUnwindSafe(async move { inner.call(request).await }).catch_unwind();
            // Inside the deadline: a caller that has gone must not keep its place.
            let answer = match tokio::time::timeout(left, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_panic)) => Ok(Status::internal("the call panicked").into_http()),
                Err(_elapsed) => Ok(Status::deadline_exceeded("the call took too long").into_http()),
            };
            call.code = answer.as_ref().map_or(Code::Internal, |answer| code(answer.headers()));
            tracing::debug!(code = ?call.code, duration_ms = call.started.elapsed().as_millis(), "answered");
            answer
        };
        Box::pin(context::scope(context, work.instrument(span)))
    }
}

/// The span of a call, part of its caller's trace.
fn span(call: &Call, context: &RequestContext) -> tracing::Span {
    let Call { service, method, .. } = call;
    let request_id = &*context.request_id;
    let trace_id = tracing::field::Empty;
    let span = tracing::info_span!("call", service, method, request_id, trace_id, otel.kind = "server");
    if let Some(traceparent) = &context.traceparent {
        continue_trace(&span, traceparent);
    }
    if let Some(traceparent) =
        span.in_scope(traceparent_of_span).or_else(|| Some(context.traceparent.clone()?.to_string()))
        && let Some(trace_id) = traceparent.split('-').nth(1)
    {
        span.record("trace_id", trace_id);
    }
    span
}

/// A call under way: counted until it is dropped, also when its caller goes away.
struct Call {
    service: &'static str,
    method: String,
    started: Instant,
    code: Code,
}

impl Call {
    fn enter(service: &'static str, method: String) -> Self {
        gauge!("grpc_requests_under_way", "service" => service).increment(1.0);
        Self { service, method, started: Instant::now(), code: Code::Cancelled }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let service = self.service;
        // The names of methods that do not exist are without number.
        let method =
            if self.code == Code::Unimplemented { "unknown".to_owned() } else { std::mem::take(&mut self.method) };
        let code = format!("{:?}", self.code);
        gauge!("grpc_requests_under_way", "service" => service).decrement(1.0);
        counter!("grpc_requests_total", "service" => service, "method" => method.clone(), "code" => code).increment(1);
        histogram!("grpc_request_duration_seconds", "service" => service, "method" => method)
            .record(self.started.elapsed().as_secs_f64());
    }
}

/// Health and reflection are asked by the platform, without a token and all the time.
fn is_infrastructure(path: &str) -> bool {
    path.starts_with("/grpc.")
}

/// The last part of `/catalog.v1.CatalogService/GetProduct`.
fn method_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn read_context(headers: &HeaderMap, deadline: Instant) -> RequestContext {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let traceparent = text(TRACEPARENT).filter(|text| text.len() <= 128);
    let request_id = text(REQUEST_ID).filter(|id| is_request_id(id));
    RequestContext {
        request_id: request_id.map_or_else(|| Ids.next::<uuid::Uuid>().to_string().into(), Into::into),
        traceparent: traceparent.map(Into::into),
        deadline: Some(deadline),
    }
}

/// `grpc-timeout`: up to eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3_600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

/// A refusal has its code in the headers, a unary success in the trailers.
fn code(headers: &HeaderMap) -> Code {
    headers.get("grpc-status").map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()))
}
