use serde_json::json;

use crate::harness::{IdentityTest, SOON};
use crate::svix::Webhook;

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_known_again_for_ninety_days() {
    let identity = IdentityTest::start().await;
    for days in [1, 89, 91, 400] {
        let webhook = Webhook::of(json!({ "type": "email.created", "data": {} }).to_string());
        identity.send(&webhook).await;
        let id = webhook.id;
        let age = format!("UPDATE webhooks SET received_at = now() - interval '{days} days' WHERE svix_id = '{id}'");
        identity.execute(&age).await;
    }
    // Each instance sweeps as it starts.
    identity.another_instance().await;
    test_support::eventually(SOON, async || identity.count("SELECT count(*) FROM webhooks").await == 2).await;
    let old = "SELECT count(*) FROM webhooks WHERE received_at < now() - interval '90 days'";
    assert_eq!(identity.count(old).await, 0);
}
