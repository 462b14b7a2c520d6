//! A service with one method, written by hand: it does what the text it is sent says.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use service_error::{Detail, Reason, ServiceError};
use service_runtime::grpc::{self, Channel, GrpcServer};
use service_runtime::{Process, context};
use tokio::sync::{Notify, Semaphore};
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// What the test can see of its service and do to it.
#[derive(Clone)]
pub(crate) struct Echo(Arc<State>);

struct State {
    process: Process,
    uri: String,
    started: AtomicUsize,
    arrived: Notify,
    gone: Notify,
    gate: Semaphore,
}

impl NamedService for Echo {
    const NAME: &'static str = "test.v1.EchoService";
}

impl Echo {
    /// Starts it on a free port.
    pub(crate) fn start(process: &Process) -> (Self, Channel) {
        Self::start_at(process, "127.0.0.1:0".parse().unwrap())
    }

    pub(crate) fn start_at(process: &Process, address: SocketAddr) -> (Self, Channel) {
        let server = GrpcServer::bind(address).unwrap();
        let state = State {
            process: process.clone(),
            uri: format!("http://{}", server.addr().unwrap()),
            started: AtomicUsize::new(0),
            arrived: Notify::new(),
            gone: Notify::new(),
            gate: Semaphore::new(0),
        };
        let echo = Self(Arc::new(state));
        let channel = echo.channel();
        server.start(process, "echo", Self::NAME, Routes::new(echo.clone()), &[]);
        (echo, channel)
    }

    /// Another connection to it.
    pub(crate) fn channel(&self) -> Channel {
        grpc::channel(&self.0.uri).unwrap()
    }

    pub(crate) fn uri(&self) -> &str {
        &self.0.uri
    }

    /// How many calls reached the method.
    pub(crate) fn started(&self) -> usize {
        self.0.started.load(Ordering::SeqCst)
    }

    /// Waits until a call that waits has arrived.
    pub(crate) async fn arrived(&self) {
        self.0.arrived.notified().await;
    }

    /// Waits until a call that waits was dropped.
    pub(crate) async fn gone(&self) {
        self.0.gone.notified().await;
    }

    /// Lets waiting calls go on.
    pub(crate) fn open(&self, calls: usize) {
        self.0.gate.add_permits(calls);
    }

    async fn answer(self, request: Request<String>) -> Result<String, Status> {
        self.0.started.fetch_add(1, Ordering::SeqCst);
        let header = |name| request.metadata().get(name).map(|value| value.to_str().unwrap().to_owned());
        match request.get_ref().as_str() {
            "authorization" => Ok(header("authorization").unwrap_or_default()),
            "request id" => Ok(context::current().unwrap().request_id.to_string()),
            "traceparent" => Ok(context::traceparent().unwrap_or_default()),
            "time left" => Ok(context::time_left(Duration::from_secs(60)).as_millis().to_string()),
            "in a task" => {
                let work = async { context::current().unwrap().request_id.to_string() };
                Ok(self.0.process.lifecycle.finish(work).await.unwrap())
            }
            "panic" => panic!("as told"),
            "refuse" => Err(refusal().into_status()),
            "wait" => {
                struct Gone(Echo);
                impl Drop for Gone {
                    fn drop(&mut self) {
                        self.0.0.gone.notify_one();
                    }
                }
                let _gone = Gone(self.clone());
                self.0.arrived.notify_one();
                self.0.gate.acquire().await.unwrap().forget();
                Ok("waited".to_owned())
            }
            text => Ok(text.to_owned()),
        }
    }
}

/// More than a connection lets through in headers by default.
pub(crate) fn refusal() -> ServiceError {
    (0..200).fold(ServiceError::new(Reason::OutOfStock), |refusal, line| {
        let detail = Detail::new(format!("items[{line}].quantity"), "only 3 are left")
            .with("product_id", "0192f6a2-7c1e-7b3a-9f00-0123456789ab")
            .with("available", 3);
        refusal.with_detail(detail)
    })
}

impl UnaryService<String> for Echo {
    type Response = String;
    type Future = BoxFuture<'static, Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move { echo.answer(request).await.map(Response::new) })
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(grpc.unary(echo, request).await)
        })
    }
}

/// Calls it.
pub(crate) async fn call(channel: &Channel, request: Request<String>) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static("/test.v1.EchoService/Echo");
    Ok(client.unary(request, path, ProstCodec::<String, String>::default()).await?.into_inner())
}
