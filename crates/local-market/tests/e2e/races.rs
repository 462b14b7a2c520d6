//! SEC-75: twenty times at once by one person, and two operations that exclude each other. Never more comes of it than of
//! one after the other.

use std::time::Duration;

use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use test_support::eventually_some;

use crate::harness::databases::number;
use crate::harness::{Caller, Findings, Market, Reply, checkout, new_product, unique};

const TIMES: usize = 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// The same request so often at once, under different keys.
async fn at_once(caller: &Caller, method: Method, path: &str, body: impl Fn(usize) -> Value) -> Vec<Reply> {
    let calls = (0..TIMES).map(|turn| {
        let (caller, method) = (caller.with_key(&unique("race-key")), method.clone());
        let body = body(turn);
        async move {
            // Whoever is told to come back later comes back.
            eventually_some(PATIENCE, async || {
                let body = (!body.is_null()).then(|| body.to_string());
                let reply = caller.send(method.clone(), path, body).await;
                (reply.status != 503).then_some(reply)
            })
            .await
        }
    });
    join_all(calls).await
}

fn accepted(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| (200..300).contains(&reply.status)).count()
}

/// So many were accepted, and all others refused for a reason.
fn of_all(findings: &mut Findings, what: &str, replies: &[Reply], wanted: usize) {
    findings.equal(what, accepted(replies), wanted);
    for reply in replies.iter().filter(|reply| reply.status >= 300) {
        findings.check([400, 404, 409].contains(&reply.status), || format!("{what}: {} {}", reply.status, reply.body));
    }
}

