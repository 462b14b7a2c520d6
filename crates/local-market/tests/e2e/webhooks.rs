//! api.md 4.6: what Clerk tells, genuine and forged, in any order and number.

use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use local_market::clerk::{SecretChoice, WebhookRequest, user_id};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::{number, text};
use crate::harness::raw::status_of;
use crate::harness::shapes::exactly;
use crate::harness::{Findings, Market, Reply, eventually};

/// How soon a webhook is applied.
const SOON: Duration = Duration::from_secs(5);
const LARGEST: usize = 256 * 1024;

/// The state of an account at Clerk at a millisecond.
fn state(name: &str, updated_at: i64) -> Value {
    json!({
        "first_name": name, "last_name": "Haddad", "image_url": "https://img.clerk.com/x", "banned": false,
        "primary_email_address_id": "idn_1", "primary_phone_number_id": null, "phone_numbers": [],
        "email_addresses": [{ "id": "idn_1", "email_address": format!("{name}@example.dz") }],
        "updated_at": 1_790_000_000_000_i64 + updated_at,
    })
}

fn updated(user: &str, name: &str, updated_at: i64) -> WebhookRequest {
    WebhookRequest::new("user.updated", state(name, updated_at)).about(user)
}

async fn rows(market: &Market) -> i64 {
    number(&market.databases.identity, "SELECT count(*) FROM webhooks").await
}

async fn users(market: &Market, condition: &str) -> i64 {
    number(&market.databases.identity, &format!("SELECT count(*) FROM users WHERE {condition}")).await
}

/// Waits until all that was accepted is applied.
async fn applied(market: &Market) {
    let waiting = "SELECT count(*) FROM webhooks WHERE applied_at IS NULL";
    eventually(SOON, async || number(&market.databases.identity, waiting).await == 0).await;
}

#[tokio::test]
async fn an_event_is_kept_and_applied_within_five_seconds() {
    let market = Market::start().await;
    let answer = market.webhook(&updated("amina", "Amina", 1)).await.expect(200);
    exactly(&answer.body, "success message");
    assert_eq!(answer.body["success"], true);
    let named = format!("clerk_id = '{}' AND full_name = 'Amina Haddad'", user_id("amina"));
    eventually(SOON, async || users(&market, &named).await == 1).await;
    let amina = market.user("amina").await;
    let profile = amina.get("/users/me").await.expect(200).body;
    assert_eq!((&profile["full_name"], &profile["email"]), (&json!("Amina Haddad"), &json!("Amina@example.dz")));
    // An edit is not overwritten, what was not edited is.
    amina.patch("/users/me", json!({ "full_name": "Yasmine" })).await.expect(200);
    market.webhook(&updated("amina", "Amel", 2)).await.expect(200);
    eventually(SOON, async || amina.get("/users/me").await.body["email"] == "Amel@example.dz").await;
    assert_eq!(amina.get("/users/me").await.body["full_name"], "Yasmine");
}

#[tokio::test]
async fn what_is_not_genuine_is_refused_and_leaves_no_row() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let good = updated("mallory", "Mallory", 1);
    let refused = [
        ("another secret", good.clone().signed_by(SecretChoice::Foreign)),
        ("one bit of the signature", good.clone().with_broken_signature()),
        ("too old", good.clone().seconds_off(-301)),
        ("too new", good.clone().seconds_off(303)),
    ];
    for (what, webhook) in refused {
        findings.refused(what, &market.webhook(&webhook).await, 400, "INVALID_SIGNATURE");
    }
    let signed = market.clerk.sign_webhook(&good).unwrap();
    let send = |changes: &[(&str, Option<&str>)], body: &str| {
        let mut caller = market.guest();
        for (name, value) in signed.headers() {
            let value = changes.iter().find(|(changed, _)| *changed == name).map_or(Some(value), |(_, value)| *value);
            caller = value.map_or(caller.clone(), |value| caller.with(name, value));
        }
        let body = body.to_owned();
        async move { caller.send(Method::POST, "/webhooks/clerk", Some(body)).await }
    };
    for missing in ["svix-id", "svix-timestamp", "svix-signature"] {
        findings.refused(missing, &send(&[(missing, None)], &signed.body).await, 400, "INVALID_SIGNATURE");
        findings.refused(missing, &send(&[(missing, Some(""))], &signed.body).await, 400, "INVALID_SIGNATURE");
    }
    let again: Value = serde_json::from_str(&signed.body).unwrap();
    let reserialised = serde_json::to_string_pretty(&again).unwrap();
    let one_byte = signed.body.replacen("Mallory", "mallory", 1);
    for body in [reserialised.as_str(), &one_byte, "", "{}"] {
        findings.refused(body, &send(&[], body).await, 400, "INVALID_SIGNATURE");
    }
    let twice = market.guest().with("svix-id", &signed.id).with("svix-id", &signed.id);
    let twice = twice.with("svix-timestamp", &signed.timestamp).with("svix-signature", &signed.signature);
    let twice = twice.send(Method::POST, "/webhooks/clerk", Some(signed.body.clone())).await;
    findings.refused("a header twice", &twice, 400, "INVALID_SIGNATURE");
    assert_eq!((rows(&market).await, users(&market, "true").await), (0, 0));
    send(&[], &signed.body).await.expect(200);
}

