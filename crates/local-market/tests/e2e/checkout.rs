//! api.md 9.2: placing orders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::bodies::with;
use crate::harness::databases::number;
use crate::harness::shapes::{ORDER, ORDER_ITEM, PUBLIC_USER, and, exactly, is_id, is_time};
use crate::harness::{Findings, Market, checkout};

#[tokio::test]
async fn one_checkout_makes_an_order_per_seller() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let first = market.seller("maison-rym", "grossiste").await;
    let second = market.seller("autre-maison", "importateur").await;
    let pot = market
        .product_id(&first, json!({ "name": "Pot", "price": 100.1, "images": ["https://cdn.example.com/p.jpg"] }))
        .await;
    let cup = market.product_id(&second, json!({ "name": "Tasse", "price": 0.3 })).await;
    let tea = market.product_id(&first, json!({ "name": "Thé", "price": 50 })).await;
    let mut body = checkout(&[(&cup, 3), (&pot, 1), (&tea, 2), (&pot, 1)]);
    body = with(
        body,
        json!({
            "customer_name": "  Amina Haddad ", "customer_email": "amina@example.com", "customer_commune": "Hydra",
            "delivery_type": "office", "notes": "Sonnez <b>fort</b>", "customer_phone": "+213 (0)555-12-34-56",
            "payment_method": "ccp", "expected_total": 1301.1,
        }),
    );
    let amina = market.user("amina-haddad").await;
    for (who, caller) in [("guest", &guest), ("amina", &amina)] {
        let placed = caller.post("/orders", body.clone()).await.expect(201).body;
        let is_guest = who == "guest";
        exactly(
            &placed,
            if is_guest {
                "message checkout_id orders total tracking_token"
            } else {
                "message checkout_id orders total"
            },
        );
        is_id(&placed["checkout_id"]);
        findings.equal("total", placed["total"].clone(), json!(1301.1));
        let orders = placed["orders"].as_array().unwrap();
        let sellers: Vec<&str> = orders.iter().map(|order| order["seller_id"].as_str().unwrap()).collect();
        findings.equal("in the order of first appearance", sellers, vec![second.id.as_str(), first.id.as_str()]);
        for order in orders {
            exactly(order, &and(ORDER, "user"));
            exactly(&order["seller"], PUBLIC_USER);
            is_time(&order["created_at"]);
            findings.equal("joined", order["checkout_id"].clone(), placed["checkout_id"].clone());
            let number = order["order_number"].as_str().unwrap();
            let parts: Vec<&str> = number.split('-').collect();
            let good =
                |letter: char| letter.is_ascii_digit() || letter.is_ascii_uppercase() && !"ILOU".contains(letter);
            findings.check(
                parts.len() == 3
                    && parts[0] == "ZST"
                    && parts[1].len() == 10
                    && parts[2].len() == 10
                    && parts[2].chars().all(good),
                || number.to_owned(),
            );
            for item in order["items"].as_array().unwrap() {
                exactly(item, ORDER_ITEM);
                findings.equal("of the order", item["order_id"].clone(), order["id"].clone());
            }
        }
        let wanted = json!({
            "kind": "retail", "b2b_offer_id": null, "b2b_response_id": null, "customer_name": "Amina Haddad",
            "customer_email": "amina@example.com", "customer_phone": "+213555123456", "customer_wilaya": "Alger",
            "customer_commune": "Hydra", "shipping_address": "12 rue Didouche Mourad, Alger",
            "customer_address": "12 rue Didouche Mourad, Alger", "delivery_type": "office", "subtotal": 300.2,
            "shipping_cost": 500, "total": 800.2, "status": "pending", "payment_method": "ccp",
            "payment_status": "pending", "delivery_date": null, "tracking_number": null, "notes": "Sonnez <b>fort</b>",
        });
        for (member, value) in wanted.as_object().unwrap() {
            findings.equal(member, orders[1][member].clone(), value.clone());
        }
        let lines = orders[1]["items"].as_array().unwrap();
        findings.equal("lines of one product are one", lines.len(), 2);
        let found: Vec<Value> = ["product_name", "product_image", "quantity", "price", "subtotal"]
            .iter()
            .map(|member| lines[0][member].clone())
            .collect();
        findings.equal(
            "line",
            found,
            vec![json!("Pot"), json!("https://cdn.example.com/p.jpg"), json!(2), json!(100.1), json!(200.2)],
        );
        if is_guest {
            findings.equal(
                "nobody's",
                (orders[0]["user_id"].clone(), orders[0]["user"].clone()),
                (Value::Null, Value::Null),
            );
            let token = placed["tracking_token"].as_str().unwrap();
            let form =
                token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            findings.check(form, || token.to_owned());
            let stored = format!("SELECT count(*) FROM answers WHERE encode(answer, 'escape') LIKE '%{token}%'");
            findings.equal("the token is not stored", number(&market.databases.ordering, &stored).await, 0);
        } else {
            findings.equal("hers", orders[0]["user_id"].clone(), json!(amina.id));
            exactly(&orders[0]["user"], PUBLIC_USER);
        }
    }
    // Frozen: what the seller does later changes nothing.
    let orders = amina.get("/orders").await.expect(200).body;
    first.patch(&format!("/products/{pot}"), json!({ "price": 1, "name": "Autre" })).await.expect(200);
    findings.equal("frozen", amina.get("/orders").await.expect(200).body, orders);
}

