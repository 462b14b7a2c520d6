//! Good requests with some bytes changed, for some seconds: every one is answered, none breaks anything.
//!
//! The same ones every time, as many as there is time for; `FUZZ_SEED` and `FUZZ_SECONDS` try others and more, `make fuzz`
//! does. What fails is told byte for byte.

mod mutation;

use std::time::{Duration, Instant};

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use self::mutation::mutate;
use crate::chance::told;
use crate::harness::raw::status_of;
use crate::harness::{Caller, Market, checkout, eventually, new_product};

const SEED: u64 = 20_261_127;
const SECONDS: u64 = 6;
const AT_A_TIME: usize = 8;
/// What a token says, in any of which a decoder may stumble.
const CLAIMS: [&str; 14] =
    ["alg", "kid", "typ", "cat", "iss", "sub", "sid", "azp", "exp", "nbf", "iat", "sts", "act", "name"];

/// A request in its parts.
#[derive(Clone)]
struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    fn new(caller: &Caller, method: &'static str, path: impl Into<String>, body: Value) -> Self {
        let mut headers = vec![
            ("If-None-Match", b"W/\"AAAAAAAAAAAAAAAA\"".to_vec()),
            ("X-Forwarded-For", b"41.100.0.1, 10.0.0.1".to_vec()),
            ("X-Request-Id", b"7f0c.A_b-9".to_vec()),
            ("Accept-Encoding", b"gzip;q=0.5, br".to_vec()),
            ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_vec()),
        ];
        if !caller.id.is_empty() {
            headers.push(("Authorization", format!("Bearer {}", caller.token()).into_bytes()));
        }
        if !body.is_null() {
            headers.push(("Content-Type", b"application/json".to_vec()));
        }
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Self { method, path: path.into(), headers, body }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.as_bytes().to_vec()));
        self
    }

    /// One of its parts changed; the framing stays what it is, that has tests of its own.
    fn changed(&self, market: &Market, others: &[Self], random: &mut StdRng) -> Self {
        let mut request = self.clone();
        let other = others.choose(random).unwrap();
        match random.random_range(0..10) {
            0..5 if !request.body.is_empty() => request.body = mutate(&request.body, &other.body, random),
            0..7 => {
                let path = mutate(request.path.as_bytes(), other.path.as_bytes(), random);
                request.path = String::from_utf8_lossy(&path).replace([' ', '\r', '\n'], "%20");
            }
            7 if request.headers.iter().any(|(name, _)| *name == "Authorization") => {
                let claim = *CLAIMS.choose(random).unwrap();
                let values = [
                    json!(null),
                    json!([]),
                    json!(-1),
                    json!(1e300),
                    json!("\u{0}"),
                    json!({ "a": "x".repeat(9_000) }),
                ];
                let token = market.token_request("amina").with(claim, values.choose(random).unwrap().clone());
                let header = request.headers.iter_mut().find(|(name, _)| *name == "Authorization").unwrap();
                header.1 = format!("Bearer {}", market.clerk.token(&token)).into_bytes();
            }
            _ => {
                let at = random.random_range(0..request.headers.len());
                let value = &mut request.headers[at].1;
                *value = mutate(value, b"", random);
                value.retain(|byte| !b"\r\n".contains(byte));
            }
        }
        request
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes =
            format!("{} {} HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n", self.method, self.path).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).into_bytes());
        bytes.extend(&self.body);
        bytes
    }
}

#[tokio::test]
async fn whatever_is_sent_is_answered_and_breaks_nothing() {
    let (seed, seconds) = (told("FUZZ_SEED", SEED), told("FUZZ_SECONDS", SECONDS));
    let mut random = StdRng::seed_from_u64(seed);
    let limits = [("GATEWAY_RATE_LIMIT_FACTOR", "100000"), ("GATEWAY_LIMIT_CHOOSE_ROLE", "1000000")];
    let market = Market::start_with(&limits).await;
    let requests = good_requests(&market).await;
    for request in &requests {
        let answer = market.raw(request.bytes()).await;
        assert!((200..500).contains(&status_of(&answer)), "{}: {answer}", request.path);
    }

    let (mut sent, mut busy) = (0, 0);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        let batch: Vec<Vec<u8>> = (0..AT_A_TIME)
            .map(|_| requests.choose(&mut random).unwrap().changed(&market, &requests, &mut random).bytes())
            .collect();
        let answers = join_all(batch.iter().map(|bytes| market.raw(bytes))).await;
        for (bytes, answer) in batch.iter().zip(&answers) {
            let status = status_of(answer);
            sent += 1;
            busy += usize::from(status == 503);
            // Bytes that are no header are refused before there is a request, maybe without an answer.
            let is_answered = [0, 503].contains(&status) || (200..500).contains(&status);
            assert!(is_answered, "FUZZ_SEED={seed}, number {sent}: {answer}\n{}", bytes.escape_ascii());
        }
    }
    assert!(busy <= sent / 100, "{busy} of {sent} were turned away");
    market.guest().get("/products").await.expect(200);
    eventually(Duration::from_secs(20), async || market.self_check().await.code == 0).await;
}