#[tokio::test]
async fn both_secrets_several_signatures_and_five_minutes_are_good() {
    let market = Market::start().await;
    let good = [
        updated("a", "A", 1),
        updated("b", "B", 1).signed_by(SecretChoice::Second),
        updated("c", "C", 1).with_decoy_signatures(),
        updated("d", "D", 1).seconds_off(-295),
        updated("e", "E", 1).seconds_off(295),
    ];
    for webhook in &good {
        market.webhook(webhook).await.expect(200);
    }
    applied(&market).await;
    assert_eq!(users(&market, "full_name LIKE '_ Haddad'").await, 5);
    // A token is not looked at, whatever it is.
    let caller = market.guest().with_token(Some("no token at all"));
    market.webhook_by(&caller, &updated("f", "F", 1)).await.expect(200);
}

#[tokio::test]
async fn an_id_counts_once_whatever_its_body_also_at_once() {
    let market = Market::start().await;
    let first = updated("amina", "First", 1).with_id("msg_once");
    let all = join_all((0..20).map(|_| market.webhook(&first))).await;
    assert!(all.iter().all(|answer| answer.status == 200));
    market.webhook(&updated("amina", "Second", 2).with_id("msg_once")).await.expect(200);
    market
        .webhook(&WebhookRequest::new("user.deleted", json!({})).about("amina").with_id("msg_once"))
        .await
        .expect(200);
    applied(&market).await;
    assert_eq!(rows(&market).await, 1);
    assert_eq!(text(&market.databases.identity, "SELECT full_name FROM users").await, "First Haddad");
    let told = "SELECT count(*) FROM outbox WHERE name = 'identity.user_registered.v1'";
    assert_eq!(number(&market.databases.identity, told).await, 1);
}

#[tokio::test]
async fn unknown_types_and_other_instances_are_accepted_and_change_nothing() {
    let market = Market::start().await;
    let nothing = [
        WebhookRequest::new("email.created", json!({ "to_email_address": "planted@example.dz" })),
        WebhookRequest::new("organizationMembership.deleted", json!({ "id": "orgmem_1" })),
        updated("amina", "Planted", 1).with("instance_id", "ins_production"),
        updated("amina", "Planted", 1).with("instance_id", Value::Null),
    ];
    for webhook in &nothing {
        market.webhook(webhook).await.expect(200);
    }
    assert_eq!((rows(&market).await, users(&market, "true").await), (4, 0));
    let kept = test_support::dump(&mut market.databases.identity.conn().await).await;
    assert!(!kept.to_lowercase().contains("planted"));

    let mut findings = Findings::default();
    for body in ["", "[]", "{}", "no JSON", r#"{"type":"user.updated"}"#, r#"{"type":"user.updated","data":{}}"#] {
        let webhook = WebhookRequest::new("", json!({})).with_body(body);
        findings.refused(body, &market.webhook(&webhook).await, 400, "MALFORMED_JSON");
    }
    assert_eq!(rows(&market).await, 4);
}

