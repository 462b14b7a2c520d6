//! api.md 8: the cart of an account.

use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::shapes::{CART_ITEM, PRODUCT, SUMMARY, exactly, is_id, is_time};
use crate::harness::{Findings, Market, checkout, eventually};

fn line(product: &str, quantity: i64) -> Value {
    json!({ "product_id": product, "quantity": quantity })
}

#[tokio::test]
async fn a_cart_is_filled_changed_and_emptied() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    let pot = market
        .product_id(
            &seller,
            json!({ "name": "Pot", "price": 100.25, "stock": 50, "images": ["https://cdn.example.com/p.jpg"] }),
        )
        .await;
    let cup =
        market.product_id(&other, json!({ "name": "Tasse", "price": 10, "stock": 5, "min_order_quantity": 2 })).await;
    let amina = market.user("amina").await;
    let empty = amina.get("/cart").await.expect(200);
    let none = json!({ "subtotal": 0, "total_items": 0, "items_count": 0, "sellers_count": 0 });
    findings.equal("empty", empty.body, json!({ "items": [], "summary": none }));

    let added = amina.post("/cart/items", line(&pot, 2)).await.expect(201).body;
    exactly(&added, "message item");
    let item = &added["item"];
    exactly(item, CART_ITEM);
    exactly(&item["product"], PRODUCT);
    for member in ["id", "user_id", "product_id", "seller_id"] {
        is_id(&item[member]);
    }
    is_time(&item["created_at"]);
    let wanted = json!({
        "user_id": amina.id, "product_id": pot, "seller_id": seller.id, "product_name": "Pot", "product_price": 100.25,
        "product_image": "https://cdn.example.com/p.jpg", "quantity": 2, "current_price": 100.25,
        "price_changed": false, "available": 50, "in_stock": true, "orderable": true, "subtotal": 200.5,
    });
    for (member, value) in wanted.as_object().unwrap() {
        findings.equal(member, item[member].clone(), value.clone());
    }
    let grown = amina.post("/cart/items", line(&pot, 3)).await.expect(201).body["item"].clone();
    findings.equal("grew", (grown["quantity"].clone(), grown["id"].clone()), (json!(5), item["id"].clone()));
    amina.post("/cart/items", line(&cup, 2)).await.expect(201);
    let cart = amina.get("/cart").await.expect(200).body;
    exactly(&cart, "items summary");
    exactly(&cart["summary"], SUMMARY);
    let summary = json!({ "subtotal": 521.25, "total_items": 7, "items_count": 2, "sellers_count": 2 });
    findings.equal("summary", cart["summary"].clone(), summary);
    findings.equal("newest first", cart["items"][0]["product_id"].clone(), json!(cup));
    findings.equal("count", amina.get("/cart/count").await.expect(200).body, json!({ "count": 7 }));

    let path = format!("/cart/items/{}", item["id"].as_str().unwrap());
    let set = amina.patch(&path, json!({ "quantity": 1 })).await.expect(200).body;
    exactly(&set, "message item");
    findings.equal("absolute", set["item"]["quantity"].clone(), json!(1));
    let rym = market.user("rym").await;
    findings.refused("foreign", &rym.patch(&path, json!({ "quantity": 2 })).await, 404, "CART_ITEM_NOT_FOUND");
    findings.refused("foreign", &rym.delete(&path).await, 404, "CART_ITEM_NOT_FOUND");
    let gone = amina.delete(&path).await.expect(200).body;
    exactly(&gone, "message id");
    findings.refused("again", &amina.delete(&path).await, 404, "CART_ITEM_NOT_FOUND");
    findings.refused("again", &amina.patch(&path, json!({ "quantity": 2 })).await, 404, "CART_ITEM_NOT_FOUND");
    let emptied = amina.delete("/cart").await.expect(200).body;
    exactly(&emptied, "message items_removed");
    findings.equal("one was left", emptied["items_removed"].clone(), json!(1));
    findings.equal("none is", amina.delete("/cart").await.expect(200).body["items_removed"].clone(), json!(0));
    findings.refused("no id", &amina.delete("/cart/items/7").await, 400, "INVALID_ID");
}

