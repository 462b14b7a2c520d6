//! What Clerk tells (`api.md` 4.6). Whether it is Clerk, identity decides: it gets the bytes and headers as they came.

use actix_web::http::header::HeaderName;
use protocol::identity::v1 as wire;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::reply::Reply;
use super::route::{Answer, Route};

const ID: HeaderName = HeaderName::from_static("svix-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("svix-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("svix-signature");

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_receive_webhook, receive_webhook).for_clerk()]
}

#[derive(Serialize, ToSchema)]
struct WebhookReceived {
    success: bool,
    message: &'static str,
}

/// Tell what happened at Clerk
#[utoipa::path(post, path = "/api/v1/webhooks/clerk", tag = "accounts",
    params(
        ("svix-id" = String, Header, description = "The same whenever it is sent again"),
        ("svix-timestamp" = String, Header, description = "A Unix second, at most five minutes from now"),
        ("svix-signature" = String, Header, description = "`v1,<base64>`, several with spaces; one must match"),
    ),
    request_body(content_type = "*/*", description = "An event as Clerk signed it, at most 256 KiB"),
    responses(
        (status = 200, description = "Kept, also what was kept before and what nothing follows from",
            body = WebhookReceived),
        (status = 400, description = "`INVALID_SIGNATURE`, `MALFORMED_JSON`: signed, but no event",
            body = super::error::ErrorBody<'static>),
    ))]
async fn receive_webhook(call: Call) -> Answer {
    // What is there twice, or no text, is as good as missing.
    let header = |name| call.header(name).ok().flatten().unwrap_or_default().to_owned();
    let message = wire::ReceiveWebhookRequest {
        svix_id: header(&ID),
        svix_timestamp: header(&TIMESTAMP),
        svix_signature: header(&SIGNATURE),
        body: call.raw_body().to_vec(),
    };
    let answer = call.app.upstream.receive_webhook(message).await?;
    let message = match answer.outcome() {
        wire::WebhookOutcome::Repeated => "The event was received before.",
        wire::WebhookOutcome::Ignored => "The event is not needed.",
        wire::WebhookOutcome::Accepted | wire::WebhookOutcome::Unspecified => "The event was received.",
    };
    Ok(Reply::done(&WebhookReceived { success: true, message }))
}
