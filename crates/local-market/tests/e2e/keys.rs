//! api.md 2.8: one key, one effect.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::bodies::with;
use crate::harness::databases::number;
use crate::harness::{Caller, Findings, Market, checkout, new_product};

#[tokio::test]
async fn a_key_makes_parallel_and_repeated_checkouts_one() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let amina = market.user("amina").await;
    for (who, caller) in [("guest", market.guest()), ("amina", amina)] {
        let before = number(&market.databases.ordering, "SELECT count(*) FROM orders").await;
        let keyed = caller.with_key(&format!("checkout-{who}"));
        let body = checkout(&[(&pot, 2)]);
        let replies = join_all((0..5).map(|_| keyed.post("/orders", body.clone()))).await;
        let bytes: BTreeSet<Vec<u8>> = replies.iter().map(|reply| reply.bytes.clone()).collect();
        for reply in &replies {
            findings.status(who, reply, 201);
        }
        findings.equal("the same bytes", bytes.len(), 1);
        let replayed = replies.iter().filter(|reply| reply.header("idempotency-replayed") == Some("true")).count();
        findings.equal("four replays", replayed, 4);
        // Members in another order, other white space, the key in quotes: the same request.
        let quoted = caller.with_key(&format!("\"checkout-{who}\""));
        let spaced = serde_json::to_string_pretty(&body).unwrap();
        let again = quoted.send(reqwest::Method::POST, "/orders", Some(spaced)).await.expect(201);
        findings.equal("still the same bytes", &again.bytes, &replies[0].bytes);
        let other = keyed.post("/orders", with(body.clone(), json!({ "notes": "x" }))).await;
        findings.refused("another body", &other, 422, "IDEMPOTENCY_KEY_REUSED");
        let orders = number(&market.databases.ordering, "SELECT count(*) FROM orders").await;
        findings.equal("one order", orders - before, 1);
    }
    findings.equal("units", number(&market.databases.ordering, "SELECT free FROM stock").await, 96);
    let events = "SELECT count(*) FROM outbox WHERE name LIKE '%order_placed%'";
    findings.equal("one event each", number(&market.databases.ordering, events).await, 2);
}

#[tokio::test]
async fn a_key_belongs_to_whoever_used_it() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let body = checkout(&[(&pot, 1)]);
    let key = "guessable-key-1";
    let place =
        async |caller: &Caller, body: &serde_json::Value| caller.with_key(key).post("/orders", body.clone()).await;
    let (guest, amina, rym) = (market.guest(), market.user("amina").await, market.user("rym").await);
    let first = place(&guest, &body).await.expect(201);
    let other_phone = with(body.clone(), json!({ "customer_phone": "0666123456" }));
    let mut answers = vec![first.text("checkout_id")];
    for (caller, body) in [(&guest, &other_phone), (&amina, &body), (&rym, &body)] {
        let reply = place(caller, body).await.expect(201);
        findings.equal("new", reply.header("idempotency-replayed"), None);
        answers.push(reply.text("checkout_id"));
    }
    answers.sort();
    answers.dedup();
    findings.equal("four checkouts", answers.len(), 4);
    let same_phone = with(body.clone(), json!({ "customer_phone": "+213 555 123 456" }));
    let reply = place(&guest, &same_phone).await;
    findings.refused("the same phone written otherwise is another body", &reply, 422, "IDEMPOTENCY_KEY_REUSED");

    // A key belongs to its operation too.
    let product =
        rym.with_key("shared-by-operations").post("/cart/items", json!({ "product_id": pot, "quantity": 1 })).await;
    findings.status("cart", &product, 201);
    let order = rym.with_key("shared-by-operations").post("/orders", body.clone()).await;
    findings.status("order", &order, 201);
    let published = seller.with_key("publish-once").post("/products", new_product(json!({}))).await.expect(201);
    let location = published.header("location").map(str::to_owned);
    let name = published.text("name");
    let again = seller.with_key("publish-once").post("/products", new_product(json!({ "name": name }))).await;
    findings.status("published once", &again, 201);
    findings.equal("the same one", again.bytes.clone(), published.bytes.clone());
    findings.equal("with its address", again.header("location").map(str::to_owned), location);

    for form in [
        "short",
        "1234567",
        &"x".repeat(129),
        "with space",
        "ключ-ключ",
        "\"unclosed-key",
        "a/b/c/d/e",
        "key;key;key",
        "\"\"",
    ] {
        let encoded = reqwest::header::HeaderValue::from_bytes(form.as_bytes()).unwrap();
        let line = String::from_utf8_lossy(encoded.as_bytes()).into_owned();
        let bytes = body.to_string();
        let answer = market.raw(format!(
            "POST /api/v1/orders HTTP/1.1\r\nHost: zst\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: {line}\r\nContent-Length: {}\r\n\r\n{bytes}",
            bytes.len(),
        )).await;
        let right = answer.starts_with("HTTP/1.1 400")
            && answer.contains("VALIDATION_ERROR")
            && answer.contains("\"Idempotency-Key\"");
        findings.check(right, || format!("{form}: {answer}"));
    }
    // Elsewhere it is ignored.
    findings.status("ignored", &guest.with_key("x").get("/products").await, 200);
}

#[tokio::test]
async fn after_a_refusal_the_key_is_free_again() {
    let market = Market::start().await;
    let seller = market.seller("maison-rym", "grossiste").await;
    let made = market.product(&seller, json!({ "stock": 1 })).await;
    let pot = made["id"].as_str().unwrap();
    let keyed = market.guest().with_key("try-again-later");
    let body = checkout(&[(pot, 2)]);
    keyed.post("/orders", body.clone()).await.refused(409, "OUT_OF_STOCK");
    seller.patch(&format!("/seller/products/{pot}/stock"), json!({ "delta": 1 })).await.expect(200);
    let placed = keyed.post("/orders", body.clone()).await.expect(201);
    assert_eq!(placed.header("idempotency-replayed"), None);
    // Also with another body, once it was refused.
    let keyed = market.guest().with_key("another-key");
    keyed.post("/orders", checkout(&[(pot, 5)])).await.refused(409, "OUT_OF_STOCK");
    seller.patch(&format!("/seller/products/{pot}/stock"), json!({ "delta": 1 })).await.expect(200);
    keyed.post("/orders", checkout(&[(pot, 1)])).await.expect(201);
}

#[tokio::test]
async fn a_cut_connection_and_a_retry_make_one_checkout() {
    let market = Market::start().await;
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 1000 })).await;
    for round in 0..20_u64 {
        let body = with(checkout(&[(&pot, 1)]), json!({ "notes": format!("round {round}") }));
        let bytes = body.to_string();
        let head = format!(
            "POST /api/v1/orders HTTP/1.1\r\nHost: zst\r\nContent-Type: application/json\r\nIdempotency-Key: cut-off-{round}\r\nContent-Length: {}\r\n\r\n{bytes}",
            bytes.len(),
        );
        let mut stream = TcpStream::connect(market.gateway()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // Each round cuts a little later.
        for _ in 0..round * 20 {
            tokio::task::yield_now().await;
        }
        drop(stream);
        let reply = market.guest().with_key(&format!("cut-off-{round}")).post("/orders", body).await;
        reply.expect(201);
    }
    assert_eq!(number(&market.databases.ordering, "SELECT count(*) FROM orders").await, 20);
    assert_eq!(number(&market.databases.ordering, "SELECT free FROM stock").await, 980);
}
