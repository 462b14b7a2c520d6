//! SEC-20, SEC-21 and SEC-36: what is deleted is gone, what is refused leaves nothing, and a name that fits proves nothing.

use std::collections::HashSet;
use std::time::Duration;

use local_market::clerk::WebhookRequest;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::bodies::with;
use crate::harness::{Caller, Findings, Market, checkout, eventually, new_product};

/// Everything that any database holds.
async fn everything(market: &Market) -> String {
    let all = &market.databases;
    let mut dumps = String::new();
    for database in [&all.identity, &all.catalog, &all.cart, &all.ordering] {
        dumps += &test_support::dump(&mut database.conn().await).await;
    }
    dumps
}

/// Whether every sort of what is counted has one row: services fold several into one every ten seconds.
fn is_folded(dump: &str) -> bool {
    let mut seen = HashSet::new();
    let mut counted = dump.lines().filter_map(|line| {
        let (table, row) = line.split_once(' ').filter(|(table, _)| table.ends_with("_counts"))?;
        let (_id, row) = row.split_once(" | ")?;
        let (sort, _total) = row.rsplit_once(" | ")?;
        Some((table, sort))
    });
    counted.all(|sort| seen.insert(sort))
}

/// Waits until nothing is said, heard or folded any more, so that whatever is written from now on is somebody's.
async fn quiet(market: &Market) -> String {
    let (mut before, mut looks) = (String::new(), 0);
    eventually(Duration::from_secs(40), async || {
        let now = everything(market).await;
        let is_same = now == before && is_folded(&now) && !market.is_busy().await;
        looks = if is_same { looks + 1 } else { 0 };
        before = now;
        looks == 20
    })
    .await;
    before
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_anywhere() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (seller, other) = (market.seller("maison-rym", "grossiste").await, market.seller("other", "grossiste").await);
    let (amina, rym, admin) = (market.user("amina").await, market.user("rym").await, market.admin("amel").await);
    let pot = market.product_id(&seller, json!({ "stock": 2, "min_order_quantity": 2 })).await;
    let order = amina.post("/orders", checkout(&[(&pot, 2)])).await.expect(201).body["orders"][0]["id"].clone();
    let order = order.as_str().unwrap();
    let shelf = json!({ "slug": "shelf", "name_fr": "Rayon", "name_ar": "رف" });
    admin.post("/admin/categories", shelf.clone()).await.expect(201);
    let line = json!({ "product_id": pot, "quantity": 2 });
    let missing = "0192f6a2-0000-7000-8000-000000000000";
    let refused: Vec<(&Caller, Method, String, Value, u16)> = vec![
        (&amina, Method::POST, "/orders".into(), checkout(&[(&pot, 2)]), 409),
        (&amina, Method::POST, "/orders".into(), checkout(&[(&pot, 1)]), 400),
        (&amina, Method::POST, "/orders".into(), checkout(&[(&pot, 2), (missing, 1)]), 404),
        (&amina, Method::POST, "/orders".into(), with(checkout(&[(&pot, 2)]), json!({ "notes": 7 })), 400),
        (&amina, Method::POST, "/cart/items".into(), line.clone(), 409),
        (&amina, Method::POST, "/cart/items".into(), json!({ "product_id": missing, "quantity": 1 }), 404),
        (&amina, Method::POST, "/cart/merge".into(), json!({ "items": [line, { "product_id": 7 }] }), 400),
        (&amina, Method::PATCH, "/users/me".into(), json!({ "bio": "x", "role": "admin" }), 400),
        (&amina, Method::POST, "/users/me/push-token".into(), json!({ "push_token": "x" }), 400),
        (&amina, Method::POST, "/auth/sync-role".into(), json!({ "role": "seller" }), 400),
        (&amina, Method::POST, "/products".into(), new_product(json!({})), 403),
        (&rym, Method::POST, format!("/orders/{order}/cancel"), json!({ "note": "x" }), 404),
        (&seller, Method::POST, "/products".into(), new_product(json!({ "category": "drones" })), 400),
        (&seller, Method::POST, "/products".into(), new_product(json!({ "price": -1 })), 400),
        (&seller, Method::PATCH, format!("/seller/orders/{order}/status"), json!({ "status": "delivered" }), 409),
        (&seller, Method::PATCH, format!("/seller/products/{pot}/stock"), json!({ "delta": -1 }), 409),
        (
            &seller,
            Method::PATCH,
            format!("/seller/products/{pot}/stock"),
            json!({ "stock": 9, "expected_version": 99 }),
            409,
        ),
        (&seller, Method::POST, "/auth/register".into(), json!({ "role": "freelancer" }), 409),
        (&other, Method::PATCH, format!("/products/{pot}"), json!({ "price": 1 }), 404),
        (&other, Method::DELETE, format!("/products/{pot}"), Value::Null, 404),
        (&other, Method::PATCH, format!("/seller/orders/{order}/status"), json!({ "status": "confirmed" }), 404),
        (&admin, Method::POST, "/admin/categories".into(), shelf, 409),
        (&admin, Method::PATCH, format!("/admin/users/{}", admin.id), json!({ "is_active": false }), 403),
        (&admin, Method::PATCH, format!("/admin/users/{}", rym.id), json!({ "approval": "approved" }), 400),
        (&rym, Method::PATCH, format!("/admin/users/{}", rym.id), json!({ "role": "admin" }), 403),
    ];
    let before = quiet(&market).await;
    for (caller, method, path, body, status) in &refused {
        let body = (!body.is_null()).then(|| body.to_string());
        let reply = caller.with_key("a-key-of-what-is-refused").send(method.clone(), path, body).await;
        findings.status(&format!("{method} {path}"), &reply, *status);
    }
    let forged = WebhookRequest::new("user.deleted", json!({})).about("amina").with_broken_signature();
    findings.status("a forged webhook", &market.webhook(&forged).await, 400);
    let (before, after) = (lines(&before), lines(&quiet(&market).await));
    findings.equal("written", after.iter().filter(|line| !before.contains(line)).collect(), Vec::<&String>::new());
    findings.equal("lost", before.iter().filter(|line| !after.contains(line)).collect(), Vec::<&String>::new());
}