#[tokio::test]
async fn a_cart_takes_only_what_can_be_bought() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 5, "min_order_quantity": 2 })).await;
    let off = market.product_id(&seller, json!({ "in_stock": false })).await;
    let draft = market.product_id(&seller, json!({ "status": "draft" })).await;
    let amina = market.user("amina").await;
    let add = async |product: &str, quantity| amina.post("/cart/items", line(product, quantity)).await;
    let below = add(&pot, 1).await;
    findings.refused("below the minimum", &below, 400, "MIN_ORDER_QUANTITY");
    let detail = &below.body["details"][0];
    findings.equal(
        "which",
        (detail["product_id"].clone(), detail["min_order_quantity"].clone()),
        (json!(pot), json!(2)),
    );
    let above = add(&pot, 6).await;
    findings.refused("more than there is", &above, 409, "OUT_OF_STOCK");
    findings.equal("what there is", above.body["details"][0]["available"].clone(), json!(5));
    findings.refused("off sale", &add(&off, 1).await, 409, "OUT_OF_STOCK");
    let missing = add(&draft, 1).await;
    findings.refused("a draft", &missing, 404, "PRODUCT_NOT_FOUND");
    findings.equal("which", missing.body["details"][0]["product_id"].clone(), json!(draft));
    findings.refused("missing", &add("0192f6a2-0000-7000-8000-000000000000", 1).await, 404, "PRODUCT_NOT_FOUND");
    let item = add(&pot, 4).await.expect(201).body["item"]["id"].as_str().unwrap().to_owned();
    findings.refused("together too many", &add(&pot, 2).await, 409, "OUT_OF_STOCK");
    let path = format!("/cart/items/{item}");
    findings.refused("set too many", &amina.patch(&path, json!({ "quantity": 6 })).await, 409, "OUT_OF_STOCK");
    findings.refused("set too few", &amina.patch(&path, json!({ "quantity": 1 })).await, 400, "MIN_ORDER_QUANTITY");
    let wrong = [
        ("quantity", json!(0)),
        ("quantity", json!(-1)),
        ("quantity", json!(1.5)),
        ("quantity", json!("1")),
        ("quantity", json!(100_001)),
        ("quantity", json!(1e18)),
        ("quantity", json!(null)),
        ("price", json!(1)),
        ("user_id", json!(seller.id)),
    ];
    findings.members(&amina, Method::POST, "/cart/items", &line(&pot, 2), &wrong).await;
    findings.members(&amina, Method::PATCH, &path, &json!({ "quantity": 2 }), &wrong).await;
    let wrong = [("product_id", json!("7")), ("product_id", json!(7)), ("product_id", json!(null))];
    findings.members(&amina, Method::POST, "/cart/items", &line(&pot, 2), &wrong).await;
    findings.required(&amina, "/cart/items", &line(&pot, 2), &["product_id", "quantity"]).await;
    findings.refused("empty", &amina.patch(&path, json!({})).await, 400, "VALIDATION_ERROR");
    findings.equal("nothing of it counted", amina.get("/cart/count").await.body["count"].clone(), json!(4));
    for path in ["/cart", "/cart/count"] {
        findings.refused(path, &market.guest().get(path).await, 401, "UNAUTHORIZED");
        findings.queries(&amina, path, &[("userId", "userId=1")]).await;
    }
    // A line shows what has become of its product.
    seller.patch(&format!("/products/{pot}"), json!({ "price": 2000, "stock": 3 })).await.expect(200);
    let row = amina.get("/cart").await.body["items"][0].clone();
    let wanted = json!({
        "product_price": 1000, "current_price": 2000, "price_changed": true, "available": 3, "in_stock": true,
        "orderable": false, "subtotal": 8000,
    });
    for (member, value) in wanted.as_object().unwrap() {
        findings.equal(
            member,
            row[member].as_f64().map_or(row[member].clone(), |number| json!(number)),
            value.as_f64().map_or(value.clone(), |number| json!(number)),
        );
    }
    seller.delete(&format!("/products/{pot}")).await.expect(200);
    let cart = amina.get("/cart").await.body;
    let wanted = json!({
        "product": null, "current_price": null, "price_changed": false, "available": 0, "in_stock": false,
        "orderable": false, "subtotal": 0, "quantity": 4,
    });
    for (member, value) in wanted.as_object().unwrap() {
        findings.equal(member, cart["items"][0][member].clone(), value.clone());
    }
    findings.equal("summary", cart["summary"]["subtotal"].clone(), json!(0));
    findings.refused("gone", &amina.patch(&path, json!({ "quantity": 3 })).await, 404, "PRODUCT_NOT_FOUND");
}

