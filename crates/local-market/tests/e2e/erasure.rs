//! api.md 4.5 and 9.1, SEC-76: what is left of somebody whose account is deleted.

use std::time::{Duration, Instant};

use local_market::clerk::{WebhookRequest, user_id};
use reqwest::Method;
use serde_json::json;
use test_support::TestDatabase;

use crate::harness::databases::{number, text};
use crate::harness::shapes::exactly;
use crate::harness::{Caller, Market, checkout, eventually, unique};

/// How soon all others must have forgotten.
const A_MINUTE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(5);

/// Nothing of this is anywhere else. ASCII, so that it is found inside bytes too.
const PLANTED: [&str; 8] = [
    "planted",
    "555987654",
    "777123987",
    "661456789",
    "tamanrasset-planted",
    "ExpoPushToken[secret-device]",
    "cdn.example.dz/face",
    "img.clerk.com/face",
];

/// Somebody who has told the market everything that it can be told.
async fn known_to_all(market: &Market, user: &str, seller: &Caller) -> (Caller, Vec<String>) {
    let data = json!({
        "first_name": "Planted", "last_name": "Clerkname", "image_url": "https://img.clerk.com/face",
        "primary_email_address_id": "idn_1", "email_addresses": [{ "id": "idn_1", "email_address": "planted@clerk.dz" }],
        "primary_phone_number_id": "idn_2", "phone_numbers": [{ "id": "idn_2", "phone_number": "+213661456789" }],
        "updated_at": 1_790_000_000_000_i64,
    });
    market.webhook(&WebhookRequest::new("user.created", data).about(user)).await.expect(200);
    let caller = market.user(user).await;
    eventually(SOON, async || caller.get("/users/me").await.body["email"] == "planted@clerk.dz").await;
    let profile = json!({
        "full_name": "Planted Profile", "phone": "0555987654", "wilaya": "tamanrasset-planted", "bio": "planted bio",
        "avatar_url": "https://cdn.example.dz/face",
    });
    caller.patch("/users/me", profile).await.expect(200);
    let device = json!({ "push_token": "ExpoPushToken[secret-device]" });
    caller.post("/users/me/push-token", device).await.expect(200);

    let product = market.product_id(seller, json!({ "stock": 50 })).await;
    let reel = market.reel(seller, &product).await;
    caller.send(Method::POST, &format!("/reels/{reel}/like"), None).await.expect(200);
    let said = json!({ "content": "a planted word" });
    caller.with_key(&unique("comment-key")).post(&format!("/reels/{reel}/comments"), said).await.expect(201);
    let line = json!({ "product_id": product, "quantity": 1 });
    caller.with_key(&unique("cart-key")).post("/cart/items", line.clone()).await.expect(201);
    let mut orders = Vec::new();
    for _ in 0..4 {
        let mut order = checkout(&[(&product, 1)]);
        order["customer_name"] = json!("Planted Customer");
        order["customer_phone"] = json!("0777123987");
        order["customer_email"] = json!("planted@order.dz");
        order["customer_commune"] = json!("planted commune");
        order["shipping_address"] = json!("12 rue planted, Alger");
        order["notes"] = json!("planted note");
        let placed = caller.with_key(&unique("order-key")).post("/orders", order).await.expect(201);
        orders.push(placed.body["orders"][0]["id"].as_str().unwrap().to_owned());
    }
    // Delivered, cancelled, returned; the last one is on its way.
    for (order, statuses) in [
        (&orders[0], &["confirmed", "processing", "shipped", "delivered"][..]),
        (&orders[2], &["confirmed", "processing", "shipped", "returned"]),
        (&orders[3], &["confirmed", "processing", "shipped"]),
    ] {
        step(seller, order, statuses).await;
    }
    caller.post(&format!("/orders/{}/cancel", orders[1]), json!({})).await.expect(200);
    // The order took the line away; another one, so that there is something to empty.
    let lines = "SELECT count(*) FROM cart_items";
    eventually(SOON, async || number(&market.databases.cart, lines).await == 0).await;
    caller.with_key(&unique("cart-key")).post("/cart/items", line).await.expect(201);
    (caller, orders)
}

