//! Stock is never sold twice, and never refused while there is some (S1 to S6).

use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::harness::databases::number;
use crate::harness::{Findings, Market, Reply, checkout, eventually};

/// So many requests of many lines are under way at a time: more than there are connections to the database, fewer than an
/// unoptimised server on two busy cores answers in its five seconds.
const CROWD: usize = 32;

/// All answers, whatever their order.
async fn crowd(calls: impl Iterator<Item = impl Future<Output = Reply>>) -> Vec<Reply> {
    futures::stream::iter(calls).buffer_unordered(CROWD).collect().await
}

#[tokio::test]
async fn two_hundred_buyers_race_for_a_hundred_units() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let bodies = (0..200).map(|index| {
        let mut body = checkout(&[(&pot, 1)]);
        body["customer_phone"] = json!(format!("0555{index:06}"));
        body
    });
    let replies = join_all(bodies.map(|body| guest.post("/orders", body))).await;
    let sold = replies.iter().filter(|reply| reply.status == 201).count();
    findings.equal("sold", sold, 100);
    for loser in replies.iter().filter(|reply| reply.status != 201) {
        findings.refused("a loser", loser, 409, "OUT_OF_STOCK");
        findings.equal("nothing left", loser.body["details"][0]["available"].clone(), json!(0));
    }
    let ordering = &market.databases.ordering;
    findings.equal("orders", number(ordering, "SELECT count(*) FROM orders").await, 100);
    findings.equal("left", number(ordering, "SELECT free FROM stock").await, 0);
    let ledger = "SELECT count(*) FROM stock JOIN (SELECT product_id, sum(delta) AS sum FROM stock_ledger \
        GROUP BY product_id) AS ledger USING (product_id) WHERE free <> sum";
    findings.equal("the ledger adds up", number(ordering, ledger).await, 0);
    let row = guest.get(&format!("/products/{pot}")).await.expect(200).body;
    findings.equal("the flip is seen at once", row["in_stock"].clone(), json!(false));
    eventually(Duration::from_secs(1), async || {
        number(&market.databases.catalog, "SELECT free FROM shown_stock").await == 0
    })
    .await;
}

#[tokio::test]
async fn permuted_carts_over_several_sellers_never_dead_lock() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let mut products = Vec::new();
    for name in ["maison-one", "maison-two", "maison-three"] {
        let seller = market.seller(name, "grossiste").await;
        for _ in 0..2 {
            products.push(market.product_id(&seller, json!({ "stock": 60 })).await);
        }
    }
    let names = ["amina", "rym", "yacine", "nadia"];
    let buyers = join_all(names.map(|name| market.user(name))).await;
    let orders = (0..100_usize).map(|index| {
        let mut lines: Vec<(&str, u32)> = products.iter().map(|id| (id.as_str(), 1)).collect();
        lines.rotate_left(index % 6);
        if index % 2 == 0 {
            lines.reverse();
        }
        let (body, caller) = (checkout(&lines), buyers[index % 4].clone());
        async move { caller.post("/orders", body).await }
    });
    let ledger = "SELECT count(*) FROM stock JOIN (SELECT product_id, sum(delta) AS sum FROM stock_ledger \
        GROUP BY product_id) AS ledger USING (product_id) WHERE free <> sum OR free < 0";
    let watched = async {
        for _ in 0..10 {
            findings.equal("the ledger adds up meanwhile", number(&market.databases.ordering, ledger).await, 0);
        }
    };
    let (replies, ()) = futures::future::join(crowd(orders), watched).await;
    let sold = replies.iter().filter(|reply| reply.status == 201).count();
    findings.equal("sold", sold, 60);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        findings.refused("a loser", reply, 409, "OUT_OF_STOCK");
    }
    let placed: Vec<&Value> = replies.iter().filter(|reply| reply.status == 201).map(|reply| &reply.body).collect();
    findings.check(placed.iter().all(|body| body["orders"].as_array().unwrap().len() == 3), || {
        "not three orders".to_owned()
    });
    let cancels = placed.iter().enumerate().flat_map(|(index, body)| {
        let buyer = buyers.iter().find(|buyer| body["orders"][0]["user_id"] == json!(buyer.id)).unwrap();
        let orders = body["orders"].as_array().unwrap().iter().cycle().skip(index % 3).take(3);
        orders.map(move |order| buyer.send(reqwest::Method::POST, cancel_path(order), None))
    });
    let cancelled = crowd(cancels).await;
    for reply in cancelled.iter().filter(|reply| reply.status != 200) {
        findings.status("a cancellation", reply, 200);
    }
    findings.equal("cancelled", cancelled.iter().filter(|reply| reply.status == 200).count(), 180);
    let free = "SELECT sum(free) FROM stock";
    findings.equal("every unit is back", number(&market.databases.ordering, free).await, 360);
    findings.equal("the ledger", number(&market.databases.ordering, ledger).await, 0);
    // The server counts dead-locks a moment later.
    let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    findings.equal("dead-locks", number(&market.databases.ordering, counted).await, 0);
    eventually(Duration::from_secs(2), async || {
        number(&market.databases.catalog, "SELECT sum(free) FROM shown_stock").await == 360
    })
    .await;
}

fn cancel_path(order: &Value) -> &'static str {
    format!("/orders/{}/cancel", order["id"].as_str().unwrap()).leak()
}
