//! The private port: metrics, liveness, readiness. Never reachable from outside.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;

use crate::{Process, Readiness, telemetry};

/// A bound private port.
pub struct PrivateHttp {
    listener: TcpListener,
}

impl PrivateHttp {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await? })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves `/metrics`, `/health/live` and `/health/ready` until the process has stopped its background work, so that a
    /// drain can be watched.
    pub fn start(self, process: &Process) {
        let routes = Router::new()
            .route("/metrics", get(metrics))
            // Touches nothing: a dependency that is away must not restart everything.
            .route("/health/live", get(async || "ok"))
            .route("/health/ready", get(ready))
            .with_state(process.readiness.clone());
        let working = process.lifecycle.working();
        process.lifecycle.work("private port", async move {
            axum::serve(self.listener, routes).with_graceful_shutdown(working.cancelled_owned()).await
        });
    }
}

async fn metrics() -> impl IntoResponse {
    match telemetry::render_metrics() {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

async fn ready(State(readiness): State<Readiness>) -> impl IntoResponse {
    let missing = readiness.missing().await;
    let status = if missing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(missing))
}
