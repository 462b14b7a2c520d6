//! The answering side.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::request_layer::RequestLayer;
use crate::{Process, Readiness};

/// Calls that run at a time in one service.
const CONCURRENT: usize = 512;
/// Calls that wait for one of those to end, within their deadline; more are refused at once.
const WAITING: usize = 512;
/// Of what is taken at once: files come in pieces, each of which should need one.
const LARGEST_FRAME: u32 = 256 * 1024;
/// How old what health says may be.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// A gRPC port that is taken, but closed: whoever connects too early is refused at once, instead of waiting for a process
/// that may not start at all.
pub struct GrpcServer {
    socket: TcpSocket,
    opened: CancellationToken,
    long_calls: Vec<(&'static str, Duration)>,
}

impl GrpcServer {
    /// Takes `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Self { socket, opened: CancellationToken::new(), long_calls: Vec::new() })
    }

    /// A method, by its name alone, that may take so long where others are given up after five seconds: one that is sent a
    /// file, say. It bounds itself how many of them run.
    #[must_use]
    pub fn with_long_call(mut self, method: &'static str, longest: Duration) -> Self {
        self.long_calls.push((method, longest));
        self
    }

    /// The process is not ready, by this name, before the port is open.
    pub fn announce(&self, readiness: &Readiness, name: &'static str) {
        let opened = self.opened.clone();
        readiness.require(name, move || std::future::ready(opened.is_cancelled()));
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn addr(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Opens the port and serves `routes` of `service` until the process drains, with health (also by the full `grpc_name`, such as
    /// `catalog.v1.CatalogService`) and reflection over `descriptors`. Health says whether anything is missing that
    /// readiness requires under a name which begins with `service`: several services may share a process.
    pub fn start(
        self,
        process: &Process,
        service: &'static str,
        grpc_name: &'static str,
        routes: Routes,
        descriptors: &'static [u8],
    ) {
        let accepting = process.lifecycle.accepting();
        let readiness = process.readiness.clone();
        let draining = readiness.draining();
        process.lifecycle.serve(service, async move {
            let listener = self.socket.listen(BACKLOG).map_err(|error| error.to_string())?;
            self.opened.cancel();
            let (health, health_service) = tonic_health::server::health_reporter();
            set_health(&health, grpc_name, ServingStatus::Serving).await;
            let reflection = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(descriptors)
                .build_v1()
                .map_err(|error| error.to_string())?;
            let stopping = accepting.clone();
            let going = async move {
                tokio::select! {
                    () = draining.cancelled() => {}
                    never = tell_health(&readiness, service, &health, grpc_name) => match never {},
                }
                set_health(&health, grpc_name, ServingStatus::NotServing).await;
                accepting.cancelled().await;
            };
            // Set here: those of the builder below count only for a listener it binds itself.
            let incoming =
                TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(Duration::from_secs(10)));
            let server = Server::builder()
                .http2_keepalive_interval(Some(Duration::from_secs(10)))
                .http2_keepalive_timeout(Some(Duration::from_secs(5)))
                .max_concurrent_streams(1_024)
                .http2_max_header_list_size(32 * 1024)
                .max_frame_size(LARGEST_FRAME)
                .layer(RequestLayer::new(service, CONCURRENT, WAITING, self.long_calls))
                .add_routes(routes)
                .add_service(health_service)
                .add_service(reflection)
                .serve_with_incoming_shutdown(incoming, going);
            tokio::select! {
                result = server => result.map_err(|error| error.to_string()),
                // hyper can wait long for a client that holds its connection (hyperium/hyper#4170).
                () = async { stopping.cancelled().await; tokio::time::sleep(Duration::from_secs(9)).await } => Ok(()),
            }
        });
    }
}

/// Looks again and again at what the service cannot work without.
async fn tell_health(
    readiness: &Readiness,
    service: &str,
    health: &HealthReporter,
    grpc_name: &str,
) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let is_up = !readiness.missing().await.iter().any(|name| name.starts_with(service));
        set_health(health, grpc_name, if is_up { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
    }
}

async fn set_health(health: &HealthReporter, grpc_name: &str, status: ServingStatus) {
    health.set_service_status("", status).await;
    health.set_service_status(grpc_name, status).await;
}
