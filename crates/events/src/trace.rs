//! Where a request's id and trace go into an event and come out of it again.

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use service_runtime::context::{self, RequestContext};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::envelope::Received;
use crate::outbox::Row;

/// The request id and W3C `traceparent` of whoever is being served.
pub(crate) fn current() -> (Option<String>, Option<String>) {
    (context::current().map(|current| current.request_id.to_string()), context::traceparent())
}

/// The context in which a batch is applied: that of its first event.
pub(crate) fn context(batch: &[Received]) -> RequestContext {
    let first = batch.first();
    let request_id = first.and_then(|event| event.request_id.clone()).unwrap_or_else(|| "event".to_owned());
    let mut context = RequestContext::named(request_id);
    context.traceparent = first.and_then(|event| event.traceparent.as_deref()).map(Into::into);
    context
}

/// A span for the batch. Events of one trace are a part of it; when there are several, each is linked to.
pub(crate) fn applying(queue: &'static str, batch: &[Received]) -> Span {
    let span = tracing::info_span!(
        "apply events",
        queue,
        events = batch.len(),
        event = tracing::field::Empty,
        request_id = tracing::field::Empty,
        otel.kind = "consumer",
    );
    if let Some(name) = of_all(batch, |event| Some(&event.name)) {
        span.record("event", name);
    }
    if let Some(request_id) = of_all(batch, |event| event.request_id.as_deref()) {
        span.record("request_id", request_id);
    }
    let parents = || batch.iter().filter_map(|event| event.traceparent.as_deref());
    if of_all(batch, |event| event.traceparent.as_deref().and_then(trace_id)).is_some()
        && let Some(parent) = parents().next()
    {
        context::continue_trace(&span, parent);
        return span;
    }
    for parent in parents() {
        let carrier = std::collections::HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
        let cause = TraceContextPropagator::new().extract(&carrier);
        span.add_link(cause.span().span_context().clone());
    }
    span
}

/// A span for the way of an event to the broker, part of the trace of whoever wrote it; none for what nobody traced.
pub(crate) fn publishing(service: &'static str, row: &Row) -> Span {
    let Some(traceparent) = &row.traceparent else { return Span::none() };
    let request_id = row.request_id.as_deref();
    let span = tracing::info_span!("publish event", service, event = row.name, request_id, otel.kind = "producer");
    context::continue_trace(&span, traceparent);
    span
}

/// What all events of a batch say, if they say the same.
fn of_all<'a>(batch: &'a [Received], say: impl Fn(&'a Received) -> Option<&'a str>) -> Option<&'a str> {
    let first = say(batch.first()?)?;
    batch.iter().all(|event| say(event) == Some(first)).then_some(first)
}

/// The second part of a `traceparent`.
fn trace_id(traceparent: &str) -> Option<&str> {
    traceparent.split('-').nth(1)
}