#[tokio::test]
async fn a_body_of_256_kib_is_read_and_one_byte_more_is_not() {
    let market = Market::start().await;
    let of_size = |size: usize| {
        let event =
            |filling: usize| format!(r#"{{"type":"session.created","data":{{}},"filling":"{}"}}"#, "x".repeat(filling));
        WebhookRequest::new("", json!({})).with_body(event(size - event(0).len()))
    };
    market.webhook(&of_size(LARGEST)).await.expect(200);
    market.webhook(&of_size(LARGEST + 1)).await.refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(rows(&market).await, 1);

    // Without a length it is counted while it is read; any type, or none, will do.
    let chunked = |size: usize| {
        let signed = market.clerk.sign_webhook(&of_size(size)).unwrap();
        let mut request = "POST /api/v1/webhooks/clerk HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n".to_owned();
        for (name, value) in signed.headers() {
            request += &format!("{name}: {value}\r\n");
        }
        request += "Transfer-Encoding: chunked\r\n\r\n";
        for chunk in signed.body.as_bytes().chunks(32 * 1024) {
            request += &format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk));
        }
        request + "0\r\n\r\n"
    };
    assert_eq!(status_of(&market.raw(chunked(LARGEST)).await), 200);
    assert_eq!(status_of(&market.raw(chunked(LARGEST + 1)).await), 413);
    assert_eq!(rows(&market).await, 2);
}

#[tokio::test]
async fn a_ban_ends_every_request_within_five_seconds_and_is_lifted() {
    let market = Market::start().await;
    let seller = market.seller("noor-shop", "grossiste").await;
    let product = market.product_id(&seller, json!({})).await;
    let ban = |banned: bool, at: i64| {
        let mut data = state("Noor", at);
        data["banned"] = banned.into();
        WebhookRequest::new("user.updated", data).about("noor-shop")
    };
    market.webhook(&ban(true, 1)).await.expect(200);
    eventually(SOON, async || seller.get("/auth/me").await.code() == "ACCOUNT_DISABLED").await;
    let guest = market.guest();
    eventually(SOON, async || guest.get(&format!("/products/{product}")).await.status == 404).await;
    market.webhook(&ban(false, 2)).await.expect(200);
    eventually(SOON, async || seller.get("/auth/me").await.status == 200).await;
    eventually(SOON, async || guest.get(&format!("/products/{product}")).await.status == 200).await;
    assert_eq!(seller.get("/auth/me").await.body["role"], "seller", "no role comes from Clerk");
}

#[tokio::test]
async fn a_deleted_user_is_refused_and_stays_deleted() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    let deleted = WebhookRequest::new("user.deleted", json!({ "deleted": true }));
    market.webhook(&deleted.clone().about("amina")).await.expect(200);
    market.webhook(&deleted.about("never-seen")).await.expect(200);
    eventually(SOON, async || amina.get("/auth/me").await.code() == "UNAUTHORIZED").await;
    for user in ["amina", "never-seen"] {
        market.webhook(&updated(user, "Revived", 99)).await.expect(200);
    }
    applied(&market).await;
    for user in ["amina", "never-seen"] {
        let caller = market.guest().with_token(Some(&market.token(user)));
        caller.get("/auth/me").await.refused(401, "UNAUTHORIZED");
    }
    assert_eq!(users(&market, "deleted_at IS NOT NULL AND full_name = 'Deleted user'").await, 2);
}