#[tokio::test]
async fn a_guests_cart_is_merged() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 10 })).await;
    let few = market.product_id(&seller, json!({ "stock": 3 })).await;
    let none = market.product_id(&seller, json!({ "stock": 0 })).await;
    let many = market.product_id(&seller, json!({ "min_order_quantity": 5 })).await;
    let missing = "0192f6a2-0000-7000-8000-000000000000";
    let amina = market.user("amina").await;
    amina.post("/cart/items", line(&pot, 4)).await.expect(201);
    let items = json!({ "items": [line(&pot, 2), line(&few, 9), line(&none, 1), line(&many, 2), line(missing, 1)] });
    for round in ["first", "repeated"] {
        let merged = amina.post("/cart/merge", items.clone()).await.expect(200).body;
        exactly(&merged, "message items summary skipped");
        let rows = merged["items"].as_array().unwrap();
        let quantity = |id: &str| rows.iter().find(|row| row["product_id"] == id).map(|row| row["quantity"].clone());
        findings.equal(round, (quantity(&pot), quantity(&few)), (Some(json!(4)), Some(json!(3))));
        findings.equal(round, rows.len(), 2);
        let mut skipped: Vec<(String, String)> = merged["skipped"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                exactly(row, "product_id code");
                (row["product_id"].as_str().unwrap().to_owned(), row["code"].as_str().unwrap().to_owned())
            })
            .collect();
        let mut wanted = vec![
            (none.clone(), "OUT_OF_STOCK".to_owned()),
            (many.clone(), "MIN_ORDER_QUANTITY".to_owned()),
            (missing.to_owned(), "PRODUCT_NOT_FOUND".to_owned()),
        ];
        skipped.sort();
        wanted.sort();
        findings.equal(round, skipped, wanted);
    }
    let lines = |count: usize| json!({ "items": vec![line(&pot, 1); count] });
    for body in [
        lines(0),
        lines(101),
        json!({}),
        json!({ "items": "x" }),
        json!({ "items": [{ "product_id": pot }] }),
        json!({ "items": [line(&pot, 0)] }),
        json!({ "items": [line("x", 1)] }),
        json!({ "items": [line(&pot, 1)], "x": 1 }),
    ] {
        let shown: String = body.to_string().chars().take(60).collect();
        findings.refused(&shown, &amina.post("/cart/merge", body).await, 400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn a_cart_has_a_hundred_lines_and_one_per_product() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let listing = (0..101).map(|_| market.product_id(&seller, json!({ "stock": 1000 })));
    let made: Vec<String> = stream::iter(listing).buffered(8).collect().await;
    let amina = market.user("amina").await;
    let hundred: Vec<Value> = made[..100].iter().map(|id| line(id, 1)).collect();
    amina.post("/cart/merge", json!({ "items": hundred })).await.expect(200);
    findings.refused("the next", &amina.post("/cart/items", line(&made[100], 1)).await, 409, "CART_FULL");
    findings.status("one that is there", &amina.post("/cart/items", line(&made[0], 1)).await, 201);
    let merge = json!({ "items": [line(&made[0], 50), line(&made[100], 1)] });
    findings.refused("merged", &amina.post("/cart/merge", merge).await, 409, "CART_FULL");
    findings.equal("nothing of it", amina.get("/cart/count").await.body["count"].clone(), json!(101));

    let rym = market.user("rym").await;
    let adds = join_all((0..10).map(|_| rym.post("/cart/items", line(&made[0], 2)))).await;
    findings.check(adds.iter().all(|reply| reply.status == 201), || "a parallel first add failed".to_owned());
    let cart = rym.get("/cart").await.body;
    findings.equal("one line with the sum", cart["items"].as_array().unwrap().len(), 1);
    findings.equal("sum", cart["items"][0]["quantity"].clone(), json!(20));
    let keyed = rym.with_key("cart-add-0001");
    let first = keyed.post("/cart/items", line(&made[1], 3)).await.expect(201);
    let again = keyed.post("/cart/items", line(&made[1], 3)).await.expect(201);
    findings.equal(
        "replayed",
        (again.bytes.clone(), again.header("idempotency-replayed")),
        (first.bytes, Some("true")),
    );
    findings.refused("other body", &keyed.post("/cart/items", line(&made[1], 4)).await, 422, "IDEMPOTENCY_KEY_REUSED");
    findings.equal("once", rym.get("/cart/count").await.body["count"].clone(), json!(23));
}

#[tokio::test]
async fn ordered_lines_leave_the_cart() {
    let market = Market::start().await;
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 10 })).await;
    let cup = market.product_id(&seller, json!({ "stock": 10 })).await;
    let amina = market.user("amina").await;
    for product in [&pot, &cup] {
        amina.post("/cart/items", line(product, 2)).await.expect(201);
    }
    amina.post("/orders", checkout(&[(&pot, 11)])).await.refused(409, "OUT_OF_STOCK");
    assert_eq!(amina.get("/cart/count").await.body["count"], 4, "a refused order leaves the cart as it was");
    amina.post("/orders", checkout(&[(&pot, 1)])).await.expect(201);
    eventually(Duration::from_secs(5), async || amina.get("/cart/count").await.body["count"] == 2).await;
    // A guest's order touches nobody's cart.
    market.guest().post("/orders", checkout(&[(&cup, 1)])).await.expect(201);
    amina.post("/orders", checkout(&[(&pot, 1)])).await.expect(201);
    let left = amina.get("/cart").await.expect(200).body;
    assert_eq!(left["items"][0]["product_id"], json!(cup));
}
