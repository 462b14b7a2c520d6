//! SEC-22 and SEC-24: what a caller may not set, and rows a caller may not ask for.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Caller, Findings, Market, checkout, new_product};

/// Members that are the server's alone, somewhere.
const FORBIDDEN: [&str; 24] = [
    "id",
    "user_id",
    "userId",
    "seller_id",
    "sellerId",
    "owner_id",
    "role",
    "is_admin",
    "is_verified",
    "verified",
    "approval",
    "total",
    "subtotal",
    "payment_status",
    "order_number",
    "likeCount",
    "winnerId",
    "createdAt",
    "created_at",
    "updated_at",
    "deleted_at",
    "version",
    "__proto__",
    "constructor",
];

#[tokio::test]
async fn no_body_takes_what_is_the_servers() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let (amina, amel) = (market.user("amina").await, market.admin("amel").await);
    let shelf = json!({ "slug": "shelf", "name_fr": "Rayon", "name_ar": "رف" });
    let category = amel.post("/admin/categories", shelf.clone()).await.expect(201).text("id");
    let made = market.product(&seller, json!({ "stock": 100, "images": ["https://cdn.example.com/1.jpg"] })).await;
    let pot = made["id"].as_str().unwrap();
    let line = amina.post("/cart/items", json!({ "product_id": pot, "quantity": 1 })).await.expect(201).body;
    let order = amina.post("/orders", checkout(&[(pot, 1)])).await.expect(201).body["orders"][0]["id"].clone();
    let (line, order) = (line["item"]["id"].as_str().unwrap().to_owned(), order.as_str().unwrap().to_owned());
    let image = made["images"][0]["id"].as_str().unwrap();
    let cases: Vec<(&Caller, Method, String, Value)> = vec![
        (&amina, Method::PATCH, "/users/me".into(), json!({ "bio": "x" })),
        (&seller, Method::POST, "/products".into(), new_product(json!({}))),
        (&seller, Method::PATCH, format!("/products/{pot}"), json!({ "description": "x" })),
        (&seller, Method::PATCH, format!("/seller/products/{pot}"), json!({ "description": "x" })),
        (&seller, Method::PATCH, format!("/seller/products/{pot}/stock"), json!({ "delta": 1 })),
        (&seller, Method::PATCH, format!("/products/{pot}/images/{image}"), json!({ "is_primary": true })),
        (&amina, Method::POST, "/cart/items".into(), json!({ "product_id": pot, "quantity": 1 })),
        (&amina, Method::PATCH, format!("/cart/items/{line}"), json!({ "quantity": 1 })),
        (&amina, Method::POST, "/cart/merge".into(), json!({ "items": [{ "product_id": pot, "quantity": 1 }] })),
        (&amina, Method::POST, "/orders".into(), checkout(&[(pot, 1)])),
        (&amina, Method::POST, format!("/orders/{order}/cancel"), json!({})),
        (&seller, Method::PATCH, format!("/seller/orders/{order}/status"), json!({ "status": "confirmed" })),
        (&amel, Method::POST, "/admin/categories".into(), shelf),
        (&amel, Method::PATCH, format!("/admin/categories/{category}"), json!({ "name_fr": "x" })),
    ];
    for (caller, method, path, good) in &cases {
        for member in FORBIDDEN {
            let mut body = good.clone();
            body[member] = json!(1);
            let reply = caller.send(method.clone(), path, Some(body.to_string())).await;
            findings.invalid(&format!("{method} {path} with {member}"), &reply, member);
        }
    }
    findings.equal("the product", seller.get(&format!("/products/{pot}")).await.body["version"].clone(), json!(1));
    findings.equal("the order", amina.get(&format!("/orders/{order}")).await.body["status"].clone(), json!("pending"));
    findings.equal("one order", amina.get("/orders").await.body["meta"]["total"].clone(), json!(1));
    findings.equal("the cart", amina.get("/cart/count").await.status, 200);

    for (caller, path) in [
        (&amina, "/auth/me"),
        (&amina, "/users/me"),
        (&amina, "/cart"),
        (&amina, "/cart/count"),
        (&amina, "/orders"),
        (&seller, "/seller/orders"),
        (&seller, "/seller/products"),
        (&amina, "/products"),
        (&amina, "/sellers"),
        (&amina, "/categories"),
        (&amina, "/brands"),
        (&amina, "/shipping/wilayas"),
    ] {
        for name in ["userId", "user_id", "sellerId", "include", "fields", "expand", "role", "filter%5Brole%5D"] {
            let reply = caller.get(&format!("{path}?{name}=1")).await;
            findings.refused(&format!("{path}?{name}"), &reply, 400, "VALIDATION_ERROR");
        }
    }
}
