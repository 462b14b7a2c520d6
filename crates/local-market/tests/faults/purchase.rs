use futures::future::join_all;
use serde_json::{Value, json};

use crate::harness::databases::SERVICES;
use crate::harness::databases::number;
use crate::harness::{LONG, Plan, checkout, eventually};

#[tokio::test]
async fn a_whole_purchase_works_with_a_process_for_each_service() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(40).await;
    let buyer = cluster.customer().await;
    let listed = buyer.get("/products?search=cuivre").await.expect(200);
    assert_eq!(listed.data().len(), 2);
    cluster.fill_cart(&buyer, &shop).await;
    assert_eq!(buyer.get("/cart").await.expect(200).body["summary"]["sellers_count"], 2);

    let placed = buyer.post("/orders", shop.checkout(1)).await.expect(201).body;
    let orders: Vec<&Value> = placed["orders"].as_array().unwrap().iter().collect();
    assert_eq!(orders.len(), 2);
    for (order, seller) in orders.iter().zip(&shop.sellers) {
        let id = order["id"].as_str().unwrap();
        assert_eq!(order["seller_id"], seller.id.as_str());
        assert_eq!(seller.get("/seller/orders").await.expect(200).data()[0]["id"], id);
        for status in ["confirmed", "processing", "shipped", "delivered"] {
            let step = json!({ "status": status });
            seller.patch(&format!("/seller/orders/{id}/status"), step).await.expect(200);
        }
        assert_eq!(buyer.get(&format!("/orders/{id}")).await.expect(200).body["status"], "delivered");
        assert_eq!(buyer.get(&format!("/orders/{id}/history")).await.expect(200).data().len(), 5);
    }
    cluster.cart_is_cleared(&buyer).await;

    let guest = cluster.guest();
    let placed = guest.post("/orders", shop.checkout(1)).await.expect(201).body;
    let order = &placed["orders"][0];
    let token = placed["tracking_token"].as_str().unwrap();
    let path = format!("/orders/{}", order["id"].as_str().unwrap());
    guest.with("X-Tracking-Token", token).get(&path).await.expect(200);
    let tracked = format!("/guest/orders/track/0555123456?order_number={}", order["order_number"].as_str().unwrap());
    guest.get(&tracked).await.expect(200);
    cluster.everything_is_heard().await;
    cluster.is_left(&shop, 38).await;
}

#[tokio::test]
async fn crossing_carts_never_lock_each_other_out() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(200).await;
    let [first, second] = &shop.products;
    let buyers: Vec<_> = (0..12).map(|_| cluster.guest()).collect();
    let buy = async |place: usize| {
        for _ in 0..5 {
            let lines = [(first.as_str(), 1), (second.as_str(), 1)];
            let lines = if place.is_multiple_of(2) { lines } else { [lines[1], lines[0]] };
            buyers[place].post("/orders", checkout(&lines)).await.expect(201);
        }
    };
    join_all((0..buyers.len()).map(buy)).await;
    cluster.sold(&shop, 60, 1).await;
    cluster.everything_is_heard().await;
    for service in SERVICES {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let database = cluster.databases.of(service).unwrap();
        assert_eq!(number(database, deadlocks).await, 0, "{service}");
    }
    eventually(LONG, async || buyers[0].get("/products").await.status == 200).await;
}
