//! api.md 10.1: following an order with its number and the phone (SEC-31 to SEC-35).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::bodies::with;
use crate::harness::shapes::{PUBLIC_USER, TRACKED, exactly};
use crate::harness::{Caller, Findings, Market, checkout};

const PATIENT: [(&str, &str); 2] = [("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("GATEWAY_LIMIT_TRACK_ORDER", "100000")];

async fn order(market: &Market, buyer: &Caller, product: &str, phone: &str) -> Value {
    let body = with(
        checkout(&[(product, 1)]),
        json!({
            "customer_phone": phone, "customer_email": "secret@example.com", "customer_commune": "Hydra", "notes": "secret note",
        }),
    );
    let _ = market;
    buyer.post("/orders", body).await.expect(201).body["orders"][0].clone()
}

#[tokio::test]
async fn number_and_phone_together_show_where_a_parcel_is() {
    let market = Market::start_with(&PATIENT).await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let amina = market.user("amina").await;
    for (buyer, phone) in [(&guest, "0555123456"), (&amina, "0666123456")] {
        let placed = order(&market, buyer, &pot, phone).await;
        let number = placed["order_number"].as_str().unwrap();
        let path = format!("/seller/orders/{}/status", placed["id"].as_str().unwrap());
        let shipped = json!({ "status": "confirmed", "tracking_number": "YAL-7", "note": "secret step" });
        seller.patch(&path, shipped).await.expect(200);
        let tail = &number[15..];
        let look_alike = number.replace('1', "l").replace('0', "O").to_lowercase();
        let spaced = format!("%20{}%20{tail}", &number[..15]);
        for (phone, number) in [
            (phone.to_owned(), number.to_owned()),
            (phone.replacen('0', "+213", 1), number.to_lowercase()),
            (phone.replacen('0', "00213", 1), look_alike),
            (format!("{}%20{}", &phone[..4], &phone[4..]), spaced),
        ] {
            let reply = guest.get(&format!("/guest/orders/track/{phone}?order_number={number}")).await;
            findings.status(&format!("{phone} {number}"), &reply, 200);
            if reply.status != 200 {
                continue;
            }
            findings.equal("kept by nobody", reply.header("cache-control"), Some("private, no-store"));
            findings.equal("one row", (reply.data().len(), reply.body["meta"]["total"].clone()), (1, json!(1)));
            let row = &reply.data()[0];
            exactly(row, TRACKED);
            exactly(&row["items"][0], "product_name product_image quantity price subtotal");
            exactly(&row["history"][0], "status created_at");
            exactly(&row["seller"], PUBLIC_USER);
            findings.equal(
                "status",
                (row["status"].clone(), row["tracking_number"].clone()),
                (json!("confirmed"), json!("YAL-7")),
            );
            findings.equal("history", row["history"].as_array().unwrap().len(), 2);
            let text = String::from_utf8(reply.bytes.clone()).unwrap();
            for secret in
                ["secret", "Amina", "123456", "Didouche", "Alger", "Hydra", placed["id"].as_str().unwrap(), &pot]
            {
                findings.check(!text.contains(secret), || format!("{secret} is shown: {text}"));
            }
        }
    }
}

#[tokio::test]
async fn every_miss_looks_the_same() {
    let market = Market::start_with(&PATIENT).await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let guest = market.guest();
    let placed = order(&market, &guest, &pot, "0555123456").await;
    let number = placed["order_number"].as_str().unwrap();
    let unknown = format!("{}0000000000", &number[..15]);
    let misses = [
        ("0666123456", number),
        ("0555123456", unknown.as_str()),
        ("0555123457", "x"),
        ("12", number),
        ("nobody", number),
        ("+33612345678", number),
        ("0555123458", "%27%20OR%201=1"),
        ("0555123459", &number[..20]),
    ];
    let mut answers = Vec::new();
    for (index, (phone, number)) in misses.iter().enumerate() {
        let caller = guest.behind(&format!("41.100.0.{index}"));
        let began = Instant::now();
        let reply = caller.get(&format!("/guest/orders/track/{phone}?order_number={number}")).await;
        findings.refused(&format!("{phone} {number}"), &reply, 404, "ORDER_NOT_FOUND");
        findings.check(began.elapsed() < Duration::from_secs(2), || "slow".to_owned());
        let mut body = reply.body;
        body["requestId"] = Value::Null;
        answers.push(body);
    }
    answers.dedup();
    findings.equal("identical but for the id", answers.len(), 1);
    let from = |address: &str| guest.behind(address);
    for query in ["", "?order_number=", "?phone=1"] {
        let reply = from("41.100.1.1").get(&format!("/guest/orders/track/0555123456{query}")).await;
        findings.refused(query, &reply, 400, "VALIDATION_ERROR");
    }
    let pages = format!("/guest/orders/track/0555123456?order_number={number}&page=1");
    findings.invalid("gone", &from("41.100.1.1").get(&pages).await, "page");
    let whole = format!("/guest/orders/track/0555123456?order_number={number}");
    findings.status("bad questions are no misses", &from("41.100.1.1").get(&whole).await, 200);
}

#[tokio::test]
async fn five_misses_close_a_phone_a_number_and_an_address() {
    let market = Market::start_with(&PATIENT).await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let guest = market.guest();
    let numbers =
        async |phone: &str| order(&market, &guest, &pot, phone).await["order_number"].as_str().unwrap().to_owned();
    let track = async |address: String, phone: &str, number: &str| {
        guest.behind(&address).get(&format!("/guest/orders/track/{phone}?order_number={number}")).await
    };
    let (one, two, three) = (numbers("0555000001").await, numbers("0555000002").await, numbers("0555000003").await);
    let wrong = |index: usize| format!("ZST-1700000000-000000000{index}");
    // One phone, many numbers, from everywhere.
    for index in 0..5 {
        findings.status("miss", &track(format!("41.1.0.{index}"), "0555000001", &wrong(index)).await, 404);
    }
    let closed = track("41.1.1.1".to_owned(), "+213555000001", &one).await;
    findings.refused("the phone is closed, also for the right pair", &closed, 429, "RATE_LIMITED");
    findings.check(closed.header("retry-after").is_some_and(|wait| wait.parse::<u64>().unwrap() > 60), || {
        "Retry-After".to_owned()
    });
    findings.status("another phone is not", &track("41.1.1.2".to_owned(), "0555000002", &two).await, 200);
    // One number, many phones.
    for index in 0..5 {
        findings.status("miss", &track(format!("41.2.0.{index}"), &format!("066600000{index}"), &two).await, 404);
    }
    let closed = track("41.2.1.1".to_owned(), "0555000002", &two.to_lowercase()).await;
    findings.refused("the number is closed", &closed, 429, "RATE_LIMITED");
    // One address.
    for index in 0..5 {
        let reply = track("41.3.0.1".to_owned(), &format!("077700000{index}"), &wrong(5 + index % 5)).await;
        findings.status("miss", &reply, 404);
    }
    findings.status("the address is closed", &track("41.3.0.1".to_owned(), "0555000003", &three).await, 429);
    findings.status("from elsewhere it is open", &track("41.3.0.2".to_owned(), "0555000003", &three).await, 200);
}

#[tokio::test]
async fn ten_questions_a_minute_from_an_address() {
    let market = Market::start().await;
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let guest = market.guest();
    let placed = order(&market, &guest, &pot, "0555123456").await;
    let path = format!("/guest/orders/track/0555123456?order_number={}", placed["order_number"].as_str().unwrap());
    for _ in 0..10 {
        guest.get(&path).await.expect(200);
    }
    let refused = guest.get(&path).await.refused(429, "RATE_LIMITED");
    assert_eq!(refused.header("x-ratelimit-limit"), Some("10"));
    // For accounts it counts per address too.
    market.user("amina").await.get(&path).await.refused(429, "RATE_LIMITED");
    guest.behind("41.100.0.9").get(&path).await.expect(200);
}
