//! Logs, traces and metrics of a process.

use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::{Environment, EnvironmentError};

/// How a process tells what it does.
#[derive(Debug, Clone)]
pub struct Config {
    /// `LOG_FORMAT`
    pub json: bool,
    /// `RUST_LOG`
    pub filter: String,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`
    pub otlp_endpoint: Option<String>,
}

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` is not a filter.
    #[error("RUST_LOG cannot be read")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// The collector's address is not one.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    /// The recorder refuses.
    #[error("metrics cannot be set up")]
    Metrics(#[source] BuildError),
    /// Somebody was here before.
    #[error("logs are set up already")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable cannot be read.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let format: Format = environment.or("LOG_FORMAT", "json", "`json`, or `pretty` for people")?;
        Ok(Self {
            json: matches!(format, Format::Json),
            filter: environment.or("RUST_LOG", "info,lapin=warn", "which log lines are written")?,
            otlp_endpoint: environment.optional(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "OTLP/gRPC collector of traces, such as http://127.0.0.1:4317",
            )?,
        })
    }
}

enum Format {
    Json,
    Pretty,
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err(()),
        }
    }
}

/// Ends traces when the process does.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Sets up logs, traces and metrics for the whole process, once.
///
/// # Errors
/// A setting cannot be used.
pub fn init(service: &'static str, config: &Config) -> Result<Telemetry, TelemetryError> {
    metrics_handle().map_err(TelemetryError::Metrics)?;
    let filter = EnvFilter::try_new(&config.filter).map_err(TelemetryError::Filter)?;
    let traces = config.otlp_endpoint.as_deref().map(|endpoint| tracer(service, endpoint)).transpose()?;
    let export = traces.as_ref().map(|traces| {
        // Traces record the spans of requests whatever the log level.
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer("zst"))
            .with_filter(tracing_subscriber::filter::LevelFilter::INFO)
    });
    let lines = if config.json {
        tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            // All of them: the request id stands in the outermost.
            .with_current_span(false)
            .with_span_list(true)
            .with_writer(std::io::stderr)
            .with_filter(filter)
            .boxed()
    } else {
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter).boxed()
    };
    tracing_subscriber::registry().with(export).with(lines).try_init().map_err(TelemetryError::Twice)?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, reason = panic.payload_as_str().unwrap_or_default(), "panicked");
    }));
    Ok(Telemetry { traces })
}

impl Telemetry {
    /// Sends what is left, for two seconds at most: a collector that is away must not hold the process.
    pub async fn shutdown(self) {
        let Some(traces) = self.traces else { return };
        let ending = tokio::task::spawn_blocking(move || traces.shutdown_with_timeout(Duration::from_secs(2)));
        let _given_up = tokio::time::timeout(Duration::from_secs(2), ending).await;
    }
}

/// The metrics of this process as Prometheus text.
///
/// # Errors
/// Another recorder was installed.
pub fn render_metrics() -> Result<String, TelemetryError> {
    Ok(metrics_handle().map_err(TelemetryError::Metrics)?.render())
}

/// Between two times that samples are added up.
const ADDING_UP: Duration = Duration::from_secs(1);

/// Installs the recorder with the first call.
fn metrics_handle() -> Result<&'static PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    static INSTALLING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(handle) = HANDLE.get() {
        return Ok(handle);
    }
    const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()?;
    let handle = HANDLE.get_or_init(|| handle);
    // Every sample lies in memory until it is added up, which reading does too; but perhaps nobody reads. A thread of its
    // own: the recorder is the process's, not a runtime's.
    let add_up = move || {
        loop {
            std::thread::sleep(ADDING_UP);
            handle.run_upkeep();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("metrics".to_owned()).spawn(add_up) {
        tracing::error!(%error, "measurements pile up until they are read");
    }
    Ok(handle)
}

fn tracer(service: &'static str, endpoint: &str) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(TelemetryError::Exporter)?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(service).build())
        .build())
}