/// One of each kind that takes something to decode.
async fn good_requests(market: &Market) -> Vec<Request> {
    let (seller, amina) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let (admin, guest) = (market.admin("amel").await, market.guest());
    let full = json!({
        "images": ["https://cdn.example.com/1.jpg"], "description": "عطر", "tags": ["a", "b"], "weight": 1.25,
        "specifications": { "a": { "b": [1, 2.5, null] } }, "countdown_end_date": "2026-12-31T23:59:59.000+01:00",
        "original_price": 99.5, "brand": "Atlas", "min_order_quantity": 1, "stock": 10_000,
    });
    let made = market.product(&seller, full.clone()).await;
    let (id, slug) = (made["id"].as_str().unwrap(), made["slug"].as_str().unwrap());
    let image = made["images"][0]["id"].as_str().unwrap();
    let order = guest.post("/orders", checkout(&[(id, 1)])).await.expect(201);
    let (token, placed) = (order.text("tracking_token"), &order.body["orders"][0]);
    let (order, number) = (placed["id"].as_str().unwrap(), placed["order_number"].as_str().unwrap());
    let line = json!({ "product_id": id, "quantity": 1 });
    let api = |path: &str| format!("/api/v1{path}");
    let new = |caller: &Caller, method, path: &str, body| Request::new(caller, method, api(path), body);
    vec![
        new(
            &guest,
            "GET",
            "/products?search=th%C3%A9&category=home&min_price=0&max_price=99.5&sort_order=asc&page=1",
            Value::Null,
        ),
        new(&guest, "GET", "/products/search?q=%D8%B9%D8%B7%D8%B1+atlas&in_stock=true&limit=5", Value::Null),
        new(&guest, "GET", "/products/suggest?q=atl&limit=3", Value::Null),
        new(&guest, "GET", &format!("/products/{id}"), Value::Null),
        new(&guest, "GET", &format!("/products/slug/{slug}"), Value::Null),
        new(&guest, "GET", "/sellers?search=maison&seller_category=grossiste&wilaya=Alger", Value::Null),
        new(&guest, "GET", "/brands?search=atl&category=home", Value::Null),
        new(&guest, "GET", &format!("/guest/orders/track/0555123456?order_number={number}"), Value::Null),
        new(&guest, "GET", &format!("/orders/{order}"), Value::Null).with("X-Tracking-Token", &token),
        new(&guest, "POST", "/orders", checkout(&[(id, 1)])).with("Idempotency-Key", "fuzzed-key-1"),
        new(&guest, "POST", "/webhooks/clerk", json!({ "type": "user.updated", "data": {} }))
            .with("svix-id", "msg_1")
            .with("svix-timestamp", "1790000000")
            .with("svix-signature", "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        new(&amina, "PATCH", "/users/me", json!({ "full_name": "Amina", "phone": "0555 12 34 56", "bio": null })),
        new(&amina, "POST", "/users/me/push-token", json!({ "push_token": "ExponentPushToken[x]", "platform": "ios" })),
        new(&amina, "DELETE", "/users/me/push-token?push_token=ExponentPushToken%5Bx%5D", Value::Null),
        new(&amina, "POST", "/auth/sync-role", json!({ "role": "customer" })),
        new(&amina, "POST", "/cart/items", line.clone()).with("Idempotency-Key", "\"fuzzed-key-2\""),
        new(&amina, "POST", "/cart/merge", json!({ "items": [line] })),
        new(&amina, "GET", "/orders?status=pending&page=1&limit=20", Value::Null),
        new(&seller, "POST", "/products", new_product(full.clone())),
        new(&seller, "PATCH", &format!("/products/{id}"), full).with("If-Match", "W/\"1-AAAA\""),
        new(&seller, "PATCH", &format!("/products/{id}/images/{image}"), json!({ "display_order": 3 }))
            .with("If-Match", "*"),
        new(&seller, "PATCH", &format!("/seller/products/{id}/stock"), json!({ "delta": 1 })),
        new(&seller, "PATCH", &format!("/seller/products/{id}/stock"), json!({ "stock": 5, "expected_version": 1 })),
        new(
            &seller,
            "GET",
            "/seller/orders?search=ZST&date_from=2026-01-01&date_to=2026-12-31&kind=retail",
            Value::Null,
        ),
        new(
            &seller,
            "PATCH",
            &format!("/seller/orders/{order}/status"),
            json!({ "status": "confirmed", "tracking_number": "Y-1", "delivery_date": "2026-12-31", "note": "x" }),
        ),
        new(&admin, "GET", "/admin/users?search=amina&role=customer&is_active=true", Value::Null),
        new(&admin, "PATCH", &format!("/admin/users/{}", amina.id), json!({ "is_verified": true })),
        new(&admin, "GET", "/admin/audit?action=user.role_chosen&date_from=2026-01-01", Value::Null),
        new(&admin, "GET", "/admin/orders?payment_status=pending&search=0555123456", Value::Null),
        new(
            &admin,
            "POST",
            "/admin/categories",
            json!({ "slug": "s", "name_fr": "R", "name_ar": "ر", "display_order": 3 }),
        ),
    ]
}
