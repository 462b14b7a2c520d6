use std::process::Command;
use std::time::Instant;

use futures::future::join_all;

use crate::harness::{Caller, Cluster, Kind, OwnServer, Plan, READ, Shop, WRITE, timely};

/// What a buyer does, each in time.
async fn works(cluster: &Cluster, buyer: &Caller, shop: &Shop) {
    for path in ["/products?category=home", "/products?search=cuivre", "/categories", "/sellers"] {
        timely(READ, cluster.guest().get(path)).await.expect(200);
    }
    let product = format!("/products/{}", shop.products[0]);
    timely(READ, buyer.get(&product)).await.expect(200);
    timely(READ, buyer.post(&format!("{product}/view"), serde_json::json!({}))).await.expect(200);
    cluster.fill_cart(buyer, shop).await;
    timely(WRITE, buyer.post("/orders", shop.checkout(1))).await.expect(201);
    cluster.cart_is_cleared(buyer).await;
    assert!(buyer.get("/orders").await.expect(200).header("x-ratelimit-remaining").is_some());
}

#[tokio::test]
async fn without_redis_everything_works() {
    let redis = OwnServer::start(Kind::Redis).await;
    let cluster = Plan::new().redis_at(redis.url()).start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    works(&cluster, &buyer, &shop).await;

    let port = redis.url().rsplit(':').next().unwrap().to_owned();
    let flushed = Command::new("redis-cli").args(["-p", &port, "FLUSHALL"]).status().unwrap();
    assert!(flushed.success());
    works(&cluster, &buyer, &shop).await;

    redis.kill9().await;
    cluster.notices("gateway", "redis", "down").await;
    works(&cluster, &buyer, &shop).await;
    let ready = buyer.get("/health/ready").await.expect(200).body;
    assert_eq!(ready["status"], "degraded", "{ready}");
    redis.start_again().await;
    cluster.all_is_up().await;
    works(&cluster, &buyer, &shop).await;

    redis.freeze().await;
    works(&cluster, &buyer, &shop).await;
    cluster.notices("gateway", "redis", "down").await;
    works(&cluster, &buyer, &shop).await;
    redis.thaw().await;
    cluster.all_is_up().await;
    works(&cluster, &buyer, &shop).await;
    cluster.everything_is_heard().await;
    cluster.sold(&shop, 7, 1).await;
}

/// Asks both gateways in turn, more often than either lets anybody, and answers how many were let in and for how many
/// places there was time to become free. None is 429 without saying how long to wait, and none waits for Redis.
async fn let_in(cluster: &Cluster, address: &str, path: &str, a_minute: usize) -> (usize, usize) {
    let guest = cluster.guest().with("X-Forwarded-For", address);
    let callers = ["gateway", "other gateway"].map(|gateway| cluster.through(gateway, &guest));
    let began = Instant::now();
    let answers = join_all((0..4 * a_minute).map(|turn| timely(READ, callers[turn % 2].get(path)))).await;
    let freed = began.elapsed().as_secs() as usize * a_minute / 60 + 1;
    let refused = answers.iter().filter(|answer| answer.status == 429);
    assert!(refused.clone().all(|answer| answer.header("retry-after").is_some()));
    (answers.len() - refused.count(), freed)
}

/// What `ask` answers about one of a net's addresses when Redis answered both gateways all the time meanwhile. On a machine
/// with other work an answer may come too late, which is a moment without Redis.
async fn undisturbed<T>(cluster: &Cluster, net: u8, ask: impl AsyncFn(String) -> T) -> T {
    for attempt in 1..=9 {
        let before = redis_failures(cluster).await;
        let answer = ask(format!("41.100.{net}.{attempt}")).await;
        if redis_failures(cluster).await == before {
            return answer;
        }
    }
    panic!("redis does not answer in time");
}

/// How often either gateway went without Redis.
async fn redis_failures(cluster: &Cluster) -> f64 {
    let mut failures = 0.0;
    for gateway in ["gateway", "other gateway"] {
        let metrics =
            cluster.http.get(cluster.private(gateway, "/metrics")).send().await.unwrap().text().await.unwrap();
        let count = metrics.lines().find_map(|line| line.strip_prefix("gateway_redis_failures_total "));
        failures += count.map_or(0.0, |count| count.parse::<f64>().unwrap());
    }
    failures
}

/// An order that nobody has, of a phone of its own for each address.
fn track(address: &str) -> String {
    let [net, host] = [2, 3].map(|part| address.split('.').nth(part).unwrap());
    format!("/guest/orders/track/05551234{net}{host}?order_number=ZST-1700000000-00000000{net}{host}")
}

/// SEC-40: with Redis the limit is one for both gateways, without it each has its own.
#[tokio::test]
async fn two_gateways_limit_with_redis_up_dead_and_hung() {
    let redis = OwnServer::start(Kind::Redis).await;
    let plan = Plan::new().redis_at(redis.url()).with("GATEWAY_RATE_LIMIT_FACTOR", "1").and("other gateway");
    let cluster = plan.start().await;
    let together = async |net: u8| {
        let ask = async |address: String| let_in(&cluster, &address, "/products", 60).await;
        let (admitted, freed) = undisturbed(&cluster, net, ask).await;
        assert!((60..=66 + freed).contains(&admitted), "together: {admitted}");
    };
    let each_alone = async |address: &str| {
        let (admitted, freed) = let_in(&cluster, address, "/products", 60).await;
        assert!((60..=2 * (60 + freed)).contains(&admitted), "each alone: {admitted}");
        // Five misses are the end of it, at each.
        let (admitted, _) = let_in(&cluster, address, &track(address), 10).await;
        assert!(admitted <= 10, "guesses, each alone: {admitted}");
    };
    together(1).await;
    let guesses = async |address: String| let_in(&cluster, &address, &track(&address), 10).await;
    let (admitted, _) = undisturbed(&cluster, 2, guesses).await;
    assert!(admitted <= 5, "guesses, together: {admitted}");

    let both_notice = async || {
        for gateway in ["gateway", "other gateway"] {
            cluster.notices(gateway, "redis", "down").await;
        }
    };
    redis.kill9().await;
    both_notice().await;
    each_alone("41.100.0.3").await;
    redis.start_again().await;
    cluster.all_is_up().await;
    together(4).await;

    redis.freeze().await;
    each_alone("41.100.0.5").await;
    // What they say of it is a moment old: only when they have said so does "up" mean that it is up again.
    both_notice().await;
    redis.thaw().await;
    cluster.all_is_up().await;
    together(6).await;
}