#[tokio::test]
async fn fields_of_a_checkout_are_checked() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 10 })).await;
    let good = checkout(&[(&pot, 1)]);
    let mut wrong = vec![
        ("customer_name", json!("ab")),
        ("customer_name", json!("x".repeat(101))),
        ("customer_name", json!("\u{200b}\u{200b}\u{200b}")),
        ("customer_name", json!("abc\u{0}")),
        ("customer_phone", json!("0455123456")),
        ("customer_phone", json!("+33612345678")),
        ("customer_phone", json!("0555123456'; --")),
        ("customer_phone", json!(555_123_456)),
        ("shipping_address", json!("court")),
        ("shipping_address", json!("x".repeat(301))),
        ("customer_wilaya", json!("Paris")),
        ("customer_wilaya", json!("")),
        ("payment_method", json!("bitcoin")),
        ("payment_method", json!("COD")),
        ("customer_email", json!("x")),
        ("customer_email", json!(format!("{}@example.com", "x".repeat(250)))),
        ("customer_commune", json!("x".repeat(101))),
        ("delivery_type", json!("drone")),
        ("notes", json!("x".repeat(501))),
        ("expected_total", json!(-1)),
        ("expected_total", json!(0.001)),
        ("expected_total", json!("1500")),
        ("items", json!("x")),
        ("items", json!({})),
        ("items", json!([])),
        ("items", json!(vec![json!({ "product_id": pot, "quantity": 1 }); 101])),
    ];
    for unknown in
        "id user_id seller_id role status total subtotal shipping_cost payment_status order_number created_at \
        checkout_id user shipping_fee discount tracking_number"
            .split_whitespace()
    {
        wrong.push((unknown, json!(1)));
    }
    findings.members(&guest, Method::POST, "/orders", &good, &wrong).await;
    let required =
        ["customer_name", "customer_phone", "shipping_address", "customer_wilaya", "payment_method", "items"];
    findings.required(&guest, "/orders", &good, &required).await;
    let line = json!({ "product_id": pot, "quantity": 1 });
    for changes in [
        json!({ "quantity": 0 }),
        json!({ "quantity": -1 }),
        json!({ "quantity": 1.5 }),
        json!({ "quantity": "1" }),
        json!({ "quantity": 100_001 }),
        json!({ "quantity": 1e18 }),
        json!({ "quantity": null }),
        json!({ "product_id": "7" }),
        json!({ "product_id": null }),
        json!({ "price": 1 }),
        json!({ "seller_id": seller.id }),
        json!({ "currency": "EUR" }),
    ] {
        let body = with(good.clone(), json!({ "items": [with(line.clone(), changes.clone())] }));
        let reply = guest.post("/orders", body).await;
        findings.refused(&changes.to_string(), &reply, 400, "VALIDATION_ERROR");
    }
    let several =
        guest.post("/orders", with(good.clone(), json!({ "customer_name": "x", "notes": "x".repeat(501) }))).await;
    findings.equal("ranges together", several.body["details"].as_array().map(Vec::len), Some(2));
    findings.equal("no order", number(&market.databases.ordering, "SELECT count(*) FROM orders").await, 0);
    findings.equal("no unit taken", number(&market.databases.ordering, "SELECT free FROM stock").await, 10);
    findings.equal(
        "no event",
        number(&market.databases.ordering, "SELECT count(*) FROM outbox WHERE name LIKE '%order_placed%'").await,
        0,
    );
}