async fn start() -> (Market, Findings) {
    let limits = [("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("GATEWAY_LIMIT_CHOOSE_ROLE", "1000")];
    (Market::start_with(&limits).await, Findings::default())
}

#[tokio::test]
async fn what_buyers_do_at_once_is_worth_no_more() {
    let (market, mut findings) = start().await;
    let (seller, amina) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let pot = market.product_id(&seller, json!({ "stock": 5 })).await;
    let line = json!({ "product_id": pot, "quantity": 1 });
    of_all(&mut findings, "a cart", &at_once(&amina, Method::POST, "/cart/items", |_| line.clone()).await, 5);
    let cart = amina.get("/cart").await.expect(200).body;
    findings.equal(
        "one line",
        (cart["items"].as_array().unwrap().len(), cart["items"][0]["quantity"].clone()),
        (1, json!(5)),
    );
    let merged = at_once(&amina, Method::POST, "/cart/merge", |_| json!({ "items": [line] })).await;
    of_all(&mut findings, "merges", &merged, TIMES);
    findings.equal("the larger one", amina.get("/cart/count").await.body["count"].clone(), json!(5));
    let item = format!("/cart/items/{}", cart["items"][0]["id"].as_str().unwrap());
    of_all(&mut findings, "a line removed", &at_once(&amina, Method::DELETE, &item, |_| Value::Null).await, 1);

    let placed = at_once(&amina, Method::POST, "/orders", |_| checkout(&[(&pot, 1)])).await;
    of_all(&mut findings, "orders", &placed, 5);
    let order = placed.iter().find(|reply| reply.status == 201).unwrap().body["orders"][0]["id"].clone();
    let cancel = format!("/orders/{}/cancel", order.as_str().unwrap());
    of_all(&mut findings, "a cancellation", &at_once(&amina, Method::POST, &cancel, |_| json!({})).await, 1);
    findings.equal("given back once", number(&market.databases.ordering, "SELECT free FROM stock").await, 1);

    let view = format!("/products/{pot}/view");
    let counted = at_once(&amina, Method::POST, &view, |_| Value::Null).await;
    findings.equal("a view", counted.iter().filter(|reply| reply.body["counted"] == true).count(), 1);
    let device = |turn: usize| json!({ "push_token": format!("ExponentPushToken[{turn}]") });
    of_all(&mut findings, "devices", &at_once(&amina, Method::POST, "/users/me/push-token", device).await, TIMES);
    findings.equal("ten", number(&market.databases.identity, "SELECT count(*) FROM push_tokens").await, 10);

    let roles = |turn: usize| match turn % 2 {
        0 => json!({ "role": "seller", "seller_category": "grossiste" }),
        _ => json!({ "role": "freelancer" }),
    };
    let chosen = at_once(&amina, Method::POST, "/auth/sync-role", roles).await;
    of_all(&mut findings, "half of them ask for what it has by then", &chosen, TIMES / 2);
    let chosen = "SELECT count(*) FROM audit WHERE action = 'user.role_chosen' AND target_id = ";
    let chosen = number(&market.databases.identity, &format!("{chosen}'{}'", amina.id)).await;
    findings.equal("chosen once", chosen, 1);
}

#[tokio::test]
async fn a_cart_has_no_hundred_and_first_line() {
    let (market, mut findings) = start().await;
    let (seller, amina) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let mut products = Vec::new();
    for _ in 0..11 {
        products.extend(join_all((0..10).map(|_| market.product_id(&seller, json!({})))).await);
    }
    for chunk in products[..90].chunks(30) {
        let items: Vec<Value> = chunk.iter().map(|id| json!({ "product_id": id, "quantity": 1 })).collect();
        amina.post("/cart/merge", json!({ "items": items })).await.expect(200);
    }
    let line = |turn: usize| json!({ "product_id": products[90 + turn], "quantity": 1 });
    of_all(&mut findings, "lines", &at_once(&amina, Method::POST, "/cart/items", line).await, 10);
    findings.equal("lines", amina.get("/cart").await.body["items"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn what_sellers_and_admins_do_at_once_is_done_once() {
    let (market, mut findings) = start().await;
    let (seller, amina) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let admin = market.admin("amel").await;
    let made = market.product(&seller, json!({ "stock": 5, "images": ["https://cdn.example.com/1.jpg"] })).await;
    let id = made["id"].as_str().unwrap();
    let stock = format!("/seller/products/{id}/stock");
    of_all(&mut findings, "moves", &at_once(&seller, Method::PATCH, &stock, |_| json!({ "delta": -1 })).await, 5);
    let version = seller.get(&format!("/products/{id}")).await.body["stock_version"].clone();
    let set =
        at_once(&seller, Method::PATCH, &stock, |turn| json!({ "stock": turn + 1, "expected_version": version })).await;
    of_all(&mut findings, "a set", &set, 1);
    let product = format!("/products/{id}");
    let version = seller.get(&product).await.body["version"].as_i64().unwrap();
    let based = seller.if_match(&format!("\"{version}\""));
    let changed = at_once(&based, Method::PATCH, &product, |turn| json!({ "price": turn + 1 })).await;
    of_all(&mut findings, "a change", &changed, 1);
    let price = changed.iter().find(|reply| reply.status == 200).unwrap().body["price"].clone();
    findings.equal("that one", market.guest().get(&product).await.body["price"].clone(), price);

    let order = amina.post("/orders", checkout(&[(id, 1)])).await.expect(201).body["orders"][0]["id"].clone();
    let status = format!("/seller/orders/{}/status", order.as_str().unwrap());
    let moved = at_once(&seller, Method::PATCH, &status, |_| json!({ "status": "confirmed" })).await;
    of_all(&mut findings, "a step", &moved, 1);
    let image = format!("{product}/images/{}", made["images"][0]["id"].as_str().unwrap());
    of_all(&mut findings, "an image removed", &at_once(&seller, Method::DELETE, &image, |_| Value::Null).await, 1);
    of_all(&mut findings, "a deletion", &at_once(&seller, Method::DELETE, &product, |_| Value::Null).await, 1);
    let shelf = json!({ "slug": "shelf", "name_fr": "Rayon", "name_ar": "رف" });
    let shelves = at_once(&admin, Method::POST, "/admin/categories", |_| shelf.clone()).await;
    of_all(&mut findings, "a category", &shelves, 1);
    let shelf = shelves.iter().find(|reply| reply.status == 201).unwrap().text("id");
    let shelf = format!("/admin/categories/{shelf}");
    of_all(&mut findings, "its deletion", &at_once(&admin, Method::DELETE, &shelf, |_| Value::Null).await, 1);
    let gone = at_once(&amina, Method::DELETE, "/users/me", |_| Value::Null).await;
    findings.equal("an account", gone.iter().filter(|reply| reply.status == 200).count().clamp(1, 1), 1);
    findings.check(gone.iter().all(|reply| [200, 401].contains(&reply.status)), || format!("{gone:?}"));
    let told = "SELECT count(*) FROM outbox WHERE name = 'identity.user_deleted.v1'";
    findings.equal("deleted once", number(&market.databases.identity, told).await, 1);
}

/// Of each pair one comes first, and the other finds what that left.
#[tokio::test]
async fn of_two_that_exclude_each_other_the_second_sees_the_first() {
    let (market, mut findings) = start().await;
    let (seller, amina) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let admin = market.admin("amel").await;
    for round in 0..TIMES {
        // The last unit: sold, or taken back by its seller.
        let pot = market.product_id(&seller, json!({ "stock": 1 })).await;
        let stock = format!("/seller/products/{pot}/stock");
        let (bought, taken) =
            join(amina.post("/orders", checkout(&[(&pot, 1)])), seller.patch(&stock, json!({ "delta": -1 }))).await;
        findings.equal(&format!("the last unit, {round}"), accepted(&[bought, taken]), 1);

        // An order on its way out: cancelled by its buyer, or packed by its seller.
        let pot = market.product_id(&seller, json!({ "stock": 1 })).await;
        let placed = amina.post("/orders", checkout(&[(&pot, 1)])).await.expect(201).body["orders"][0]["id"].clone();
        let order = placed.as_str().unwrap();
        let status = format!("/seller/orders/{order}/status");
        seller.patch(&status, json!({ "status": "confirmed" })).await.expect(200);
        let (cancelled, packed) = join(
            amina.post(&format!("/orders/{order}/cancel"), json!({})),
            seller.patch(&status, json!({ "status": "processing" })),
        )
        .await;
        findings.equal(&format!("a step, {round}"), accepted(&[cancelled, packed]), 1);

        // A category: used, or deleted.
        let shelf = json!({ "slug": unique("shelf"), "name_fr": "Rayon", "name_ar": "رف" });
        let made = admin.post("/admin/categories", shelf.clone()).await.expect(201).text("id");
        let in_it = new_product(json!({ "category": shelf["slug"] }));
        let deletion = format!("/admin/categories/{made}");
        let (published, deleted) = join(seller.post("/products", in_it), admin.delete(&deletion)).await;
        findings.equal(&format!("a category, {round}"), accepted(&[published, deleted]), 1);
    }
    let without =
        "SELECT count(*) FROM products p WHERE NOT EXISTS (SELECT FROM categories c WHERE c.slug = p.category)";
    findings.equal("products without a category", number(&market.databases.catalog, without).await, 0);
    let ledger = "SELECT count(*) FROM stock JOIN (SELECT product_id, sum(delta) AS sum FROM stock_ledger \
        GROUP BY product_id) AS ledger USING (product_id) WHERE free <> sum OR free < 0";
    findings.equal("the ledger adds up", number(&market.databases.ordering, ledger).await, 0);
}
