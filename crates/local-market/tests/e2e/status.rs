//! api.md 9.5: the life of an order.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::{number, text};
use crate::harness::shapes::{ORDER, and, exactly};
use crate::harness::{Caller, Findings, Market, checkout, eventually};

const ALL: [&str; 7] = ["pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "returned"];
const TABLE: [(&str, &[&str]); 7] = [
    ("pending", &["confirmed", "cancelled"]),
    ("confirmed", &["processing", "cancelled"]),
    ("processing", &["shipped", "cancelled"]),
    ("shipped", &["delivered", "returned"]),
    ("delivered", &["returned"]),
    ("cancelled", &[]),
    ("returned", &[]),
];

/// The steps that lead to a status.
fn way_to(status: &str) -> &'static [&'static str] {
    match status {
        "confirmed" => &["confirmed"],
        "processing" => &["confirmed", "processing"],
        "shipped" => &["confirmed", "processing", "shipped"],
        "delivered" => &["confirmed", "processing", "shipped", "delivered"],
        "cancelled" => &["cancelled"],
        "returned" => &["confirmed", "processing", "shipped", "returned"],
        _ => &[],
    }
}

async fn place(buyer: &Caller, product: &str, quantity: u32) -> String {
    let placed = buyer.post("/orders", checkout(&[(product, quantity)])).await.expect(201).body;
    placed["orders"][0]["id"].as_str().unwrap().to_owned()
}

async fn step(caller: &Caller, order: &str, status: &str) -> crate::harness::Reply {
    caller.patch(&format!("/seller/orders/{order}/status"), json!({ "status": status })).await
}

#[tokio::test]
async fn every_pair_of_states_goes_by_the_table() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-one", "grossiste").await;
    let amina = market.user("amina").await;
    let pot = market.product_id(&seller, json!({ "stock": 1000 })).await;
    let free = || async { number(&market.databases.ordering, "SELECT free FROM stock").await };
    for (from, allowed) in TABLE {
        for to in ALL {
            let before = free().await;
            let order = place(&amina, &pot, 3).await;
            for status in way_to(from) {
                step(&seller, &order, status).await.expect(200);
            }
            let at_start = free().await;
            let reply = step(&seller, &order, to).await;
            let name = format!("{from} to {to}");
            let now = amina.get(&format!("/orders/{order}")).await.expect(200).body;
            if allowed.contains(&to) {
                findings.status(&name, &reply, 200);
                exactly(&reply.body, &and(ORDER, "user"));
                findings.equal(&name, reply.body["status"].clone(), json!(to));
                let given_back = if ["cancelled", "returned"].contains(&to) { 3 } else { 0 };
                findings.equal(&name, free().await - at_start, given_back);
                let paid = ["delivered"].contains(&from) || to == "delivered";
                let payment = match to {
                    "delivered" => "paid",
                    "returned" | "cancelled" if paid => "refunded",
                    _ => "pending",
                };
                findings.equal(&format!("{name}: payment"), now["payment_status"].clone(), json!(payment));
            } else {
                findings.refused(&name, &reply, 409, "INVALID_STATUS_TRANSITION");
                let detail = &reply.body["details"][0];
                findings.equal(&name, (detail["from"].clone(), detail["to"].clone()), (json!(from), json!(to)));
                findings.equal(&name, detail["allowed"].clone(), json!(allowed));
                findings.equal(&name, (now["status"].clone(), free().await), (json!(from), at_start));
            }
            let steps = amina.get(&format!("/orders/{order}/history")).await.expect(200);
            let wanted = 1 + way_to(from).len() + usize::from(allowed.contains(&to));
            findings.equal(&format!("{name}: history"), steps.data().len(), wanted);
            let last = steps.data().last().unwrap();
            findings.equal(&format!("{name}: last"), last["to_status"].clone(), now["status"].clone());
            findings.equal(
                &format!("{name}: payment of the last"),
                last["payment_status"].clone(),
                now["payment_status"].clone(),
            );
            findings.check(before >= at_start, || name.clone());
        }
    }
}

