use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use futures::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use crate::harness::{
    BROKER_START, Caller, Cluster, Kind, LONG, OwnServer, Plan, READ, RECOVERED, Shop, WRITE, eventually, insist,
    timely, unique,
};

/// Checkouts by four buyers, one after the other each, until told to stop.
struct Stream<'a> {
    cluster: &'a Cluster,
    shop: &'a Shop,
    stop: AtomicBool,
    accepted: AtomicI64,
}

impl Stream<'_> {
    async fn run(&self) -> Vec<Caller> {
        let mut buyers = Vec::new();
        for _ in 0..4 {
            buyers.push(self.cluster.customer().await);
        }
        join_all(buyers.iter().map(|buyer| self.buy(buyer))).await;
        buyers
    }

    async fn buy(&self, buyer: &Caller) {
        while !self.stop.load(Ordering::SeqCst) {
            let buyer = buyer.with_key(&unique("in-a-stream"));
            timely(WRITE, insist(&buyer, "/orders", &self.shop.checkout(1))).await.expect(201);
            self.accepted.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Waits until so many more were accepted.
    async fn goes_on(&self, checkouts: i64) {
        let wanted = self.accepted.load(Ordering::SeqCst) + checkouts;
        eventually(LONG, async || self.accepted.load(Ordering::SeqCst) >= wanted).await;
    }
}

#[tokio::test]
async fn a_stream_of_checkouts_outlives_the_death_of_the_broker() {
    let rabbitmq = OwnServer::start(Kind::RabbitMq).await;
    let cluster = Plan::new().rabbitmq_at(rabbitmq.url()).start().await;
    let shop = cluster.shop(100_000).await;
    let stream = Stream { cluster: &cluster, shop: &shop, stop: AtomicBool::new(false), accepted: AtomicI64::new(0) };
    let hurt = async {
        stream.goes_on(20).await;
        rabbitmq.kill9().await;
        stream.goes_on(20).await;
        rabbitmq.start_again().await;
        stream.goes_on(20).await;
        stream.stop.store(true, Ordering::SeqCst);
    };
    let (buyers, ()) = tokio::join!(stream.run(), hurt);
    cluster.all_is_up().await;
    cluster.everything_is_heard().await;
    cluster.sold(&shop, stream.accepted.load(Ordering::SeqCst), 1).await;
    for buyer in &buyers {
        cluster.cart_is_cleared(buyer).await;
    }
}

#[tokio::test]
async fn without_rabbitmq_everything_works_and_the_rest_comes_late() {
    let rabbitmq = OwnServer::start(Kind::RabbitMq).await;
    let cluster = Plan::new().rabbitmq_at(rabbitmq.url()).start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    cluster.fill_cart(&buyer, &shop).await;
    cluster.everything_is_heard().await;
    for round in 1..=2 {
        // Away, and then hanging.
        if round == 1 {
            rabbitmq.kill9().await
        } else {
            rabbitmq.freeze().await
        }
        cluster.notices("gateway", "rabbitmq", "down").await;
        let ready = timely(READ, cluster.guest().get("/health/ready")).await.expect(200);
        assert_eq!(ready.body["status"], "degraded");
        for path in ["/products", "/categories", "/sellers"] {
            timely(READ, cluster.guest().get(path)).await.expect(200);
        }
        timely(READ, buyer.get("/cart")).await.expect(200);
        timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.expect(201);
        // A price that was changed is seen at the gateway that changed it, events or not.
        let path = format!("/products/{}", shop.products[0]);
        let price = 2_000 + round;
        timely(WRITE, shop.sellers[0].patch(&path, json!({ "price": price }))).await.expect(200);
        assert_eq!(timely(READ, buyer.get(&path)).await.expect(200).body["price"], price);
        assert_eq!(buyer.get("/cart/count").await.body["count"], 2, "events come late");

        if round == 1 {
            rabbitmq.start_again().await
        } else {
            rabbitmq.thaw().await
        }
        cluster.all_is_up().await;
        cluster.everything_is_heard().await;
        cluster.cart_is_cleared(&buyer).await;
        cluster.sold(&shop, round, 1).await;
        cluster.fill_cart(&buyer, &shop).await;
    }
}

#[tokio::test]
async fn a_gateway_reads_on_after_the_broker_was_restarted() {
    let rabbitmq = OwnServer::start(Kind::RabbitMq).await;
    let cluster = Plan::new().and("other gateway").rabbitmq_at(rabbitmq.url()).start().await;
    let shop = cluster.shop(50).await;
    let path = format!("/products/{}", shop.products[0]);
    let reader = cluster.through("other gateway", &cluster.guest());
    let price = async || reader.get(&path).await.expect(200).body["price"].as_i64().unwrap();
    let change = async |price: i64| {
        shop.sellers[0].patch(&path, json!({ "price": price })).await.expect(200);
    };
    let mut last = price().await;
    for round in 1..=2 {
        rabbitmq.kill9().await;
        for step in 1..=5 {
            change(10_000 * round + step).await;
        }
        rabbitmq.start_again().await;
        // It never steps back, and arrives at the newest.
        eventually(BROKER_START, async || {
            let seen = price().await;
            assert!(seen >= last, "{seen} after {last}");
            last = seen;
            seen == 10_000 * round + 5
        })
        .await;
        cluster.all_is_up().await;
        // From then on it follows as before.
        change(10_000 * round + 6).await;
        let written = Instant::now();
        eventually(RECOVERED, async || price().await == 10_000 * round + 6).await;
        assert!(written.elapsed().as_millis() < 1_000, "{:?}", written.elapsed());
    }
}