#[tokio::test]
async fn refusals_come_in_their_order_and_take_nothing() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 10, "min_order_quantity": 3 })).await;
    let cup = market.product_id(&other, json!({ "stock": 2, "min_order_quantity": 2 })).await;
    let off = market.product_id(&other, json!({ "stock": 5, "in_stock": false })).await;
    let draft = market.product_id(&seller, json!({ "status": "draft" })).await;
    let gone = market.product_id(&seller, json!({})).await;
    seller.delete(&format!("/products/{gone}")).await.expect(200);
    let missing = "0192f6a2-0000-7000-8000-000000000000";
    let products = |reply: &crate::harness::Reply| {
        let rows = reply.body["details"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> =
            rows.iter().map(|row| row["product_id"].as_str().unwrap_or_default().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |ids: &[&str]| {
        let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        ids.sort();
        ids
    };
    // Each of these also deserves every later refusal.
    let all = [
        (missing, 1),
        (draft.as_str(), 1),
        (gone.as_str(), 1),
        (pot.as_str(), 1),
        (cup.as_str(), 9),
        (off.as_str(), 1),
    ];
    let mut worst = checkout(&all);
    worst["expected_total"] = json!(1);
    let reply = guest.post("/orders", with(worst.clone(), json!({ "notes": 1 }))).await;
    findings.refused("fields first", &reply, 400, "VALIDATION_ERROR");
    let reply = guest.post("/orders", worst.clone()).await;
    findings.refused("then existence", &reply, 404, "PRODUCT_NOT_FOUND");
    findings.equal("every such product", products(&reply), sorted(&[missing, &draft, &gone]));
    let reply = guest
        .post("/orders", with(checkout(&[(&pot, 1), (&cup, 9), (&off, 1), (&pot, 1)]), json!({ "expected_total": 1 })))
        .await;
    findings.refused("then the minimum", &reply, 400, "MIN_ORDER_QUANTITY");
    findings.equal(
        "which",
        (products(&reply), reply.body["details"][0]["min_order_quantity"].clone()),
        (sorted(&[&pot]), json!(3)),
    );
    let reply = guest
        .post("/orders", with(checkout(&[(&pot, 11), (&cup, 3), (&off, 1)]), json!({ "expected_total": 1 })))
        .await;
    findings.refused("then stock", &reply, 409, "OUT_OF_STOCK");
    findings.equal("every such product", products(&reply), sorted(&[&pot, &cup, &off]));
    for row in reply.body["details"].as_array().unwrap() {
        let wanted = if row["product_id"] == json!(pot) {
            10
        } else if row["product_id"] == json!(cup) {
            2
        } else {
            0
        };
        findings.equal("available", row["available"].clone(), json!(wanted));
    }
    let reply =
        guest.post("/orders", with(checkout(&[(&pot, 3), (&cup, 2)]), json!({ "expected_total": 5999.99 }))).await;
    findings.refused("then the total", &reply, 409, "PRICE_CHANGED");
    let detail = &reply.body["details"][0];
    findings.equal("which", (detail["expected_total"].clone(), detail["total"].clone()), (json!(5999.99), json!(6000)));
    // One line that lacks: nothing of the others is taken.
    let reply = guest.post("/orders", checkout(&[(&pot, 3), (&cup, 3)])).await;
    findings.refused("all or nothing", &reply, 409, "OUT_OF_STOCK");
    let free = format!("SELECT free FROM stock WHERE product_id = '{pot}'");
    findings.equal("nothing was taken", number(&market.databases.ordering, &free).await, 10);
    findings.equal("no order", number(&market.databases.ordering, "SELECT count(*) FROM orders").await, 0);
    // Twice below the minimum is enough together.
    guest.post("/orders", checkout(&[(&pot, 2), (&pot, 1)])).await.expect(201);

    // Above what money can be.
    let dear = market.product_id(&seller, json!({ "price": 99_999_999.99, "stock": 10_000_000 })).await;
    let other = market.product_id(&seller, json!({ "price": 99_999_999.99, "stock": 10_000_000 })).await;
    let lines: Vec<(&str, u32)> = vec![(&dear, 100_000), (&other, 100_000)];
    let reply = guest.post("/orders", checkout(&lines)).await;
    findings.refused("a total above the limit", &reply, 400, "VALIDATION_ERROR");
    let bad = guest.with_token(Some("nonsense")).post("/orders", checkout(&[(&pot, 3)])).await;
    findings.refused("no guest by accident", &bad, 401, "UNAUTHORIZED");
}
