//! What services find when they look at their own data: nothing in a market that is well, and each planted damage.

use std::time::Duration;

use serde_json::json;
use test_support::{TestDatabase, eventually};

use crate::harness::databases::{execute, number};
use crate::harness::{Market, checkout};

/// A market where things were sold, brought back and set anew; all of it has been heard.
async fn lively() -> (Market, String, String) {
    let market = Market::start().await;
    let (shop, amina) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let pot = market.product_id(&shop, json!({ "stock": 20 })).await;
    let pan = market.product_id(&shop, json!({ "stock": 2 })).await;
    let mut orders = Vec::new();
    for quantity in [2, 1] {
        let placed = amina.post("/orders", checkout(&[(&pot, quantity), (&pan, 1)])).await.expect(201).body;
        orders.push(placed["orders"][0]["id"].as_str().unwrap().to_owned());
    }
    amina.post(&format!("/orders/{}/cancel", orders[1]), json!({})).await.expect(200);
    shop.patch(&format!("/seller/products/{pot}/stock"), json!({ "delta": 5 })).await.expect(200);
    let all_is_said = async |database: &TestDatabase| {
        number(database, "SELECT count(*) FROM outbox WHERE sent_at IS NULL").await == 0
    };
    for database in [&market.databases.ordering, &market.databases.catalog, &market.databases.identity] {
        eventually(Duration::from_secs(10), async || all_is_said(database).await).await;
    }
    (market, pot, orders.swap_remove(0))
}

#[tokio::test]
async fn a_market_that_is_well_has_nothing_to_tell() {
    let (market, ..) = lively().await;
    let outcome = market.self_check().await;
    assert_eq!(outcome.code, 0, "{}", outcome.text);
    for check in [
        "ordering stock_ledger: well",
        "ordering order_totals: well",
        "catalog shown_stock: well",
        "identity outbox: well",
        "cart dead_letters: well",
    ] {
        assert!(outcome.text.contains(check), "{check} is not in:\n{}", outcome.text);
    }
}

#[tokio::test]
async fn planted_damage_is_found_and_left_alone() {
    let (market, pot, order) = lively().await;
    let ordering = &market.databases.ordering;
    execute(ordering, &format!("UPDATE stock SET free = free - 1 WHERE product_id = '{pot}'")).await;
    let cheaper = format!("UPDATE orders SET subtotal = subtotal - 1, total = total - 1 WHERE id = '{order}'");
    execute(ordering, &cheaper).await;
    let stale = "UPDATE shown_stock SET version = version - 1 WHERE product_id <> ";
    execute(&market.databases.catalog, &format!("{stale}'{pot}'")).await;
    for _ in 0..2 {
        // Twice the same: nobody has repaired anything.
        let outcome = market.self_check().await;
        assert_eq!(outcome.code, 2, "{}", outcome.text);
        for found in [
            // Against the ledger, and by catalog, which still shows what was true.
            format!("ordering stock_ledger: 1 found\n  product {pot}"),
            format!("ordering order_totals: 1 found\n  order {order}"),
            "catalog shown_stock: 2 found".to_owned(),
        ] {
            assert!(outcome.text.contains(&found), "{found} is not in:\n{}", outcome.text);
        }
    }
}
