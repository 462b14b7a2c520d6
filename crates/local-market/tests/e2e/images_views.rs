//! api.md 6.6: views, and single images.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::harness::shapes::{PRODUCT, and, exactly};
use crate::harness::{Findings, Market, eventually};

#[tokio::test]
async fn a_viewer_counts_once() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let id = market.product_id(&seller, json!({})).await;
    let path = format!("/products/{id}/view");
    let view = async |caller: &crate::harness::Caller| {
        let reply = caller.send(Method::POST, &path, None).await.expect(200).body;
        exactly(&reply, "productId viewersCount counted");
        (reply["viewersCount"].as_i64().unwrap(), reply["counted"].as_bool().unwrap())
    };
    findings.equal("first", view(&guest).await, (1, true));
    findings.equal("again", view(&guest).await, (1, false));
    findings.equal("behind another address", view(&guest.behind("41.100.1.2")).await, (2, true));
    let amina = market.user("amina").await;
    findings.equal("an account", view(&amina).await, (3, true));
    findings.equal("wherever it is", view(&amina.behind("41.100.1.3")).await, (3, false));
    let spoofed = guest.with("X-Forwarded-For", "9.9.9.9, 41.100.1.2");
    findings.equal("a made-up address", view(&spoofed).await, (3, false));
    // Operations without a described body ignore one.
    findings.status("a body", &guest.post(&path, json!({ "viewersCount": 1000 })).await, 200);
    eventually(Duration::from_secs(10), async || {
        seller.get(&format!("/products/{id}")).await.body["viewers_count"] == 3
    })
    .await;
    findings.equal("no new version", seller.get(&format!("/products/{id}")).await.body["version"].clone(), json!(1));
    let missing = "/products/0192f6a2-0000-7000-8000-000000000000/view";
    findings.refused("missing", &guest.send(Method::POST, missing, None).await, 404, "PRODUCT_NOT_FOUND");
    findings.refused("malformed", &guest.send(Method::POST, "/products/7/view", None).await, 400, "INVALID_ID");
}

#[tokio::test]
async fn single_images_are_moved_and_removed() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    let urls: Vec<String> = (0..3).map(|index| format!("https://cdn.example.com/{index}.jpg")).collect();
    let made = market.product(&seller, json!({ "images": urls })).await;
    let id = made["id"].as_str().unwrap();
    let image = |index: usize| format!("/products/{id}/images/{}", made["images"][index]["id"].as_str().unwrap());

    let changed = seller.patch(&image(1), json!({ "is_primary": true })).await.expect(200).body;
    exactly(&changed, &and(PRODUCT, "stock_version"));
    findings.equal("primary", changed["primary_image"].clone(), json!(urls[1]));
    findings.equal("version", changed["version"].clone(), json!(2));
    findings.equal(
        "seen at once",
        guest.get(&format!("/products/{id}")).await.body["primary_image"].clone(),
        json!(urls[1]),
    );
    let moved = seller.patch(&image(0), json!({ "display_order": 1000 })).await.expect(200).body;
    let last = moved["images"].as_array().unwrap().last().unwrap();
    findings.equal("moved to the end", last["image_url"].clone(), json!(urls[0]));
    let wrong = [
        ("is_primary", json!(false)),
        ("is_primary", json!("true")),
        ("display_order", json!(-1)),
        ("display_order", json!(1001)),
        ("image_url", json!("https://cdn.example.com/x.jpg")),
    ];
    findings.members(&seller, Method::PATCH, &image(0), &json!({}), &wrong).await;
    let nulls = [("is_primary", json!(null))];
    findings.members(&seller, Method::PATCH, &image(0), &json!({ "display_order": 1 }), &nulls).await;
    let nulls = [("display_order", json!(null))];
    findings.members(&seller, Method::PATCH, &image(0), &json!({ "is_primary": true }), &nulls).await;
    findings.refused("empty", &seller.patch(&image(0), json!({})).await, 400, "VALIDATION_ERROR");
    let stale = seller.if_match("\"1\"").patch(&image(0), json!({ "display_order": 1 })).await;
    findings.refused("stale", &stale, 409, "VERSION_CONFLICT");
    findings.refused("stale", &seller.if_match("\"1\"").delete(&image(0)).await, 409, "VERSION_CONFLICT");

    let foreign = market.product(&other, json!({ "images": ["https://cdn.example.com/f.jpg"] })).await;
    let foreign_image = foreign["images"][0]["id"].as_str().unwrap();
    let change = json!({ "is_primary": true });
    let mixed = format!("/products/{id}/images/{foreign_image}");
    findings.refused("of another product", &seller.patch(&mixed, change.clone()).await, 404, "IMAGE_NOT_FOUND");
    findings.refused("of another product", &seller.delete(&mixed).await, 404, "IMAGE_NOT_FOUND");
    findings.refused("another seller", &other.patch(&image(0), change.clone()).await, 404, "PRODUCT_NOT_FOUND");
    findings.refused("another seller", &other.delete(&image(0)).await, 404, "PRODUCT_NOT_FOUND");
    let customer = market.user("amina").await;
    findings.refused("customer", &customer.patch(&image(0), change.clone()).await, 403, "FORBIDDEN");
    findings.refused("guest", &guest.delete(&image(0)).await, 401, "UNAUTHORIZED");
    findings.refused("no id", &seller.patch(&format!("/products/{id}/images/7"), change).await, 400, "INVALID_ID");

    let removed = seller.delete(&image(1)).await.expect(200).body;
    exactly(&removed, "message id");
    let left = guest.get(&format!("/products/{id}")).await.expect(200).body;
    findings.equal("the first remaining one is primary", left["primary_image"].clone(), json!(urls[2]));
    findings.equal("two left", left["images"].as_array().unwrap().len(), 2);
    findings.refused("again", &seller.delete(&image(1)).await, 404, "IMAGE_NOT_FOUND");
    let admin = market.admin("amel").await;
    findings.status("an admin may", &admin.delete(&image(0)).await, 200);
    seller.delete(&image(2)).await.expect(200);
    let none = seller.get(&format!("/products/{id}")).await.body;
    findings.equal("none left", none["primary_image"].clone(), json!(null));
}
