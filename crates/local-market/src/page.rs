//! The demo page: one phone's screen on which a person watches a reel's hearts and an order's way live, in as many
//! windows as it likes. It uses the public interface and the official Socket.IO client, and nothing that apps could not.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

/// Where `make socket-client` puts the client.
const CLIENT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../.local/socket-client/node_modules/socket.io-client/dist/socket.io.min.js"
);

const PAGE: &str = include_str!("../data/page/index.html");
const STYLE: &str = include_str!("../data/page/style.css");
const SCRIPT: &str = include_str!("../data/page/script.js");

/// Serves it.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route("/script.js", get(async || ([(header::CONTENT_TYPE, JAVASCRIPT)], SCRIPT)))
        .route("/socket.io.min.js", get(client))
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The official client, as npm delivers it.
async fn client() -> Response {
    match tokio::fs::read(CLIENT).await {
        Ok(script) => ([(header::CONTENT_TYPE, JAVASCRIPT)], script).into_response(),
        Err(_missing) => {
            (StatusCode::NOT_FOUND, "the Socket.IO client is not installed: run `make socket-client`").into_response()
        }
    }
}
