//! What the gateway says of itself (`api.md` 3). Not counted, and no token is looked at.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use events::live::Status;
use serde::Serialize;
use service_error::Reason;
use utoipa::ToSchema;
use utoipa_swagger_ui::Config as SwaggerConfig;

use super::call::Call;
use super::openapi;
use super::reply::{JSON, Reply};
use super::route::{Answer, Route};
use crate::health::State;

const DOCUMENT: &str = "/api/openapi.json";
const DOCS: &str = "/api/docs";
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

pub(super) fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(Route::new(__path_health, health).system().also_at("/api/health"));
    routes.push(Route::new(__path_ready, ready).system());
    routes.push(Route::new(__path_about, about).system());
    routes.push(Route::new(__path_docs, docs).system());
    routes.push(Route::new(__path_docs_asset, docs_asset).system());
    routes.extend(Route::new(__path_document, document).system().also_at("/api/docs-json"));
    // Probes and browsers add parameters of their own.
    routes.into_iter().map(Route::with_query).collect()
}

#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
    /// ISO-8601 in UTC with milliseconds.
    timestamp: String,
    /// Seconds.
    uptime: u64,
    version: &'static str,
}

/// Liveness
#[utoipa::path(get, path = "/health", tag = "system", responses((status = 200, description = "It runs", body = Health)))]
async fn health(call: Call) -> Answer {
    let timestamp = call.app.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let uptime = call.app.started.elapsed().as_secs();
    Ok(Reply::done(&Health { status: "ok", timestamp, uptime, version: env!("CARGO_PKG_VERSION") }))
}

#[derive(Serialize, ToSchema)]
struct Ready {
    /// `ok`, `degraded` or `unavailable`.
    status: &'static str,
    checks: BTreeMap<&'static str, State>,
}

/// Readiness
#[utoipa::path(get, path = "/health/ready", tag = "system", responses(
    (status = 200, description = "Requests are served; degraded while a part is down", body = Ready),
    (status = 503, description = "Starting, draining, or token checking is broken", body = Ready),
))]
async fn ready(call: Call) -> Answer {
    let app = &call.app;
    let parts = &app.health;
    let up = |part: &AtomicBool| State::of(part.load(Ordering::Relaxed));
    let checks = BTreeMap::from([
        ("identity", up(&parts.identity)),
        ("catalog", up(&parts.catalog)),
        ("cart", up(&parts.cart)),
        ("ordering", up(&parts.ordering)),
        ("reels", up(&parts.reels)),
        ("media", up(&parts.media)),
        ("redis", up(&parts.redis)),
        ("rabbitmq", State::of(parts.hears.get().is_some_and(Status::is_up))),
        ("keys", State::of(app.sessions.keys.has_any())),
    ]);
    let can_serve = app.sessions.can_check() && parts.has_begun() && !app.readiness.is_draining();
    let (code, status) = if !can_serve {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    } else if checks.values().all(|state| *state == State::Up) {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::OK, "degraded")
    };
    Ok(Reply::json(code, &Ready { status, checks }))
}

#[derive(Serialize, ToSchema)]
struct About {
    name: &'static str,
    version: &'static str,
    description: &'static str,
    environment: String,
    endpoints: Endpoints,
}

#[derive(Serialize, ToSchema)]
struct Endpoints {
    docs: &'static str,
    openapi: &'static str,
    health: &'static str,
}

/// What this is
#[utoipa::path(get, path = "/api", tag = "system", responses((status = 200, description = "Names and addresses", body = About)))]
async fn about(call: Call) -> Answer {
    Ok(Reply::done(&About {
        name: "ZST marketplace",
        version: env!("CARGO_PKG_VERSION"),
        description: openapi::DESCRIPTION,
        environment: call.app.config.environment.clone(),
        endpoints: Endpoints { docs: DOCS, openapi: DOCUMENT, health: "/health" },
    }))
}

/// OpenAPI document
#[utoipa::path(get, path = "/api/openapi.json", tag = "system",
    responses((status = 200, description = "OpenAPI 3.1 of every operation", body = serde_json::Value)))]
async fn document(_call: Call) -> Answer {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| {
        openapi::document().to_json().expect("a document of strings and numbers can be written").into()
    });
    Ok(Reply::bytes(StatusCode::OK, JSON, TEXT.clone()))
}

/// Swagger UI
#[utoipa::path(get, path = "/api/docs", tag = "system", responses(
    (status = 200, description = "A page", body = String, content_type = "text/html"),
    (status = 404, description = "Switched off", body = super::error::ErrorBody<'static>),
))]
async fn docs(call: Call) -> Answer {
    let (page, _) = asset(&call, "index.html")?;
    // The page lies above its assets.
    let page = String::from_utf8_lossy(&page)
        .replace("\"./", "\"/api/docs/")
        .replace("href=\"index.css", "href=\"/api/docs/index.css");
    Ok(Reply::bytes(StatusCode::OK, HTML, page.into()))
}

/// A file of Swagger UI
#[utoipa::path(get, path = "/api/docs/{asset}", tag = "system",
    params(("asset" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "*/*"),
        (status = 404, description = "No such file", body = super::error::ErrorBody<'static>),
    ))]
async fn docs_asset(call: Call) -> Answer {
    let (bytes, kind) = asset(&call, call.param("asset"))?;
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(Reply::bytes(StatusCode::OK, kind, bytes))
}

fn asset(call: &Call, name: &str) -> Result<(Bytes, String), Reason> {
    if !call.app.config.docs {
        return Err(Reason::NotFound);
    }
    let config = Arc::new(SwaggerConfig::from(DOCUMENT));
    let file = utoipa_swagger_ui::serve(name, config).ok().flatten().ok_or(Reason::NotFound)?;
    let bytes = if file.gzpipped {
        let mut plain = Vec::new();
        let read = flate2::read::GzDecoder::new(&file.bytes[..]).read_to_end(&mut plain);
        read.ok().ok_or(Reason::InternalError)?;
        plain
    } else {
        file.bytes.into_owned()
    };
    Ok((bytes.into(), file.content_type))
}
