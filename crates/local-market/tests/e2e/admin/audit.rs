use std::time::Duration;

use serde_json::{Value, json};
use test_support::eventually;

use crate::harness::databases::{execute, text};
use crate::harness::shapes::{AUDIT_ENTRY, PUBLIC_USER, exactly, is_id, is_time};
use crate::harness::{Caller, Findings, Market, checkout};

/// Other services' actions are in the audit in this time.
const KEPT: Duration = Duration::from_secs(5);

async fn entries(admin: &Caller, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/admin/audit?{query}")).await.expect(200);
    assert_eq!(page.body["meta"]["total"], page.data().len(), "{query}");
    page.data().clone()
}

/// What was done to one thing, oldest first, once so much was.
async fn done_to(admin: &Caller, target: &str, times: usize) -> Vec<(String, Value)> {
    let query = format!("target_id={target}");
    eventually(KEPT, async || entries(admin, &query).await.len() >= times).await;
    let mut done = entries(admin, &query).await;
    done.reverse();
    done.into_iter().map(|entry| (entry["action"].as_str().unwrap().to_owned(), entry["changes"].clone())).collect()
}

fn one(action: &str, changes: Value) -> (String, Value) {
    (action.to_owned(), changes)
}

#[tokio::test]
async fn every_write_of_an_admin_is_kept_once_with_who_what_before_and_after() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (admin, amina) = (market.admin("amel-boss").await, market.user("amina-haddad").await);
    let shop = market.seller("maison-rym", "grossiste").await;
    let images = json!(["https://cdn.example.com/1.jpg", "https://cdn.example.com/2.jpg"]);
    let pot = market.product(&shop, json!({ "stock": 50, "price": 1000, "images": images })).await;
    let (id, image) = (pot["id"].as_str().unwrap(), pot["images"][1]["id"].as_str().unwrap());
    let order = async || {
        let placed = amina.post("/orders", checkout(&[(id, 1)])).await.expect(201).body;
        placed["orders"][0]["id"].as_str().unwrap().to_owned()
    };
    let (moved, cancelled) = (order().await, order().await);

    // Catalog has heard of what was sold.
    eventually(KEPT, async || shop.get(&format!("/products/{id}")).await.body["stock"] == 48).await;

    let traced = admin.with("X-Request-Id", "the-request-of-amel");
    let path = format!("/admin/users/{}", amina.id);
    traced.patch(&path, json!({ "is_verified": true, "is_active": false })).await.expect(200);
    // The same again changes nothing and leaves nothing.
    traced.patch(&path, json!({ "is_verified": true })).await.expect(200);
    traced
        .patch(&path, json!({ "role": "seller", "seller_category": "importateur", "is_active": true }))
        .await
        .expect(200);
    admin.patch(&format!("/products/{id}"), json!({ "price": 900, "stock": 40 })).await.expect(200);
    admin.patch(&format!("/products/{id}"), json!({ "stock": 41 })).await.expect(200);
    admin.patch(&format!("/products/{id}/images/{image}"), json!({ "is_primary": true })).await.expect(200);
    admin
        .patch(&format!("/seller/orders/{moved}/status"), json!({ "status": "confirmed", "note": "0666999888" }))
        .await
        .expect(200);
    admin.post(&format!("/orders/{cancelled}/cancel"), json!({ "note": "0666999888" })).await.expect(200);
    admin.delete(&format!("/products/{id}")).await.expect(200);

    let of_amina = done_to(&admin, &amina.id, 4).await;
    let wanted = vec![
        one("user.verified_changed", json!({ "is_verified": { "from": false, "to": true } })),
        one("user.active_changed", json!({ "is_active": { "from": true, "to": false } })),
        one(
            "user.role_changed",
            json!({
                "role": { "from": "customer", "to": "seller" },
                "seller_category": { "from": null, "to": "importateur" },
                "approval": { "from": null, "to": "approved" },
            }),
        ),
        one("user.active_changed", json!({ "is_active": { "from": false, "to": true } })),
    ];
    let sorted = |mut done: Vec<(String, Value)>| {
        // Those of one request have one time.
        done.sort_by_key(|(action, changes)| format!("{action} {changes}"));
        done
    };
    findings.equal("of the account", sorted(of_amina), sorted(wanted));

    let of_pot = done_to(&admin, id, 4).await;
    findings.equal("of the product", of_pot.len(), 4);
    findings.equal(
        "price and stock",
        of_pot[0].clone(),
        one(
            "product.changed",
            json!({
                "price": { "from": 1000, "to": 900 }, "stock": { "from": 48, "to": 40 },
            }),
        ),
    );
    findings.equal(
        "stock alone",
        of_pot[1].clone(),
        one("product.changed", json!({ "stock": { "from": 40, "to": 41 } })),
    );
    findings.equal("an image", of_pot[2].1["primary_image"]["to"].clone(), json!("https://cdn.example.com/2.jpg"));
    findings.equal(
        "deleted",
        of_pot[3].clone(),
        one("product.deleted", json!({ "deleted": { "from": false, "to": true } })),
    );
    for (order, to) in [(&moved, "confirmed"), (&cancelled, "cancelled")] {
        let wanted = vec![one("order.status_changed", json!({ "status": { "from": "pending", "to": to } }))];
        findings.equal(to, done_to(&admin, order, 1).await, wanted);
    }

    let entry = &entries(&admin, &format!("target_id={}&action=user.role_changed", amina.id)).await[0];
    exactly(entry, AUDIT_ENTRY);
    exactly(&entry["actor"], PUBLIC_USER);
    is_id(&entry["id"]);
    is_time(&entry["created_at"]);
    findings.equal(
        "who",
        (entry["actor_id"].clone(), entry["actor"]["full_name"].clone()),
        (json!(admin.id), json!("Amel Boss")),
    );
    findings.equal(
        "what",
        (entry["target_type"].clone(), entry["target_id"].clone()),
        (json!("user"), json!(amina.id)),
    );
    findings.equal("by which request", entry["request_id"].clone(), json!("the-request-of-amel"));

    // Nobody's data stands in it: not the buyer's of the orders, nor what the admin wrote of them.
    let whole = text(&market.databases.identity, "SELECT string_agg(changes::text, ' ') FROM audit").await;
    for private in ["Amina", "Haddad", "0555123456", "+213555123456", "Didouche", "0666999888", "maison-rym"] {
        findings.check(!whole.contains(private), || format!("`{private}` is in the audit: {whole}"));
    }
}

