use reqwest::Method;

use crate::harness::databases::number;
use crate::harness::{Caller, Cluster, Plan, Shop, insist, unique};

/// Of ordering, in the order of a checkout, with those of its relay.
const OF_ORDERING: [&str; 6] = [
    "checkout_before_catalog",
    "checkout_after_catalog",
    "checkout_before_commit",
    "checkout_after_commit",
    "relay_before_publish",
    "relay_after_publish_before_mark",
];

/// A checkout with a key while `instance` dies at `crash_point`, and what its buyer sees in the end.
async fn check_out_through_a_crash(cluster: &Cluster, buyer: &Caller, shop: &Shop, instance: &str, crash_point: &str) {
    cluster.fill_cart(buyer, shop).await;
    cluster.everything_is_heard().await;
    cluster.kill(instance);
    cluster.start_armed(instance, crash_point).await;

    let buyer_with_key = buyer.with_key(&unique("checkout-through-a-crash"));
    let body = shop.checkout(1);
    let posted = buyer_with_key.try_send(Method::POST, "/orders", Some(body.to_string()));
    let (first, status) = tokio::join!(posted, cluster.ends(instance));
    assert!(!status.success(), "{crash_point} did not kill {instance}");
    cluster.start(instance).await;
    let accepted = insist(&buyer_with_key, "/orders", &body).await.expect(201);
    if let Ok(first) = first
        && first.status == 201
    {
        assert_eq!(first.bytes, accepted.bytes, "{crash_point}");
    }
    for _ in 0..2 {
        let replayed = buyer_with_key.post("/orders", body.clone()).await.expect(201);
        assert_eq!(replayed.header("idempotency-replayed"), Some("true"), "{crash_point}");
        assert_eq!(replayed.bytes, accepted.bytes, "{crash_point}");
    }
    cluster.cart_is_cleared(buyer).await;
}

#[tokio::test]
async fn a_checkout_is_one_whatever_step_of_it_ordering_dies_at() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    for (done, crash_point) in (0_i64..).zip(OF_ORDERING) {
        check_out_through_a_crash(&cluster, &buyer, &shop, "ordering", crash_point).await;
        cluster.sold(&shop, done + 1, 1).await;
        cluster.everything_is_heard().await;
    }
    assert_eq!(buyer.get("/orders").await.expect(200).body["meta"]["total"], 2 * OF_ORDERING.len());
}

#[tokio::test]
async fn a_checkout_is_one_although_catalog_or_the_gateway_dies_while_it_is_asked() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    let crashes = [
        ("catalog", "catalog_before_answer"),
        ("gateway", "gateway_before_call"),
        ("gateway", "gateway_before_answer"),
    ];
    for (done, (instance, crash_point)) in (0_i64..).zip(crashes) {
        check_out_through_a_crash(&cluster, &buyer, &shop, instance, crash_point).await;
        cluster.sold(&shop, done + 1, 1).await;
        cluster.everything_is_heard().await;
    }
}

#[tokio::test]
async fn five_parallel_posts_with_one_key_are_one_checkout() {
    let cluster = Plan::new().and("other gateway").start().await;
    let shop = cluster.shop(50).await;
    for round in 1..=5 {
        let buyer = cluster.customer().await.with_key(&unique("five-twins"));
        let body = shop.checkout(2);
        let gateways = ["gateway", "other gateway", "gateway", "other gateway", "gateway"];
        let twins = gateways.map(|gateway| cluster.through(gateway, &buyer));
        let answers = futures::future::join_all(twins.iter().map(|twin| insist(twin, "/orders", &body))).await;
        let first = &answers[0].bytes;
        for answer in &answers {
            assert_eq!((answer.status, &answer.bytes), (201, first), "{:#}", answer.body);
        }
        let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == Some("true")).count();
        assert_eq!(replayed, 4);
        cluster.sold(&shop, round, 2).await;
    }
    cluster.everything_is_heard().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(&cluster.databases.ordering, deadlocks).await, 0);
}
