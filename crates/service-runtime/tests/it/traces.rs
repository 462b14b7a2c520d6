//! Traces arrive at a collector, as one trace over both sides of a call.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use service_runtime::{Environment, Process, grpc, telemetry};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::echo::{Echo, call};

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, String)>>>);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans;
        let spans = resources.into_iter().flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans);
        self.0.lock().unwrap().extend(spans.map(|span| (span.name, hex(&span.trace_id))));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

// Several threads: the exporter must not wait for the thread that waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_of_a_call_are_one_trace_at_the_collector() {
    let collector = Collector::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let process = Process::default();
    let server = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(collector.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    process.lifecycle.serve("collector", server);

    let environment: Environment =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("RUST_LOG", "off")].into_iter().collect();
    let config = telemetry::Config::from_env(&environment).unwrap();
    let telemetry = telemetry::init("echo", &config).unwrap();
    let (_echo, channel) = Echo::start(&process);
    let outer = tracing::info_span!("checkout");
    let limit = Duration::from_secs(2);
    let seen = async { call(&channel, grpc::request("traceparent".to_owned(), "t", limit)).await.unwrap() }
        .instrument(outer.clone())
        .await;
    drop(outer);
    telemetry.shutdown().await;

    let trace_id = seen.split('-').nth(1).unwrap().to_owned();
    let spans = collector.0.lock().unwrap().clone();
    for name in ["checkout", "call"] {
        assert!(spans.contains(&(name.to_owned(), trace_id.clone())), "{name} of {trace_id} in {spans:?}");
    }
}

#[test]
fn a_collector_that_is_away_does_not_hold_the_process() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        // Takes connections and never answers.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", silent.local_addr().unwrap());
        let environment: Environment =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("RUST_LOG", "off")].into_iter().collect();
        let telemetry = telemetry::init("echo", &telemetry::Config::from_env(&environment).unwrap()).unwrap();
        tracing::info_span!("lost").in_scope(|| {});
        tokio::time::timeout(Duration::from_secs(4), telemetry.shutdown()).await.unwrap();
    });
    runtime.shutdown_background();
}