#[tokio::test]
async fn what_owners_do_themselves_is_not_the_admins() {
    let market = Market::start().await;
    let (admin, shop) = (market.admin("amel").await, market.seller("maison-rym", "grossiste").await);
    let amina = market.user("amina").await;
    let pot = market.product_id(&shop, json!({ "stock": 10 })).await;
    let placed = amina.post("/orders", checkout(&[(&pot, 1)])).await.expect(201).body;
    let order = placed["orders"][0]["id"].as_str().unwrap();
    shop.patch(&format!("/products/{pot}"), json!({ "price": 5 })).await.expect(200);
    shop.patch(&format!("/seller/orders/{order}/status"), json!({ "status": "confirmed" })).await.expect(200);
    shop.delete(&format!("/products/{pot}")).await.expect(200);
    // An admin who buys and cancels does it as a buyer.
    let soap = market.product_id(&shop, json!({ "stock": 10 })).await;
    let placed = admin.post("/orders", checkout(&[(&soap, 1)])).await.expect(201).body;
    let own = placed["orders"][0]["id"].as_str().unwrap();
    admin.post(&format!("/orders/{own}/cancel"), json!({})).await.expect(200);
    // Behind all of it.
    admin.delete(&format!("/products/{soap}")).await.expect(200);
    done_to(&admin, &soap, 1).await;
    let actions: Vec<Value> = entries(&admin, "").await.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["product.deleted", "user.role_chosen", "user.role_changed"]);
}

#[tokio::test]
async fn the_audit_is_narrowed_and_only_grows() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let admin = market.admin("amel").await;
    let kept = "INSERT INTO audit (id, actor_id, action, target_type, target_id, changes, created_at) VALUES \
        (gen_random_uuid(), NULL, 'user.deleted', 'user', 'a', '{}', '2026-11-21T22:59:59.999Z'), \
        (gen_random_uuid(), NULL, 'product.changed', 'product', 'b', '{}', '2026-11-21T23:00:00Z'), \
        (gen_random_uuid(), '0192f6a2-0000-7000-8000-000000000001', 'product.deleted', 'product', 'c', '{}', '2026-11-22T22:59:59.999Z')";
    execute(&market.databases.identity, kept).await;
    let targets = async |query: &str| -> String {
        let found = entries(&admin, query).await;
        found.iter().map(|entry| entry["target_id"].as_str().unwrap()).collect::<Vec<_>>().join("")
    };
    for (query, wanted) in [
        ("target_type=product", "cb"),
        ("action=product.changed", "b"),
        ("target_id=a", "a"),
        ("actor_id=0192f6a2-0000-7000-8000-000000000001", "c"),
        ("date_from=2026-11-22&date_to=2026-11-22", "cb"),
        ("date_to=2026-11-21", "a"),
        ("date_from=2026-11-22&date_to=2026-11-22&action=product.deleted", "c"),
        ("action=nothing.done", ""),
    ] {
        findings.equal(query, targets(query).await, wanted.to_owned());
    }
    let nobody = &entries(&admin, "target_id=c").await[0];
    findings.equal("an actor who never was", nobody["actor"].clone(), Value::Null);
    let wrong = [
        ("page", "page=10001"),
        ("actor_id", "actor_id=1"),
        ("date_from", "date_from=2026-11-31"),
        ("date_to", "date_to=yesterday"),
        ("date_from", "date_from=2026-11-23&date_to=2026-11-22"),
        ("actor", "actor=amel"),
    ];
    findings.queries(&admin, "/admin/audit", &wrong).await;
    for method in [reqwest::Method::DELETE, reqwest::Method::PATCH, reqwest::Method::POST] {
        findings.refused("append-only", &admin.send(method, "/admin/audit", None).await, 405, "METHOD_NOT_ALLOWED");
    }
}