#[tokio::test]
async fn the_stand_in_sends_them_and_tells_what_the_market_said() {
    let market = Market::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |body: Value| {
        let url = format!("{}/webhooks/send", market.clerk.url());
        let answer = http.post(url).body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let amina = json!({ "type": "user.updated", "user": "amina", "data": { "first_name": "Amina" } });
    let (status, answer) = send(amina.clone()).await;
    assert_eq!((status, &answer["status"], &answer["body"]["success"]), (200, &json!(200), &json!(true)));
    applied(&market).await;
    let named = format!("clerk_id = '{}' AND full_name = 'Amina'", user_id("amina"));
    assert_eq!(users(&market, &named).await, 1);

    let mut again = amina.clone();
    again["id"] = answer["svix_id"].clone();
    assert_eq!(send(again).await.1["status"], 200);
    assert_eq!(rows(&market).await, 1);
    for (member, value, code) in [
        ("secret", json!("foreign"), "INVALID_SIGNATURE"),
        ("broken_signature", json!(true), "INVALID_SIGNATURE"),
        ("seconds_off", json!(-301), "INVALID_SIGNATURE"),
        ("body", json!("no event"), "MALFORMED_JSON"),
    ] {
        let mut wrong = amina.clone();
        wrong[member] = value;
        let (status, answer) = send(wrong).await;
        assert_eq!((status, &answer["status"], &answer["body"]["code"]), (200, &json!(400), &json!(code)), "{member}");
    }
    for (member, value) in [("secret", json!("second")), ("decoy_signatures", json!(true)), ("data", json!({}))] {
        let mut good = amina.clone();
        good[member] = value;
        assert_eq!(send(good).await.1["status"], 200, "{member}");
    }
    for wrong in [json!({}), json!({ "type": "user.updated", "data": [] }), json!({ "type": "x", "secret": "third" })] {
        assert_eq!(send(wrong).await.0, 400);
    }
}

#[tokio::test]
async fn webhooks_have_a_limit_of_their_own() {
    let market = Market::start_with(&[("GATEWAY_LIMIT_WEBHOOK", "20")]).await;
    let mut findings = Findings::default();
    let send = async || market.webhook(&updated("amina", "Amina", 1)).await;
    let first = send().await.expect(200);
    findings.equal("limit", first.header("x-ratelimit-limit"), Some("20"));
    let answers = join_all((0..25).map(|_| send())).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    findings.equal("refused", refused.len(), 6);
    findings.check(refused.iter().all(|answer| answer.header("retry-after").is_some()), || "no Retry-After".to_owned());
    findings.status("the class of the address is untouched", &market.guest().get("/categories").await, 200);
    let elsewhere = market.guest().behind("203.0.113.9");
    findings.status("another address", &market.webhook_by(&elsewhere, &updated("amina", "Amina", 1)).await, 200);
}

/// Sends again what a slow machine has no room for, as Clerk and the apps do.
async fn insist(send: impl AsyncFn() -> Reply) {
    const TIMES: usize = 5;
    for _ in 1..TIMES {
        let reply = send().await;
        if reply.status != 503 {
            reply.expect(200);
            return;
        }
    }
    send().await.expect(200);
}

/// 1,000 webhooks of 100 users beside the first logins of the same.
#[tokio::test]
async fn a_storm_beside_first_logins_makes_one_account_each_with_the_newest_state() {
    const USERS: i64 = 100;
    const STATES: i64 = 10;
    let market = Market::start().await;
    let names: Vec<String> = (0..USERS).map(|user| format!("storm-{user}")).collect();
    let tokens: Vec<String> = names.iter().map(|name| market.token(name)).collect();
    // Every state of every user once, in an order that is nobody's.
    let webhooks: Vec<WebhookRequest> = (0..USERS * STATES)
        .map(|n| n * 617 % (USERS * STATES))
        .map(|n| {
            let (user, at) = (n % USERS, n / USERS + 1);
            updated(&format!("storm-{user}"), &format!("S{at}"), at)
        })
        .collect();
    let market_ref = &market;
    let storm = stream::iter(&webhooks).for_each_concurrent(24, async |webhook| {
        insist(async || market_ref.webhook(webhook).await).await;
    });
    let logins =
        stream::iter(tokens.iter().flat_map(|token| [token, token, token])).for_each_concurrent(8, async |token| {
            insist(async || market_ref.guest().with_token(Some(token)).get("/auth/me").await).await;
        });
    futures::join!(storm, logins);
    let began = Instant::now();
    applied(&market).await;
    assert!(began.elapsed() < SOON, "the last one was applied late");
    assert_eq!(rows(&market).await, USERS * STATES);
    assert_eq!(users(&market, "true").await, USERS);
    let newest = format!("full_name = 'S{STATES} Haddad' AND email = 'S{STATES}@example.dz'");
    assert_eq!(users(&market, &newest).await, USERS);
    let registered = "SELECT count(*) FROM outbox WHERE name = 'identity.user_registered.v1'";
    assert_eq!(number(&market.databases.identity, registered).await, USERS);
}