async fn step(seller: &Caller, order: &str, statuses: &[&str]) {
    for status in statuses {
        seller.patch(&format!("/seller/orders/{order}/status"), json!({ "status": status })).await.expect(200);
    }
}

fn databases(market: &Market) -> [(&'static str, &TestDatabase); 6] {
    let all = &market.databases;
    [
        ("identity", &all.identity),
        ("catalog", &all.catalog),
        ("cart", &all.cart),
        ("ordering", &all.ordering),
        ("reels", &all.reels),
        ("media", &all.media),
    ]
}

/// Every planted word that is anywhere in a database or in Redis, with where it is.
async fn found(market: &Market) -> Vec<String> {
    let mut found = Vec::new();
    for (name, database) in databases(market) {
        let dump = test_support::dump(&mut database.conn().await).await.to_lowercase();
        for line in dump.lines() {
            let words = PLANTED.iter().filter(|word| line.contains(&word.to_lowercase()));
            found.extend(words.map(|word| format!("{name}: {word} in {line}")));
        }
    }
    let kept = market.redis().dump().await.to_lowercase();
    found
        .extend(PLANTED.iter().filter(|word| kept.contains(&word.to_lowercase())).map(|word| format!("redis: {word}")));
    found
}

/// Nothing is left but what an order on its way needs until it is there.
async fn forgotten(market: &Market, seller: &Caller, on_its_way: &str) {
    let open_row = format!(" in orders {on_its_way}");
    let deadline = Instant::now() + A_MINUTE;
    loop {
        let mut left = found(market).await;
        left.retain(|line| !(line.starts_with("ordering: ") && line.contains(&open_row)));
        if left.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "{left:#?}");
    }

    let open = seller.get(&format!("/seller/orders/{on_its_way}")).await.expect(200).body;
    assert_eq!(open["customer_phone"], "+213777123987", "its seller has to deliver it");
    assert_eq!(open["user"], json!(null));
    let arrived = json!({ "status": "delivered" });
    let arrived = seller.patch(&format!("/seller/orders/{on_its_way}/status"), arrived).await.expect(200);
    assert_eq!(arrived.body["customer_name"], "Deleted user");
    assert_eq!(found(market).await, Vec::<String>::new());
}

