use local_market::clerk::Failing;
use serde_json::json;

use crate::harness::{Kind, LONG, OwnServer, Plan, READ, WRITE, eventually, new_product, timely, unique};

#[tokio::test]
async fn without_catalog_what_is_kept_is_shown_and_the_rest_is_refused_in_time() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    cluster.fill_cart(&buyer, &shop).await;
    buyer.get("/products").await.expect(200);
    cluster.kill("catalog");

    timely(READ, buyer.get("/products")).await.expect(200);
    timely(READ, buyer.get("/products?category=toys")).await.refused(503, "UNAVAILABLE");
    let refused = timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.refused(503, "UNAVAILABLE");
    assert!(refused.header("retry-after").is_some());
    let add = json!({ "product_id": shop.products[0], "quantity": 1 });
    timely(WRITE, buyer.post("/cart/items", add)).await.refused(503, "UNAVAILABLE");
    let cart = timely(READ, buyer.get("/cart")).await.expect(200).body;
    assert_eq!(cart["items"].as_array().unwrap().len(), 2);
    for line in cart["items"].as_array().unwrap() {
        assert!(
            line["product"].is_null() && line["available"].is_null() && line["current_price"].is_null(),
            "{line:#}"
        );
        assert_eq!((&line["orderable"], &line["subtotal"]), (&json!(false), &line["product_price"]));
    }
    let line = cart["items"][0]["id"].as_str().unwrap();
    timely(WRITE, buyer.delete(&format!("/cart/items/{line}"))).await.expect(200);
    assert_eq!(timely(READ, buyer.get("/cart/count")).await.expect(200).body["count"], 1);
    timely(READ, buyer.get("/orders")).await.expect(200);
    cluster.notices("gateway", "catalog", "down").await;
    assert_eq!(buyer.get("/health/ready").await.expect(200).body["status"], "degraded");

    cluster.start("catalog").await;
    cluster.all_is_up().await;
    eventually(LONG, async || buyer.post("/orders", shop.checkout(1)).await.status == 201).await;
    assert!(buyer.get("/cart").await.expect(200).body["items"].as_array().unwrap().len() <= 1);
    cluster.sold(&shop, 1, 1).await;
}

#[tokio::test]
async fn without_ordering_browsing_and_carts_go_on() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    cluster.kill("ordering");

    timely(READ, buyer.get("/products?category=home")).await.expect(200);
    timely(READ, buyer.get(&format!("/products/{}", shop.products[0]))).await.expect(200);
    cluster.fill_cart(&buyer, &shop).await;
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.refused(503, "UNAVAILABLE");
    timely(READ, buyer.get("/orders")).await.refused(503, "UNAVAILABLE");
    let seller = &shop.sellers[0];
    let path = format!("/products/{}", shop.products[0]);
    timely(WRITE, seller.patch(&path, json!({ "price": 1234 }))).await.expect(200);
    let move_stock = json!({ "delta": 5 });
    timely(WRITE, seller.patch(&format!("/seller{path}/stock"), move_stock)).await.refused(503, "UNAVAILABLE");
    timely(WRITE, seller.post("/products", new_product(json!({})))).await.refused(503, "UNAVAILABLE");

    cluster.start("ordering").await;
    cluster.all_is_up().await;
    eventually(LONG, async || buyer.post("/orders", shop.checkout(1)).await.status == 201).await;
    cluster.cart_is_cleared(&buyer).await;
    cluster.sold(&shop, 1, 1).await;
}

#[tokio::test]
async fn without_identity_known_callers_and_guests_go_on() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    let stranger = cluster.stranger(&unique("stranger"));
    cluster.kill("identity");

    for _ in 0..2 {
        timely(READ, stranger.get("/cart")).await.refused(503, "UNAVAILABLE");
    }
    timely(READ, cluster.guest().get("/products")).await.expect(200);
    timely(WRITE, cluster.guest().post("/orders", shop.checkout(1))).await.expect(201);
    cluster.fill_cart(&buyer, &shop).await;
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.expect(201);
    timely(READ, buyer.get("/orders")).await.expect(200);
    cluster.cart_is_cleared(&buyer).await;
    cluster.notices("gateway", "identity", "down").await;

    cluster.start("identity").await;
    cluster.all_is_up().await;
    eventually(LONG, async || stranger.get("/cart").await.status == 200).await;
    cluster.sold(&shop, 2, 1).await;
}

#[tokio::test]
async fn without_clerk_known_keys_stay_good() {
    let changes = ["GATEWAY_KEYS_REFRESH", "GATEWAY_KEYS_COOL_DOWN"];
    let plan = changes.into_iter().fold(Plan::new(), |plan, name| plan.with(name, "100ms"));
    let cluster = plan.start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    for failing in [Failing::ServerError, Failing::Empty, Failing::Garbage, Failing::Slow(LONG)] {
        cluster.clerk.set_failing(Some(failing));
        // Fetched at least once as it is now.
        let asked = cluster.clerk.jwks_requests();
        eventually(LONG, async || cluster.clerk.jwks_requests() > asked + 1).await;
        timely(READ, buyer.get("/cart")).await.expect(200);
        timely(READ, cluster.stranger(&unique("new")).get("/cart")).await.expect(200);
    }
    cluster.clerk.rotate_keys().unwrap();
    let stranger = cluster.stranger(&unique("with-a-new-key"));
    timely(READ, stranger.get("/cart")).await.refused(401, "UNAUTHORIZED");
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.expect(201);
    assert_eq!(cluster.readiness("gateway").await["checks"]["keys"], "up");

    cluster.clerk.set_failing(None);
    eventually(LONG, async || stranger.get("/cart").await.status == 200).await;
    timely(READ, buyer.get("/cart")).await.expect(200);
}

#[tokio::test]
async fn a_service_that_hangs_delays_nobody_beyond_the_limits() {
    let redis = OwnServer::start(Kind::Redis).await;
    let cluster = Plan::new().redis_at(redis.url()).start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    for instance in ["catalog", "ordering"] {
        cluster.signal(instance, "STOP");
        timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.refused(503, "UNAVAILABLE");
        timely(READ, buyer.get("/cart/count")).await.expect(200);
        if instance == "ordering" {
            timely(READ, buyer.get("/orders")).await.refused(503, "UNAVAILABLE");
        }
        cluster.signal(instance, "CONT");
        cluster.all_is_up().await;
    }
    // What hung may have been done after all, but then wholly.
    let key = buyer.with_key(&unique("after-hanging"));
    crate::harness::insist(&key, "/orders", &shop.checkout(1)).await.expect(201);
    cluster.everything_is_heard().await;
    let done = "SELECT count(DISTINCT checkout_id) FROM orders";
    let done = crate::harness::databases::number(&cluster.databases.ordering, done).await;
    cluster.sold(&shop, done, 1).await;
}
