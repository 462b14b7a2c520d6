//! api.md 6.8: a seller's changes of stock.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::shapes::{exactly, is_time};
use crate::harness::{Findings, Market, checkout, eventually};

#[tokio::test]
async fn stock_is_set_and_moved() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    let made = market.product(&seller, json!({ "stock": 10 })).await;
    let id = made["id"].as_str().unwrap();
    let (path, product) = (format!("/seller/products/{id}/stock"), format!("/products/{id}"));
    let version = made["stock_version"].as_i64().unwrap();

    let set = seller.patch(&path, json!({ "stock": 4, "expected_version": version })).await.expect(200).body;
    exactly(&set, "id stock in_stock stock_version updated_at");
    is_time(&set["updated_at"]);
    findings.equal("set", (set["stock"].clone(), set["stock_version"].clone()), (json!(4), json!(version + 1)));
    findings.equal("the next read shows it", guest.get(&product).await.body["stock"].clone(), json!(4));
    let moved = seller.patch(&path, json!({ "delta": -4 })).await.expect(200).body;
    findings.equal("moved", (moved["stock"].clone(), moved["in_stock"].clone()), (json!(0), json!(false)));
    findings.equal("flipped at once", guest.get(&product).await.body["in_stock"].clone(), json!(false));
    let short = seller.patch(&path, json!({ "delta": -1 })).await;
    findings.refused("below nothing", &short, 409, "OUT_OF_STOCK");
    findings.equal("what there is", short.body["details"][0]["available"].clone(), json!(0));
    findings.equal("of what", short.body["details"][0]["product_id"].clone(), json!(id));

    let stale = seller.patch(&path, json!({ "stock": 7, "expected_version": version })).await;
    findings.refused("based on an older one", &stale, 409, "VERSION_CONFLICT");
    let detail = &stale.body["details"][0];
    findings.equal(
        "which",
        (detail["current_version"].clone(), detail["stock"].clone()),
        (json!(version + 2), json!(0)),
    );
    seller.patch(&path, json!({ "stock": 2, "expected_version": version + 2 })).await.expect(200);
    guest.post("/orders", checkout(&[(id, 1)])).await.expect(201);
    let sold = seller.patch(&path, json!({ "stock": 9, "expected_version": version + 3 })).await;
    findings.refused("sold since", &sold, 409, "VERSION_CONFLICT");

    let too_much = seller.patch(&path, json!({ "delta": 10_000_000 })).await;
    findings.refused("above the limit", &too_much, 400, "VALIDATION_ERROR");
    let both = json!({ "stock": 1, "expected_version": 1, "delta": 1 });
    for body in [both, json!({}), json!({ "stock": 1 }), json!({ "expected_version": 1 }), json!({ "delta": null })] {
        findings.refused(&body.to_string(), &seller.patch(&path, body.clone()).await, 400, "VALIDATION_ERROR");
    }
    let good = json!({ "stock": 1, "expected_version": 1 });
    let wrong = [
        ("stock", json!(-1)),
        ("stock", json!(10_000_001)),
        ("stock", json!(1.5)),
        ("stock", json!("1")),
        ("expected_version", json!("1")),
        ("product_id", json!(id)),
    ];
    findings.members(&seller, Method::PATCH, &path, &good, &wrong).await;
    let wrong =
        [("delta", json!(0)), ("delta", json!(10_000_001)), ("delta", json!(-10_000_001)), ("delta", json!("1"))];
    findings.members(&seller, Method::PATCH, &path, &json!({}), &wrong).await;
    findings.refused("another seller", &other.patch(&path, json!({ "delta": 1 })).await, 404, "PRODUCT_NOT_FOUND");
    let admin = market.admin("amel").await;
    findings.refused("an admin", &admin.patch(&path, json!({ "delta": 1 })).await, 404, "PRODUCT_NOT_FOUND");
    // A mere count may be two seconds old.
    eventually(Duration::from_secs(5), async || guest.get(&product).await.body["stock"] == 1).await;
}

#[tokio::test]
async fn the_sellers_switch_and_the_stock_decide_together() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let made = market.product(&seller, json!({ "stock": 5 })).await;
    let id = made["id"].as_str().unwrap();
    let path = format!("/seller/products/{id}/stock");
    let change = async |body| seller.patch(&format!("/products/{id}"), body).await.expect(200).body;
    findings.equal("taken off", change(json!({ "in_stock": false })).await["in_stock"].clone(), json!(false));
    let moved = seller.patch(&path, json!({ "delta": 1 })).await.expect(200).body;
    findings.equal(
        "a move leaves it off",
        (moved["stock"].clone(), moved["in_stock"].clone()),
        (json!(6), json!(false)),
    );
    let refused = market.guest().post("/orders", checkout(&[(id, 1)])).await;
    findings.refused("not sold", &refused, 409, "OUT_OF_STOCK");
    findings.equal("nothing available", refused.body["details"][0]["available"].clone(), json!(0));
    let version = moved["stock_version"].clone();
    let set = seller.patch(&path, json!({ "stock": 3, "expected_version": version })).await.expect(200).body;
    findings.equal("a set puts it back", set["in_stock"].clone(), json!(true));
    change(json!({ "in_stock": false })).await;
    findings.equal("so does stock alone", change(json!({ "stock": 2 })).await["in_stock"].clone(), json!(true));
    let both = change(json!({ "stock": 2, "in_stock": false })).await;
    findings.equal("both", both["in_stock"].clone(), json!(false));
    let none = change(json!({ "stock": 0, "in_stock": true })).await;
    findings.equal("on, but nothing there", none["in_stock"].clone(), json!(false));
    let again = seller.patch(&path, json!({ "delta": 1 })).await.expect(200).body;
    findings.equal("on and there", again["in_stock"].clone(), json!(true));
}

#[tokio::test]
async fn parallel_moves_never_lose_one_another() {
    let market = Market::start().await;
    let seller = market.seller("maison-rym", "grossiste").await;
    let id = market.product_id(&seller, json!({ "stock": 100 })).await;
    let path = format!("/seller/products/{id}/stock");
    let moves = (0..20).map(|index| seller.patch(&path, json!({ "delta": if index % 2 == 0 { 3 } else { -2 } })));
    let replies = join_all(moves).await;
    let orders = join_all((0..5).map(|_| {
        let guest = market.guest();
        let order = checkout(&[(&id, 2)]);
        async move { guest.post("/orders", order).await }
    }));
    assert!(orders.await.iter().all(|reply| reply.status == 201));
    assert!(replies.iter().all(|reply| reply.status == 200));
    let last = seller.patch(&path, json!({ "delta": 1 })).await.expect(200);
    assert_eq!(last.body["stock"], 100 + 10 * 3 - 10 * 2 - 5 * 2 + 1);
    // A key makes a repeated move the same one.
    let keyed = seller.with_key("move-0001-once");
    let first = keyed.patch(&path, json!({ "delta": 5 })).await.expect(200);
    let second = keyed.patch(&path, json!({ "delta": 5 })).await.expect(200);
    assert_eq!(second.bytes, first.bytes);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    keyed.patch(&path, json!({ "delta": 6 })).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    seller.delete(&format!("/products/{id}")).await.expect(200);
    keyed.patch(&path, json!({ "delta": 5 })).await.refused(404, "PRODUCT_NOT_FOUND");
}
