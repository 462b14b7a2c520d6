use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use reqwest::Method;
use serde_json::Value;

use crate::harness::databases::number;
use crate::harness::{Caller, Cluster, LONG, Plan, Shop, eventually, insist, unique};

const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Holds a row of stock: a checkout gets as far as its last step and stands there.
async fn hold_stock(cluster: &Cluster, shop: &Shop) -> AsyncPgConnection {
    let mut conn = cluster.databases.ordering.conn().await;
    let row = format!("BEGIN; SELECT FROM stock WHERE product_id = '{}' FOR UPDATE", shop.products[0]);
    conn.batch_execute(&row).await.unwrap();
    conn
}

/// Posts a checkout and does `harm` as soon as it stands at the held row; the post is given up then.
async fn cut(cluster: &Cluster, shop: &Shop, buyer: &Caller, body: &Value, harm: impl AsyncFnOnce()) {
    let mut held = hold_stock(cluster, shop).await;
    let stands = eventually(LONG, async || number(&cluster.databases.ordering, WAITING).await > 0);
    tokio::select! {
        answer = buyer.try_send(Method::POST, "/orders", Some(body.to_string())) => panic!("{answer:?} in between"),
        () = stands => {}
    }
    harm().await;
    held.batch_execute("ROLLBACK").await.unwrap();
}

/// The buyer comes back with the same key and gets the one checkout.
async fn comes_back(cluster: &Cluster, shop: &Shop, buyer: &Caller, body: &Value, checkouts: i64) {
    let accepted = insist(buyer, "/orders", body).await.expect(201);
    let replayed = buyer.post("/orders", body.clone()).await.expect(201);
    assert_eq!(replayed.bytes, accepted.bytes);
    assert_eq!(replayed.header("idempotency-replayed"), Some("true"));
    cluster.sold(shop, checkouts, 1).await;
    cluster.everything_is_heard().await;
    cluster.cart_is_cleared(buyer).await;
}

#[tokio::test]
async fn a_checkout_cut_off_in_its_transaction_is_one_when_the_buyer_comes_back() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    let body = shop.checkout(1);
    for round in 1..=3 {
        cluster.fill_cart(&buyer, &shop).await;
        let buyer = buyer.with_key(&unique("cut-by-the-client"));
        cut(&cluster, &shop, &buyer, &body, async || {}).await;
        comes_back(&cluster, &shop, &buyer, &body, round).await;
    }
    for (round, instance) in (4_i64..).zip(["gateway", "ordering", "catalog"]) {
        cluster.fill_cart(&buyer, &shop).await;
        let buyer = buyer.with_key(&unique("cut-by-a-kill"));
        cut(&cluster, &shop, &buyer, &body, async || cluster.kill(instance)).await;
        cluster.start(instance).await;
        comes_back(&cluster, &shop, &buyer, &body, round).await;
    }
}

#[tokio::test]
async fn an_ordering_that_hangs_lets_go_of_the_key() {
    let cluster = Plan::new().and("other ordering").start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await.with_key(&unique("hanging"));
    let body = shop.checkout(1);
    let ask_only = async |ordering: &str| {
        cluster.kill("gateway");
        let url = format!("http://{}", cluster.place(ordering).addr());
        cluster.start_with("gateway", &[("GATEWAY_ORDERING_URL", &url)]).await;
    };
    ask_only("ordering").await;
    cut(&cluster, &shop, &buyer, &body, async || cluster.signal("ordering", "STOP")).await;
    // Its locks are gone with `idle_in_transaction_session_timeout`, whoever is asked next.
    ask_only("other ordering").await;
    insist(&buyer, "/orders", &body).await.expect(201);
    cluster.signal("ordering", "CONT");
    cluster.everything_is_heard().await;
    cluster.sold(&shop, 1, 1).await;
}
