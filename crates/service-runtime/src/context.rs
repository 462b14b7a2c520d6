//! What belongs to one request wherever it goes: its id, its trace and what is left of its time. Task-local, so that neither
//! operations nor stores pass it along; gRPC metadata and outbox rows carry it between processes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Of one request, or of one delivered event.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// 1 to 128 letters, digits, `.`, `_` or `-`.
    pub request_id: Arc<str>,
    /// W3C `traceparent` of the caller, if it sent one.
    pub traceparent: Option<Arc<str>>,
    /// When nobody waits for the answer any more.
    pub deadline: Option<Instant>,
}

tokio::task_local! {
    static CURRENT: RequestContext;
}

impl RequestContext {
    /// A context of its own, for work that nobody asked for.
    #[must_use]
    pub fn named(request_id: impl Into<Arc<str>>) -> Self {
        Self { request_id: request_id.into(), traceparent: None, deadline: None }
    }
}

/// Runs `future` as part of the request.
pub async fn scope<F: Future>(context: RequestContext, future: F) -> F::Output {
    CURRENT.scope(context, future).await
}

/// The request that the current task works for.
#[must_use]
pub fn current() -> Option<RequestContext> {
    CURRENT.try_with(Clone::clone).ok()
}

/// What is left of the request's time, at most `limit`; zero when it is over.
#[must_use]
pub fn time_left(limit: Duration) -> Duration {
    let deadline = CURRENT.try_with(|context| context.deadline).ok().flatten();
    deadline.map_or(limit, |deadline| deadline.saturating_duration_since(Instant::now()).min(limit))
}

/// The W3C `traceparent` that continues the current span; the caller's own while traces are not recorded.
#[must_use]
pub fn traceparent() -> Option<String> {
    traceparent_of_span().or_else(|| Some(current()?.traceparent?.to_string()))
}

/// The same of the current span alone; none while traces are not recorded.
pub(crate) fn traceparent_of_span() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut carrier);
    carrier.remove("traceparent")
}

/// Makes `span` a child of the trace that `traceparent` names.
pub fn continue_trace(span: &tracing::Span, traceparent: &str) {
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    // Refused only while traces are not recorded: then there is nothing to continue.
    let _not_recorded = span.set_parent(TraceContextPropagator::new().extract(&carrier));
}

/// Whether a request id may be kept as it was sent (api.md 2.3).
#[must_use]
pub fn is_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