fn lines(dump: &str) -> Vec<String> {
    dump.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_is_deleted_is_gone_for_everybody_in_every_way() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (seller, admin) = (market.seller("maison-rym", "grossiste").await, market.admin("amel").await);
    let amina = market.user("amina").await;
    let made = market.product(&seller, json!({ "images": ["https://cdn.example.com/1.jpg"] })).await;
    let (id, slug) = (made["id"].as_str().unwrap(), made["slug"].as_str().unwrap());
    let image = made["images"][0]["id"].as_str().unwrap();
    let line = json!({ "product_id": id, "quantity": 1 });
    let in_cart = amina.post("/cart/items", line.clone()).await.expect(201).body["item"]["id"].clone();
    for path in [format!("/products/{id}"), format!("/products/slug/{slug}")] {
        amina.get(&path).await.expect(200);
    }
    seller.delete(&format!("/products/{id}")).await.expect(200);

    let product = format!("/products/{id}");
    let uses: Vec<(Method, String, Value)> = vec![
        (Method::GET, product.clone(), Value::Null),
        (Method::GET, format!("/products/slug/{slug}"), Value::Null),
        (Method::POST, format!("{product}/view"), Value::Null),
        (Method::PATCH, product.clone(), json!({ "price": 1 })),
        (Method::PATCH, product.clone(), json!({ "status": "active" })),
        (Method::DELETE, product.clone(), Value::Null),
        (Method::PATCH, format!("{product}/images/{image}"), json!({ "is_primary": true })),
        (Method::DELETE, format!("{product}/images/{image}"), Value::Null),
        (Method::PATCH, format!("/seller/products/{id}"), json!({ "price": 1 })),
        (Method::PATCH, format!("/seller/products/{id}/stock"), json!({ "delta": 1 })),
        (Method::POST, "/cart/items".into(), line),
        (Method::PATCH, format!("/cart/items/{}", in_cart.as_str().unwrap()), json!({ "quantity": 2 })),
        (Method::POST, "/orders".into(), checkout(&[(id, 1)])),
    ];
    for (method, path, body) in uses {
        let callers = if path.starts_with("/cart/items/") { vec![&amina] } else { vec![&seller, &admin, &amina] };
        for caller in callers {
            // Whoever may not do it at all is told so first.
            let is_sellers = path.starts_with("/seller") || method == Method::DELETE || method == Method::PATCH;
            if is_sellers && caller.id == amina.id && !path.starts_with("/cart") {
                continue;
            }
            let body = (!body.is_null()).then(|| body.to_string());
            let reply = caller.send(method.clone(), &path, body).await;
            findings.refused(&format!("{method} {path}"), &reply, 404, "PRODUCT_NOT_FOUND");
        }
    }
    for list in ["/products", "/products/search?q=theiere", "/products/suggest?q=theiere", "/products?in_stock=true"] {
        findings.equal(list, amina.get(list).await.expect(200).data().len(), 0);
    }
    findings.equal("its own list", seller.get("/seller/products").await.expect(200).data().len(), 0);
}

#[tokio::test]
async fn an_account_with_a_guests_phone_and_address_does_not_get_its_orders() {
    let market = Market::start().await;
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let contact = json!({ "customer_phone": "0555123456", "customer_email": "amina@example.dz" });
    let placed = market.guest().post("/orders", with(checkout(&[(&pot, 1)]), contact)).await.expect(201).body;
    let order = format!("/orders/{}", placed["orders"][0]["id"].as_str().unwrap());
    // Nobody has looked whether either is hers.
    let data = json!({
        "first_name": "Amina", "last_name": "Haddad", "updated_at": 1_790_000_000_000_i64,
        "primary_email_address_id": "idn_1", "email_addresses": [{ "id": "idn_1", "email_address": "amina@example.dz" }],
        "primary_phone_number_id": "idn_2", "phone_numbers": [{ "id": "idn_2", "phone_number": "+213555123456" }],
    });
    market.webhook(&WebhookRequest::new("user.created", data).about("amina")).await.expect(200);
    let amina = market.user("amina").await;
    amina.patch("/users/me", json!({ "phone": "0555123456" })).await.expect(200);
    eventually(Duration::from_secs(5), async || amina.get("/users/me").await.body["email"] == "amina@example.dz").await;
    assert_eq!(amina.get("/orders").await.expect(200).body["meta"]["total"], 0);
    amina.get(&order).await.refused(404, "ORDER_NOT_FOUND");
    amina.post(&format!("{order}/cancel"), json!({})).await.refused(404, "ORDER_NOT_FOUND");
}
