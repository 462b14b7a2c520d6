use access_token::Caller;
use futures::future::join_all;
use protocol::identity::v1::{ReceiveWebhookRequest, WebhookOutcome};
use serde_json::json;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};
use crate::svix::{FOREIGN, SECRETS, Webhook, clerk_user};

const ROWS: &str = "SELECT count(*) FROM webhooks";

fn created(name: &str) -> Webhook {
    Webhook::new("user.created", clerk_user("user_amina", name, 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_as_it_must_be_leaves_nothing() {
    let identity = IdentityTest::start().await;
    let good = created("Amina");
    let mut changed = good.clone();
    changed.body[20] ^= 1;
    let spaced = String::from_utf8(good.body.clone()).unwrap().replace(',', ", ").into_bytes();
    let forged = [
        Webhook { signature: Some(String::new()), ..good.clone() },
        Webhook { signature: Some("v1,AAAA".to_owned()), ..good.clone() },
        Webhook { signature: Some(good.signature().replace("v1,", "v2,")), ..good.clone() },
        Webhook { secret: FOREIGN, ..good.clone() },
        Webhook { signature: Some(good.signature()), ..changed },
        Webhook { signature: Some(good.signature()), body: spaced, ..good.clone() },
        Webhook { signature: Some(good.signature()), id: "msg_other".to_owned(), ..good.clone() },
        Webhook { id: String::new(), ..good.clone() },
        Webhook { id: "msg.dotted".to_owned(), ..good.clone() },
        Webhook { timestamp: good.timestamp - 302, ..good.clone() },
        Webhook { timestamp: good.timestamp + 310, ..good.clone() },
    ];
    for webhook in forged {
        assert_eq!(identity.refusal(&webhook).await, Reason::InvalidSignature);
    }
    assert_eq!(identity.count(ROWS).await, 0);
    assert_eq!(identity.send(&good).await, WebhookOutcome::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_and_one_of_several_signatures_are_good() {
    let identity = IdentityTest::start().await;
    for secret in SECRETS {
        assert_eq!(identity.send(&Webhook { secret, ..created("Amina") }).await, WebhookOutcome::Accepted);
    }
    let wrong_first = created("Amina");
    let other = Webhook { secret: FOREIGN, ..wrong_first.clone() }.signature();
    let several = format!("{other} v2,x {}", wrong_first.signature());
    assert_eq!(identity.send(&Webhook { signature: Some(several), ..wrong_first }).await, WebhookOutcome::Accepted);
    for seconds in [-295, 295] {
        let webhook = created("Amina");
        let timestamp = webhook.timestamp + seconds;
        assert_eq!(identity.send(&Webhook { timestamp, ..webhook }).await, WebhookOutcome::Accepted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_but_no_event_is_told_apart() {
    let identity = IdentityTest::start().await;
    for body in ["", "[]", "{}", "{\"type\":\"user.updated\"", r#"{"type":"user.updated","data":{}}"#] {
        assert_eq!(identity.refusal(&Webhook::of(body)).await, Reason::MalformedJson, "{body}");
    }
    assert_eq!(identity.refusal(&Webhook::of(b"\xff\xfe".to_vec())).await, Reason::MalformedJson);
    assert_eq!(identity.count(ROWS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_counts_once_whatever_its_body() {
    let identity = IdentityTest::start().await;
    let first = created("Amina");
    let again = join_all((0..20).map(|_| identity.send(&first))).await;
    assert_eq!(again.iter().filter(|outcome| **outcome == WebhookOutcome::Accepted).count(), 1);
    assert!(again.iter().all(|outcome| *outcome != WebhookOutcome::Ignored));

    let newer = Webhook::new("user.updated", clerk_user("user_amina", "Newer", 9));
    let altered = Webhook { id: first.id.clone(), ..newer };
    assert_eq!(identity.send(&altered).await, WebhookOutcome::Repeated);
    identity.applied().await;
    assert_eq!(identity.resolve("user_amina").await.full_name, "Amina Haddad");
    assert_eq!(identity.count(ROWS).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_follows_from_is_kept_without_its_body() {
    let identity = IdentityTest::start().await;
    let foreign = json!({
        "type": "user.created", "data": clerk_user("user_amina", "Amina", 1), "instance_id": "ins_other",
        "timestamp": 1_790_000_000_000_i64,
    });
    let nobodys = json!({ "type": "user.created", "data": clerk_user("user_amina", "Amina", 1) });
    let unknown = json!({ "type": "email.created", "data": { "to_email_address": "Amina@example.dz" } });
    for event in [foreign, nobodys, unknown] {
        let webhook = Webhook::of(event.to_string());
        assert_eq!(identity.send(&webhook).await, WebhookOutcome::Ignored, "{event}");
        assert_eq!(identity.send(&webhook).await, WebhookOutcome::Repeated, "{event}");
    }
    assert_eq!(identity.count(ROWS).await, 3);
    assert!(!identity.dump().await.contains("Amina"));
    assert_eq!(identity.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_gateway_hands_one_on() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    for caller in [Caller::GUEST, Caller::service("catalog"), Caller::Account(account)] {
        let request = identity.by_caller(&caller, ReceiveWebhookRequest::default());
        let refused = identity.client.clone().receive_webhook(request).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::Forbidden);
    }
}
