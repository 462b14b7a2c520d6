//! Keep what Clerk sent, if it is from Clerk; it is applied afterwards, see `apply_webhooks`.
//!
//! Always true: nothing unsigned or old is kept, an id is kept once whatever its body, and what was answered well is
//! durable.

use metrics::counter;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::domain::clerk_event::ClerkEvent;
use crate::domain::svix::SvixHeaders;
use crate::domain::webhook::{NewWebhook, Outcome};
use crate::error::Error;
use crate::store;

/// As it arrived.
pub(crate) struct ReceiveWebhook {
    pub(crate) headers: SvixHeaders,
    pub(crate) body: Vec<u8>,
}

/// # Errors
/// [`Error::InvalidSignature`], [`Error::NotAnEvent`]: nothing is kept.
pub(crate) async fn receive_webhook(app: &App, request: ReceiveWebhook) -> Result<Outcome, Error> {
    let ReceiveWebhook { headers, body } = request;
    let now = app.clock.now();
    if !app.webhooks.secrets.accept(&headers, &body, now) {
        count("refused");
        return Err(Error::InvalidSignature);
    }
    let event = ClerkEvent::read(&body)?;
    let body_hash = Sha256::digest(&body).to_vec();
    let webhook = NewWebhook::new(headers.id, body, body_hash, &event, app.webhooks.instance_id.as_deref(), now);

    let mut conn = app.pool.get().await?;
    if store::webhooks::insert(&mut conn, &webhook).await? {
        let outcome = webhook.outcome();
        count(if outcome == Outcome::Accepted { "accepted" } else { "ignored" });
        app.webhooks.arrived.notify_one();
        return Ok(outcome);
    }
    let first = store::webhooks::find_body_hash(&mut conn, &webhook.svix_id).await?;
    if first.is_some_and(|first| first != webhook.body_hash) {
        count("altered");
        tracing::warn!(svix_id = webhook.svix_id, "a genuine webhook came again with another body; the first counts");
    } else {
        count("repeated");
    }
    Ok(Outcome::Repeated)
}

fn count(outcome: &'static str) {
    counter!("identity_webhooks_total", "outcome" => outcome).increment(1);
}
