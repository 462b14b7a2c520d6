//! The endpoints of the stand-in.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::{Failing, Shared, TokenRequest, WebhookRequest, unix_now_ms};

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/.well-known/jwks.json", get(jwks))
        .route("/tokens", post(make_token))
        .route("/webhooks/send", post(send_webhook))
        .route("/keys/rotate", post(rotate_keys))
        .route("/demo.json", get(demo))
        .merge(crate::page::router())
        .merge(crate::videos::router())
        .with_state(shared)
}

/// Where the demo page finds the market.
async fn demo(State(shared): State<Arc<Shared>>) -> Response {
    match shared.webhooks() {
        Some(market) => {
            let base = market.url.trim_end_matches("/api/v1/webhooks/clerk");
            Json(json!({ "base": base })).into_response()
        }
        None => refusal(StatusCode::SERVICE_UNAVAILABLE, "no market is there yet"),
    }
}

/// Serves until the handle lets go; open connections end with it, as they do when a real server is stopped.
pub(super) async fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let served = async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    };
    tokio::select! {
        result = served => if let Err(error) = result {
            tracing::error!(error = service_error::chain(&error), "the local Clerk stopped");
        },
        _ = stopped => {}
    }
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Response {
    shared.jwks_requests.fetch_add(1, Ordering::SeqCst);
    let failing = *shared.failing();
    match failing {
        Some(Failing::ServerError) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Failing::Empty) => Json(json!({ "keys": [] })).into_response(),
        Some(Failing::Garbage) => ([(header::CONTENT_TYPE, "application/json")], "<html>not a key set").into_response(),
        Some(Failing::Slow(time)) => {
            tokio::time::sleep(time).await;
            Json(shared.keys().jwks()).into_response()
        }
        None => Json(shared.keys().jwks()).into_response(),
    }
}

/// Takes a body of any content type: `curl -d` without a header is how people call it.
async fn make_token(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let request =
        match object(&body).and_then(|members| TokenRequest::from_json(members).map_err(|error| error.to_string())) {
            Ok(request) => request,
            Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
        };
    match shared.mint(&request) {
        Ok(token) => Json(json!({ "token": token })).into_response(),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Tells what the market answered.
async fn send_webhook(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let Some(target) = shared.webhooks() else {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "no market is there yet to send webhooks to");
    };
    let signed = object(&body).and_then(|members| {
        let request = WebhookRequest::from_json(members).map_err(|error| error.to_string())?;
        request.sign(&target.secrets, unix_now_ms()).map_err(|error| error.to_string())
    });
    let signed = match signed {
        Ok(signed) => signed,
        Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
    };
    let mut request = shared.http.post(&target.url).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in signed.headers() {
        request = request.header(name, value);
    }
    let answered = async {
        let answer = request.body(signed.body.clone()).send().await?;
        let status = answer.status().as_u16();
        Ok::<_, reqwest::Error>((status, answer.text().await?))
    };
    match answered.await {
        Ok((status, text)) => {
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            Json(json!({ "svix_id": signed.id, "status": status, "body": body })).into_response()
        }
        Err(error) => refusal(StatusCode::BAD_GATEWAY, &service_error::chain(&error).to_string()),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body must be a JSON object: {error}"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    #[serde(default)]
    drop_old: bool,
}

async fn rotate_keys(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let rotation = if body.is_empty() { Ok(Rotation::default()) } else { serde_json::from_slice(&body) };
    let rotation: Rotation = match rotation {
        Ok(rotation) => rotation,
        Err(error) => return refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let mut keys = shared.keys();
    let rotated = keys.rotate().and_then(|()| if rotation.drop_old { keys.drop_old() } else { Ok(()) });
    match rotated {
        Ok(()) => Json(json!({ "kid": keys.current().id(), "jwks": keys.jwks() })).into_response(),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