#[tokio::test]
async fn a_step_carries_what_the_seller_says_of_it() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-one", "grossiste").await;
    let other = market.seller("maison-two", "grossiste").await;
    let (amina, admin) = (market.user("amina").await, market.admin("amel").await);
    let pot = market.product_id(&seller, json!({ "stock": 1000 })).await;
    let order = place(&amina, &pot, 1).await;
    let path = format!("/seller/orders/{order}/status");
    let good = json!({ "status": "confirmed" });
    let wrong = [
        ("status", json!("lost")),
        ("status", json!("Confirmed")),
        ("status", json!(null)),
        ("tracking_number", json!("")),
        ("tracking_number", json!("x".repeat(101))),
        ("delivery_date", json!("soon")),
        ("delivery_date", json!("2026-02-30")),
        ("note", json!("x".repeat(501))),
        ("note", json!("")),
        ("payment_status", json!("paid")),
        ("total", json!(1)),
    ];
    findings.members(&seller, Method::PATCH, &path, &good, &wrong).await;
    findings.refused("empty", &seller.patch(&path, json!({})).await, 400, "VALIDATION_ERROR");
    for (who, caller, status, code) in [
        ("guest", &market.guest(), 401, "UNAUTHORIZED"),
        ("the buyer", &amina, 403, "FORBIDDEN"),
        ("another seller", &other, 404, "ORDER_NOT_FOUND"),
    ] {
        findings.refused(who, &caller.patch(&path, good.clone()).await, status, code);
    }
    let body =
        json!({ "status": "confirmed", "note": "Merci", "delivery_date": "2027-01-05", "tracking_number": "YAL-1" });
    let confirmed = seller.patch(&path, body).await.expect(200).body;
    findings.equal("tracking", confirmed["tracking_number"].clone(), json!("YAL-1"));
    findings.equal("a day of Algiers", confirmed["delivery_date"].clone(), json!("2027-01-04T23:00:00.000Z"));
    let later = json!({ "status": "processing", "delivery_date": "2027-01-06T10:00:00+01:00" });
    let processing = seller.patch(&path, later).await.expect(200).body;
    findings.equal("a time", processing["delivery_date"].clone(), json!("2027-01-06T09:00:00.000Z"));
    findings.equal("tracking stays", processing["tracking_number"].clone(), json!("YAL-1"));
    findings.check(processing["updated_at"].as_str() > confirmed["updated_at"].as_str(), || "updated_at".to_owned());
    let by_admin = admin.patch(&path, json!({ "status": "shipped" })).await.expect(200).body;
    findings.equal("an admin may", by_admin["status"].clone(), json!("shipped"));
    let steps = amina.get(&format!("/orders/{order}/history")).await.expect(200);
    let seen: Vec<(Value, Value)> =
        steps.data().iter().map(|row| (row["actor"].clone(), row["note"].clone())).collect();
    let wanted = vec![
        (json!("customer"), Value::Null),
        (json!("seller"), json!("Merci")),
        (json!("seller"), Value::Null),
        (json!("admin"), Value::Null),
    ];
    findings.equal("history", seen, wanted);
    let audit = format!("SELECT action FROM audit WHERE target_id = '{order}' AND actor_id = '{}'", admin.id);
    eventually(std::time::Duration::from_secs(5), async || {
        text(&market.databases.identity, &audit).await == "order.status_changed"
    })
    .await;
    let events = "SELECT count(*) FROM outbox WHERE name LIKE '%order_status_changed%'";
    findings.equal("events", number(&market.databases.ordering, events).await, 3);
}

