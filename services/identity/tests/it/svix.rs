//! Webhooks as Svix signs them, for the secrets that the service under test was told.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use protocol::identity::v1::{ReceiveWebhookRequest, WebhookOutcome};
use serde_json::{Value, json};
use service_error::ServiceError;
use service_runtime::{Clock, Ids};
use sha2::Sha256;
use tonic::Status;

use access_token::Caller;

use crate::harness::IdentityTest;

/// Both are accepted.
pub(crate) const SECRETS: [&str; 2] =
    ["whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM=", "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM="];
/// This one is not.
pub(crate) const FOREIGN: &str = "whsec_Zm9yZWlnbiBzZWNyZXQgb2YgdGVzdHM=";
/// The instance of Clerk whose events count.
pub(crate) const INSTANCE: &str = "ins_tests";

/// A webhook on its way; a good one unless a test changes it.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) body: Vec<u8>,
    pub(crate) secret: &'static str,
    /// Instead of the right one.
    pub(crate) signature: Option<String>,
}

impl Webhook {
    /// Of this instance, sent now.
    pub(crate) fn new(kind: &str, data: Value) -> Self {
        let event = json!({
            "object": "event", "type": kind, "data": data, "instance_id": INSTANCE,
            "timestamp": Clock::system().now().timestamp_millis(),
        });
        Self::of(event.to_string())
    }

    /// With any body.
    pub(crate) fn of(body: impl Into<Vec<u8>>) -> Self {
        let id = format!("msg_{}", Ids.next::<uuid::Uuid>().simple());
        let timestamp = Clock::system().now().timestamp();
        Self { id, timestamp, body: body.into(), secret: SECRETS[0], signature: None }
    }

    pub(crate) fn signature(&self) -> String {
        let key = STANDARD.decode(self.secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.", self.id, self.timestamp).as_bytes());
        mac.update(&self.body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    fn message(&self) -> ReceiveWebhookRequest {
        ReceiveWebhookRequest {
            svix_id: self.id.clone(),
            svix_timestamp: self.timestamp.to_string(),
            svix_signature: self.signature.clone().unwrap_or_else(|| self.signature()),
            body: self.body.clone(),
        }
    }
}

/// An account at Clerk, changed there at this millisecond of 2026.
pub(crate) fn clerk_user(clerk_id: &str, name: &str, updated_at: i64) -> Value {
    json!({
        "id": clerk_id, "object": "user", "first_name": name, "last_name": "Haddad", "banned": false,
        "image_url": format!("https://img.clerk.com/{name}"),
        "primary_email_address_id": "idn_1", "primary_phone_number_id": "idn_2",
        "email_addresses": [{ "id": "idn_1", "email_address": format!("{name}@example.dz") }],
        "phone_numbers": [{ "id": "idn_2", "phone_number": "+213555123456" }],
        "updated_at": 1_790_000_000_000_i64 + updated_at,
    })
}

impl IdentityTest {
    pub(crate) async fn try_send(&self, webhook: &Webhook) -> Result<WebhookOutcome, Status> {
        let request = self.by_caller(&Caller::service("gateway"), webhook.message());
        Ok(self.client.clone().receive_webhook(request).await?.into_inner().outcome())
    }

    pub(crate) async fn send(&self, webhook: &Webhook) -> WebhookOutcome {
        self.try_send(webhook).await.unwrap()
    }

    /// The code that refuses it.
    pub(crate) async fn refusal(&self, webhook: &Webhook) -> service_error::Reason {
        ServiceError::from_status(&self.try_send(webhook).await.unwrap_err()).reason
    }

    /// Sends it and waits until all that arrived is applied.
    pub(crate) async fn tell(&self, kind: &str, data: Value) {
        assert_eq!(self.send(&Webhook::new(kind, data)).await, WebhookOutcome::Accepted);
        self.applied().await;
    }

    /// Waits until no webhook waits.
    pub(crate) async fn applied(&self) {
        test_support::eventually(crate::harness::SOON, async || {
            self.count("SELECT count(*) FROM webhooks WHERE applied_at IS NULL").await == 0
        })
        .await;
    }
}