async fn wiped(market: &Market, seller: &Caller, orders: &[String]) {
    for id in orders {
        let order = seller.get(&format!("/seller/orders/{id}")).await.expect(200).body;
        assert_eq!(order["customer_name"], "Deleted user");
        for field in [
            "customer_email",
            "customer_phone",
            "customer_commune",
            "shipping_address",
            "customer_address",
            "notes",
            "user",
        ] {
            assert_eq!(order[field], json!(null), "{field}");
        }
        assert_eq!(order["customer_wilaya"], "Alger");
        assert_eq!(order["items"].as_array().unwrap().len(), 1);
        let history = seller.get(&format!("/orders/{id}/history")).await.expect(200);
        assert!(history.data().len() >= 2);
        let tracked =
            format!("/guest/orders/track/0777123987?order_number={}", order["order_number"].as_str().unwrap());
        market.guest().get(&tracked).await.refused(404, "ORDER_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_buyer_who_deletes_its_account_is_forgotten_everywhere() {
    let market = Market::start().await;
    let seller = market.seller("noor-shop", "grossiste").await;
    let (buyer, orders) = known_to_all(&market, "leaving-buyer", &seller).await;
    let before = found(&market).await;
    assert!(!market.redis().dump().await.is_empty(), "the test looks at the wrong keys");
    // The phone of Clerk's was overwritten by the one of the profile.
    for word in PLANTED.iter().filter(|word| **word != "661456789") {
        assert!(before.iter().any(|line| line.contains(word)), "{word} was never there: the test proves nothing");
    }

    let deleted = buyer.delete("/users/me").await.expect(200);
    exactly(&deleted.body, "message id");
    assert_eq!(deleted.body["id"], json!(buyer.id));
    buyer.get("/auth/me").await.refused(401, "UNAUTHORIZED");
    buyer.delete("/users/me").await.refused(401, "UNAUTHORIZED");
    forgotten(&market, &seller, &orders[3]).await;
    wiped(&market, &seller, &orders).await;
    let lines = "SELECT count(*) FROM cart_items";
    assert_eq!(number(&market.databases.cart, lines).await, 0);
    for database in [&market.databases.cart, &market.databases.ordering] {
        let owned = format!("SELECT count(*) FROM answers WHERE owner_id = '{}'", buyer.id);
        assert!(number(database, &owned).await > 0, "keys stay used");
        assert_eq!(number(database, &format!("{owned} AND answer IS NOT NULL")).await, 0);
    }
    let tombstone = format!("SELECT deleted_at IS NOT NULL FROM users WHERE clerk_id = '{}'", user_id("leaving-buyer"));
    assert_eq!(text(&market.databases.identity, &tombstone).await, "true");
}

#[tokio::test]
async fn somebody_deleted_at_clerk_is_forgotten_just_so() {
    let market = Market::start().await;
    let seller = market.seller("noor-shop", "grossiste").await;
    let (buyer, orders) = known_to_all(&market, "leaving-buyer", &seller).await;
    let deleted = WebhookRequest::new("user.deleted", json!({ "deleted": true })).about("leaving-buyer");
    market.webhook(&deleted).await.expect(200);
    eventually(SOON, async || buyer.get("/auth/me").await.code() == "UNAUTHORIZED").await;
    forgotten(&market, &seller, &orders[3]).await;
    wiped(&market, &seller, &orders).await;
}

#[tokio::test]
async fn a_seller_finishes_its_orders_and_takes_its_products_along() {
    let market = Market::start().await;
    let (seller, buyer) = (market.seller("planted-shop", "grossiste").await, market.user("buyer").await);
    let avatar = json!({ "full_name": "Planted Shop", "avatar_url": "https://cdn.example.dz/face" });
    seller.patch("/users/me", avatar).await.expect(200);
    let product = seller.with_key("product-key-1").post("/products", crate::harness::new_product(json!({}))).await;
    let product = product.expect(201).text("id");
    let guest = market.guest();
    let page = format!("/products/{product}");
    eventually(SOON, async || guest.get(&page).await.body["seller"]["full_name"] == "Planted Shop").await;
    let orders: Vec<String> = [
        buyer.post("/orders", checkout(&[(&product, 1)])).await.expect(201),
        buyer.post("/orders", checkout(&[(&product, 1)])).await.expect(201),
    ]
    .iter()
    .map(|placed| placed.body["orders"][0]["id"].as_str().unwrap().to_owned())
    .collect();

    for (open, next) in [(2, 0), (1, 1)] {
        let refused = seller.delete("/users/me").await.refused(409, "ACCOUNT_HAS_OPEN_ORDERS");
        assert_eq!(refused.body["details"][0]["open_orders"], open);
        step(&seller, &orders[next], &["confirmed", "processing", "shipped", "delivered"]).await;
    }
    seller.delete("/users/me").await.expect(200);
    seller.get("/seller/products").await.refused(401, "UNAUTHORIZED");
    eventually(A_MINUTE, async || guest.get(&page).await.status == 404).await;
    guest.get(&format!("/sellers/{}", seller.id)).await.refused(404, "SELLER_NOT_FOUND");
    let list = format!("/products?seller_id={}", seller.id);
    eventually(SOON, async || guest.get(&list).await.body["meta"]["total"] == 0).await;
    // The buyer's orders stay, sold by nobody any more.
    eventually(A_MINUTE, async || {
        let order = buyer.get(&format!("/orders/{}", orders[0])).await.expect(200);
        order.body["seller"]["full_name"] == "Deleted user" && order.body["customer_name"] == "Amina Haddad"
    })
    .await;
    eventually(A_MINUTE, async || found(&market).await.is_empty()).await;
}
