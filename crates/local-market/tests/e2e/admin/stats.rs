use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::{execute, number};
use crate::harness::shapes::{exactly, is_time};
use crate::harness::{Findings, Market, checkout, eventually};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_market_in_numbers() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (admin, amina) = (market.admin("amel").await, market.user("amina").await);
    let one = market.seller("maison-one", "grossiste").await;
    let pending = market.seller("maison-two", "grossiste").await;
    market.approve(&pending, commerce_types::Approval::Pending).await;
    market.ban(&market.user("banned").await).await;
    let pot = market.product_id(&one, json!({ "stock": 10, "price": 1000.25 })).await;
    market.product_id(&one, json!({ "stock": 0 })).await;
    market.product_id(&one, json!({ "status": "draft" })).await;
    let place = async |quantity: u32| {
        let placed = amina.post("/orders", checkout(&[(&pot, quantity)])).await.expect(201).body;
        placed["orders"][0]["id"].as_str().unwrap().to_owned()
    };
    let (delivered, old, returned) = (place(1).await, place(2).await, place(1).await);
    place(1).await;
    for (order, last) in [(&delivered, "delivered"), (&old, "delivered"), (&returned, "returned")] {
        for status in ["confirmed", "processing", "shipped", last] {
            one.patch(&format!("/seller/orders/{order}/status"), json!({ "status": status })).await.expect(200);
        }
    }
    let age = format!("UPDATE orders SET created_at = created_at - interval '31 days' WHERE id = '{old}'");
    execute(&market.databases.ordering, &age).await;

    let reel = market.reel(&one, &pot).await;
    market.guest().send(Method::POST, &format!("/reels/{reel}/view"), None).await.expect(200);
    let views = "SELECT sum(views) FROM reel_counts";
    eventually(SOON, async || number(&market.databases.reels, views).await == 1).await;

    let stats = admin.get("/admin/stats").await.expect(200).body;
    exactly(&stats, "users products orders revenue reels b2b generatedAt");
    is_time(&stats["generatedAt"]);
    // Two admins more decided and banned behind the scenes.
    let users = json!({
        "total": 7, "customers": 2, "sellers": 2, "freelancers": 0, "admins": 3, "pendingSellers": 1, "inactive": 1,
    });
    findings.equal("users", stats["users"].clone(), users);
    findings.equal("products", stats["products"].clone(), json!({ "total": 3, "active": 1, "outOfStock": 1 }));
    let orders = json!({
        "total": 4, "pending": 1, "confirmed": 0, "processing": 0, "shipped": 0, "delivered": 2, "cancelled": 0,
        "returned": 1,
    });
    findings.equal("orders", stats["orders"].clone(), orders);
    // 3000.75 by two sales is 1500.375.
    let revenue = json!({ "total": 3000.75, "monthly": 1000.25, "avgOrderValue": 1500.38 });
    findings.equal("revenue", stats["revenue"].clone(), revenue);
    findings.equal("reels", stats["reels"].clone(), json!({ "total": 1, "totalViews": 1 }));
    findings.equal("a service to come", stats["b2b"].clone(), Value::Null);

    // Kept, for every admin alike, whatever happens meanwhile.
    let other = market.admin("bilal").await;
    place(1).await;
    for answer in join_all((0..10).map(|_| other.get("/admin/stats"))).await {
        findings.equal("the same for a while", answer.expect(200).body, stats.clone());
    }
    findings.queries(&admin, "/admin/stats", &[("period", "period=30d")]).await;
}