#[tokio::test]
async fn parties_cancel_until_the_seller_works_on_it() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-one", "grossiste").await;
    let (amina, rym, admin) = (market.user("amina").await, market.user("rym").await, market.admin("amel").await);
    let pot = market.product_id(&seller, json!({ "stock": 12 })).await;
    let free = || async { number(&market.databases.ordering, "SELECT free FROM stock").await };
    for (who, caller) in [("customer", &amina), ("seller", &seller), ("admin", &admin)] {
        let order = place(&amina, &pot, 4).await;
        let path = format!("/orders/{order}/cancel");
        findings.refused("a stranger", &rym.post(&path, json!({})).await, 404, "ORDER_NOT_FOUND");
        findings.refused("nobody", &market.guest().post(&path, json!({})).await, 401, "UNAUTHORIZED");
        let wrong = [("note", json!("x".repeat(501))), ("note", json!(1)), ("status", json!("cancelled"))];
        findings.members(caller, Method::POST, &path, &json!({}), &wrong).await;
        let cancelled = caller.post(&path, json!({ "note": "Changé d'avis" })).await.expect(200).body;
        exactly(&cancelled, &and(ORDER, "user"));
        findings.equal(who, cancelled["status"].clone(), json!("cancelled"));
        findings.equal("given back", free().await, 12);
        findings.refused("again", &caller.post(&path, json!({})).await, 409, "INVALID_STATUS_TRANSITION");
        let last = amina.get(&format!("/orders/{order}/history")).await.expect(200).data()[1].clone();
        findings.equal("history", (last["actor"].clone(), last["note"].clone()), (json!(who), json!("Changé d'avis")));
    }
    // Without a body, as a guest, from confirmed.
    let placed = market.guest().post("/orders", checkout(&[(&pot, 1)])).await.expect(201).body;
    let order = placed["orders"][0]["id"].as_str().unwrap();
    step(&seller, order, "confirmed").await.expect(200);
    let guest = market.guest().with("X-Tracking-Token", placed["tracking_token"].as_str().unwrap());
    let cancelled = guest.send(Method::POST, &format!("/orders/{order}/cancel"), None).await.expect(200);
    findings.equal("guest", cancelled.body["status"].clone(), json!("cancelled"));
    let order = place(&amina, &pot, 1).await;
    for status in ["confirmed", "processing", "shipped", "delivered"] {
        step(&seller, &order, status).await.expect(200);
        if status != "confirmed" {
            let reply = amina.post(&format!("/orders/{order}/cancel"), json!({})).await;
            findings.refused(status, &reply, 409, "INVALID_STATUS_TRANSITION");
        }
    }
    // A product that was sold out comes back on sale with its units, unless the seller took it off.
    let last = market.product_id(&seller, json!({ "stock": 2 })).await;
    let shown = async || market.guest().get(&format!("/products/{last}")).await.body["in_stock"].clone();
    let order = place(&amina, &last, 2).await;
    findings.equal("sold out at once", shown().await, json!(false));
    amina.post(&format!("/orders/{order}/cancel"), json!({})).await.expect(200);
    findings.equal("back at once", shown().await, json!(true));
    let order = place(&amina, &last, 2).await;
    seller.patch(&format!("/products/{last}"), json!({ "in_stock": false })).await.expect(200);
    amina.post(&format!("/orders/{order}/cancel"), json!({})).await.expect(200);
    findings.equal("still off", shown().await, json!(false));
    // Deleted products: nothing visible, and no failure.
    let order = place(&amina, &pot, 1).await;
    seller.delete(&format!("/products/{pot}")).await.expect(200);
    findings.status("deleted", &amina.post(&format!("/orders/{order}/cancel"), json!({})).await, 200);
}

#[tokio::test]
async fn of_racing_changes_one_wins() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-one", "grossiste").await;
    let amina = market.user("amina").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    for round in 0..6 {
        let order = place(&amina, &pot, 2).await;
        let path = format!("/orders/{order}/cancel");
        let cancels = join_all((0..4).map(|_| amina.post(&path, json!({}))));
        let steps = join_all((0..4).map(|_| step(&seller, &order, "cancelled")));
        let (cancels, steps) = futures::future::join(cancels, steps).await;
        let won = cancels.iter().chain(&steps).filter(|reply| reply.status == 200).count();
        let lost = cancels.iter().chain(&steps).filter(|reply| reply.status == 409).count();
        findings.equal(&format!("round {round}"), (won, lost), (1, 7));
        findings.equal("given back once", number(&market.databases.ordering, "SELECT free FROM stock").await, 100);
        let steps = amina.get(&format!("/orders/{order}/history")).await.expect(200);
        findings.equal("one row of history", steps.data().len(), 2);
    }
    let ledger = "SELECT sum(delta) FROM stock_ledger";
    findings.equal("the ledger adds up", number(&market.databases.ordering, ledger).await, 100);
}
