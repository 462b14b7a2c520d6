//! api.md 4.3: devices that take push messages.

use serde_json::json;

use crate::harness::databases::number;
use crate::harness::shapes::{exactly, is_time};
use crate::harness::{Findings, Market};

const TOKEN: &str = "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]";

#[tokio::test]
async fn a_device_is_registered_and_removed() {
    let market = Market::start().await;
    let amina = market.user("amina-haddad").await;
    let registered = amina.post("/users/me/push-token", json!({ "push_token": TOKEN, "platform": "ios" })).await;
    let registered = registered.expect(200);
    exactly(&registered.body, "push_token registered_at");
    assert_eq!(registered.body["push_token"], TOKEN);
    is_time(&registered.body["registered_at"]);
    for token in [TOKEN, "ExpoPushToken[a]", "0192f6a2-7c1e-7b3a-9f00-0123456789ab"] {
        amina.post("/users/me/push-token", json!({ "push_token": token })).await.expect(200);
    }
    // In no other answer.
    for path in ["/auth/me", "/users/me"] {
        let shown = amina.get(path).await.expect(200);
        assert!(!String::from_utf8_lossy(&shown.bytes).contains("PushToken"), "{path}");
    }

    let yanis = market.user("yanis").await;
    let theirs = format!("/users/me/push-token?push_token={TOKEN}");
    assert_eq!(yanis.delete(&theirs).await.expect(200).body["removed"], 0, "somebody else's");
    yanis.post("/users/me/push-token", json!({ "push_token": TOKEN })).await.expect(200);
    assert_eq!(amina.delete(&theirs).await.expect(200).body["removed"], 0, "it moved");
    let removed = amina.delete("/users/me/push-token").await.expect(200);
    exactly(&removed.body, "message removed");
    assert_eq!(removed.body["removed"], 2);
    assert_eq!(number(&market.databases.identity, "SELECT count(*) FROM push_tokens").await, 1);
}

#[tokio::test]
async fn an_account_has_ten_devices() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    for device in 0..12 {
        let token = format!("ExpoPushToken[{device}]");
        amina.post("/users/me/push-token", json!({ "push_token": token })).await.expect(200);
    }
    assert_eq!(amina.delete("/users/me/push-token?push_token=ExpoPushToken[1]").await.body["removed"], 0);
    assert_eq!(amina.delete("/users/me/push-token").await.body["removed"], 10);
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let amina = market.user("amina").await;
    let long = format!("ExpoPushToken[{}]", "x".repeat(250));
    let wrong = [
        json!({}),
        json!({ "push_token": null }),
        json!({ "push_token": "" }),
        json!({ "push_token": 5 }),
        json!({ "push_token": "fcm:abc" }),
        json!({ "push_token": "ExponentPushToken[]" }),
        json!({ "push_token": long }),
        json!({ "push_token": TOKEN, "platform": "windows" }),
        json!({ "push_token": TOKEN, "platform": "IOS" }),
        json!({ "push_token": TOKEN, "user_id": amina.id }),
    ];
    for body in wrong {
        let refused = amina.post("/users/me/push-token", body.clone()).await;
        findings.refused(&body.to_string(), &refused, 400, "VALIDATION_ERROR");
    }
    let unknown = amina.delete("/users/me/push-token?token=x").await;
    findings.refused("unknown parameter", &unknown, 400, "VALIDATION_ERROR");
    assert_eq!(number(&market.databases.identity, "SELECT count(*) FROM push_tokens").await, 0);
}
