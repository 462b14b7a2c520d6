use crate::harness::databases::SERVICES;
use crate::harness::{Kind, LONG, OwnServer, Plan, READ, eventually, insist, timely, unique};

#[tokio::test]
async fn everything_may_be_started_in_any_order() {
    let (postgres, rabbitmq, redis) =
        tokio::join!(OwnServer::start(Kind::Postgres), OwnServer::start(Kind::RabbitMq), OwnServer::start(Kind::Redis));
    let plan = SERVICES.into_iter().fold(Plan::new(), |plan, service| plan.database_at(service, postgres.url()));
    let cluster = plan.rabbitmq_at(rabbitmq.url()).redis_at(redis.url()).prepare().await;
    tokio::join!(postgres.kill9(), rabbitmq.kill9(), redis.kill9());

    // The gateway first: it answers what it can.
    cluster.start("gateway").await;
    eventually(LONG, async || cluster.readiness("gateway").await["status"] == "degraded").await;
    timely(READ, cluster.guest().get("/products")).await.refused(503, "UNAVAILABLE");
    for service in ["media", "reels", "ordering", "cart", "catalog", "identity"] {
        cluster.launch(service, &[]);
    }
    redis.start_again().await;
    cluster.notices("gateway", "redis", "up").await;
    for service in SERVICES {
        assert!(cluster.is_running(service), "{service} does not wait for its database");
        assert_eq!(cluster.readiness("gateway").await["checks"][service], "down");
    }
    // The databases last, and the broker after them.
    postgres.start_again().await;
    for service in SERVICES {
        cluster.notices("gateway", service, "up").await;
    }
    let shop = cluster.shop(10).await;
    let buyer = cluster.customer().await;
    cluster.fill_cart(&buyer, &shop).await;
    let buyer = buyer.with_key(&unique("started-early"));
    insist(&buyer, "/orders", &shop.checkout(1)).await.expect(201);
    rabbitmq.start_again().await;
    cluster.all_is_up().await;
    cluster.everything_is_heard().await;
    cluster.cart_is_cleared(&buyer).await;
    cluster.sold(&shop, 1, 1).await;
}
