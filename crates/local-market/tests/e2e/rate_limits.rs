//! api.md 2.10: how often anybody may ask.

use std::time::Instant;

use futures::future::join_all;
use serde_json::json;

use crate::harness::{Caller, Findings, Market};

/// Asks so often at once; answers how many were let in.
async fn crowd(caller: &Caller, path: &str, times: usize) -> usize {
    let replies = join_all((0..times).map(|_| caller.get(path))).await;
    assert!(replies.iter().all(|reply| reply.status == 429 || reply.status < 405), "something else went wrong");
    replies.iter().filter(|reply| reply.status != 429).count()
}

/// `limit` at once, and what became free in the meantime.
fn about(findings: &mut Findings, name: &str, admitted: usize, limit: usize, since: Instant) {
    let most = limit + since.elapsed().as_secs_f64().ceil() as usize * limit.div_ceil(60) + 1;
    findings.check((limit..=most).contains(&admitted), || format!("{name}: {admitted} of {limit} were let in"));
}

#[tokio::test]
async fn an_address_has_sixty_places() {
    let market = Market::start_with(&[]).await;
    let mut findings = Findings::default();
    let guest = market.guest().behind("41.100.7.7");
    for _ in 0..5 {
        // Not counted: what is no route, what the market says of itself, preflights.
        guest.get("/api/v1/nothing").await.expect(404);
        guest.get("/health").await.expect(200);
    }
    let began = Instant::now();
    let first = guest.get("/products").await.expect(200);
    findings.equal("limit", first.header("x-ratelimit-limit"), Some("60"));
    findings.equal("remaining", first.header("x-ratelimit-remaining"), Some("59"));
    let reset: u64 = first.header("x-ratelimit-reset").unwrap().parse().unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    findings.check((now..=now + 3).contains(&reset), || format!("reset {reset} at {now}"));
    let refusals =
        [guest.get("/cart").await, guest.get("/products/7").await, guest.with_token(Some("x")).get("/cart").await];
    for reply in &refusals {
        findings.check(reply.header("x-ratelimit-remaining").is_some(), || "a refusal is not counted".to_owned());
    }
    let admitted = 4 + crowd(&guest, "/products", 100).await;
    about(&mut findings, "anonymous", admitted, 60, began);
    let refused = loop {
        let reply = guest.get("/products").await;
        if reply.status == 429 {
            break reply;
        }
    };
    findings.refused("too many", &refused, 429, "RATE_LIMITED");
    findings.equal("none left", refused.header("x-ratelimit-remaining"), Some("0"));
    findings.check(refused.header("retry-after").is_some_and(|wait| wait.parse::<u64>().unwrap() >= 1), || {
        "Retry-After".to_owned()
    });
    findings.equal("before the token is looked at", guest.with_token(Some("x")).get("/cart").await.status, 429);
    let spoofed = market.guest().behind("9.9.9.9, 41.100.7.7");
    findings.equal("a made-up address in front", spoofed.get("/products").await.status, 429);
    findings.equal("no route is still 404", guest.get("/api/v1/nothing").await.status, 404);
    findings.equal("health", guest.get("/health").await.status, 200);
    findings.equal("another address", guest.behind("41.100.7.8").get("/products").await.status, 200);
}

#[tokio::test]
async fn accounts_are_counted_wherever_they_are() {
    let market = Market::start_with(&[]).await;
    let mut findings = Findings::default();
    let amina = market.user("amina").await;
    let began = Instant::now();
    // One place was taken by the first look at the account.
    let admitted = 1
        + crowd(&amina.behind("41.1.1.1"), "/cart/count", 60).await
        + crowd(&amina.behind("41.1.1.2"), "/products", 60).await;
    about(&mut findings, "signed in", admitted, 100, began);
    findings.equal(
        "another account",
        market.user("rym").await.get("/cart").await.header("x-ratelimit-limit"),
        Some("100"),
    );
    findings.equal("a guest there", market.guest().behind("41.1.1.1").get("/products").await.status, 200);

    let seller = market.seller("maison-rym", "grossiste").await;
    let reply = seller.get("/cart").await.expect(200);
    findings.equal("seller", reply.header("x-ratelimit-limit"), Some("200"));
    let left: usize = reply.header("x-ratelimit-remaining").unwrap().parse().unwrap();
    let began = Instant::now();
    let admitted = crowd(&seller, "/products", 230).await;
    let most = left + 4 * (began.elapsed().as_secs() as usize + 1);
    findings.check((left..=most).contains(&admitted), || format!("seller: {admitted} of {left}"));
    let admin = market.admin("amel").await;
    findings.equal("admins have no limit", crowd(&admin, "/products", 150).await, 150);
    let reply = admin.get("/products").await;
    for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
        findings.equal(name, reply.header(name), None);
    }
}

#[tokio::test]
async fn a_role_is_asked_for_five_times_a_minute() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    for round in 0..5 {
        let path = if round % 2 == 0 { "/auth/sync-role" } else { "/auth/register" };
        let reply = amina.post(path, json!({ "role": "customer" })).await.expect(200);
        assert_eq!(reply.header("x-ratelimit-limit"), Some("5"), "the rule nearest to its end");
    }
    let refused = amina.post("/auth/register", json!({ "role": "customer" })).await.refused(429, "RATE_LIMITED");
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    amina.behind("41.1.1.1").post("/auth/sync-role", json!({})).await.refused(429, "RATE_LIMITED");
    amina.get("/auth/me").await.expect(200);
    market.user("rym").await.post("/auth/sync-role", json!({ "role": "customer" })).await.expect(200);
}

#[tokio::test]
async fn thirty_files_are_taken_a_minute() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    let began = Instant::now();
    let mut taken = 0;
    loop {
        // Whatever becomes of the file, asking counts.
        let reply = amina.post("/storage/upload-image", json!({})).await;
        if reply.status == 429 {
            break;
        }
        reply.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        taken += 1;
    }
    let mut findings = Findings::default();
    about(&mut findings, "uploads", taken, 30, began);
    let leave = json!({ "kind": "avatar", "content_type": "image/png", "size_bytes": 1 });
    amina.behind("41.1.1.1").post("/storage/uploads", leave.clone()).await.refused(429, "RATE_LIMITED");
    amina.get("/storage/uploads/0192f6a2-0000-7000-8000-000000000000").await.refused(404, "UPLOAD_NOT_FOUND");
    market.user("rym").await.post("/storage/uploads", leave).await.expect(201);
}
