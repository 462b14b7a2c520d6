use serde_json::json;

use crate::harness::{Cluster, Kind, LONG, OwnServer, Plan, READ, Shop, WRITE, eventually, timely, unique};

/// A market in which one service's database is at a server of its own.
async fn market(service: &'static str) -> (OwnServer, Cluster, Shop) {
    let postgres = OwnServer::start(Kind::Postgres).await;
    let cluster = Plan::new().database_at(service, postgres.url()).start().await;
    let shop = cluster.shop(50).await;
    (postgres, cluster, shop)
}

/// It works again without a hand on any process, and nothing of what was refused was done.
async fn recovers(cluster: &Cluster, postgres: &OwnServer, shop: &Shop, checkouts: i64) {
    postgres.start_again().await;
    cluster.all_is_up().await;
    let buyer = cluster.customer().await;
    eventually(LONG, async || {
        let line = json!({ "product_id": shop.products[0], "quantity": 1 });
        buyer.post("/cart/items", line).await.status == 201
    })
    .await;
    let buyer_with_key = buyer.with_key(&unique("recovered"));
    crate::harness::insist(&buyer_with_key, "/orders", &shop.checkout(1)).await.expect(201);
    cluster.cart_is_cleared(&buyer).await;
    cluster.everything_is_heard().await;
    cluster.sold(shop, checkouts + 1, 1).await;
}

#[tokio::test]
async fn without_the_database_of_ordering_browsing_and_carts_go_on() {
    let (postgres, cluster, shop) = market("ordering").await;
    let buyer = cluster.customer().await;
    postgres.kill9().await;
    for _ in 0..2 {
        let refused = timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.refused(503, "UNAVAILABLE");
        assert!(refused.header("retry-after").is_some());
        timely(READ, buyer.get("/orders")).await.refused(503, "UNAVAILABLE");
        timely(READ, buyer.get("/products?category=home")).await.expect(200);
    }
    cluster.fill_cart(&buyer, &shop).await;
    let stock = format!("/seller/products/{}/stock", shop.products[0]);
    timely(WRITE, shop.sellers[0].patch(&stock, json!({ "delta": 5 }))).await.refused(503, "UNAVAILABLE");
    cluster.notices("gateway", "ordering", "down").await;
    assert_eq!(buyer.get("/health/ready").await.expect(200).body["status"], "degraded");
    recovers(&cluster, &postgres, &shop, 0).await;
}

#[tokio::test]
async fn without_the_database_of_catalog_orders_and_cart_lines_are_still_read() {
    let (postgres, cluster, shop) = market("catalog").await;
    let buyer = cluster.customer().await;
    buyer.post("/orders", shop.checkout(1)).await.expect(201);
    cluster.fill_cart(&buyer, &shop).await;
    buyer.get("/products").await.expect(200);
    cluster.everything_is_heard().await;
    postgres.kill9().await;
    timely(READ, buyer.get("/products")).await.expect(200);
    timely(READ, buyer.get("/products?category=toys")).await.refused(503, "UNAVAILABLE");
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.refused(503, "UNAVAILABLE");
    timely(READ, buyer.get("/orders")).await.expect(200);
    assert_eq!(timely(READ, buyer.get("/cart")).await.expect(200).body["items"].as_array().unwrap().len(), 2);
    timely(WRITE, buyer.delete("/cart")).await.expect(200);
    cluster.notices("gateway", "catalog", "down").await;
    recovers(&cluster, &postgres, &shop, 1).await;
}

#[tokio::test]
async fn without_the_database_of_cart_only_carts_are_refused() {
    let (postgres, cluster, shop) = market("cart").await;
    let buyer = cluster.customer().await;
    cluster.fill_cart(&buyer, &shop).await;
    postgres.kill9().await;
    timely(READ, buyer.get("/cart")).await.refused(503, "UNAVAILABLE");
    let line = json!({ "product_id": shop.products[0], "quantity": 1 });
    timely(WRITE, buyer.post("/cart/items", line)).await.refused(503, "UNAVAILABLE");
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.expect(201);
    timely(READ, buyer.get("/products?category=home")).await.expect(200);
    cluster.notices("gateway", "cart", "down").await;
    recovers(&cluster, &postgres, &shop, 1).await;
    cluster.cart_is_cleared(&buyer).await;
}

#[tokio::test]
async fn without_the_database_of_identity_known_callers_go_on() {
    let (postgres, cluster, shop) = market("identity").await;
    let buyer = cluster.customer().await;
    postgres.kill9().await;
    timely(READ, cluster.stranger(&unique("stranger")).get("/cart")).await.refused(503, "UNAVAILABLE");
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.expect(201);
    timely(WRITE, cluster.guest().post("/orders", shop.checkout(1))).await.expect(201);
    timely(READ, cluster.guest().get("/products?category=home")).await.expect(200);
    timely(READ, buyer.get("/auth/me")).await.refused(503, "UNAVAILABLE");
    cluster.notices("gateway", "identity", "down").await;
    recovers(&cluster, &postgres, &shop, 2).await;
}
