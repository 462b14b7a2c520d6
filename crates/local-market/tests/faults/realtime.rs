//! Sockets at two gateways, while what is behind them dies (section 7.4 of the contract, R1 to R4).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{BROKER_START, Caller, Cluster, Kind, LONG, OwnServer, Plan, Shop, checkout, eventually};

const BOTH: [&str; 2] = ["gateway", "other gateway"];
const STEPS: [&str; 4] = ["confirmed", "processing", "shipped", "delivered"];

fn open<'a>(sockets: &'a Sockets, cluster: &Cluster, gateway: &str, caller: &Caller) -> Socket<'a> {
    let url = format!("http://{}", cluster.place(gateway).addr());
    let auth = match caller.sign() {
        Some(token) => json!({ "token": token }),
        None => json!({}),
    };
    sockets.open(&url, json!({ "transports": ["websocket"], "auth": auth, "reconnectionDelay": 100 }))
}

/// A buyer and a seller at both gateways each, the seller in its room.
async fn parties<'a>(sockets: &'a Sockets, cluster: &Cluster, buyer: &Caller, seller: &Caller) -> Vec<Socket<'a>> {
    let mut all = Vec::new();
    for gateway in BOTH {
        let of_seller = open(sockets, cluster, gateway, seller).connected().await;
        assert_eq!(of_seller.ask("seller:subscribe", json!([])).await["ok"], true);
        all.push(of_seller);
        all.push(open(sockets, cluster, gateway, buyer).connected().await);
    }
    all
}

async fn place(buyer: &Caller, product: &str) -> String {
    let placed = buyer.post("/orders", checkout(&[(product, 1)])).await.expect(201).body;
    placed["orders"][0]["id"].as_str().unwrap().to_owned()
}

async fn step(seller: &Caller, order: &str, status: &str) {
    seller.patch(&format!("/seller/orders/{order}/status"), json!({ "status": status })).await.expect(200);
}

/// All steps of these orders, of each in their order, none twice.
async fn hears_all(socket: &Socket<'_>, orders: &[String], steps: &[&str], within: Duration) {
    let of = |order: &str| -> Vec<Value> {
        let told = socket.events("order:status-updated").into_iter();
        told.filter(|said| said["orderId"] == order).collect()
    };
    eventually(within, async || orders.iter().all(|order| of(order).len() >= steps.len())).await;
    socket.is_even().await;
    for order in orders {
        let told: Vec<Value> = of(order);
        let statuses: Vec<&str> = told.iter().map(|said| said["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, steps, "{order}");
    }
    let told = socket.events("order:status-updated");
    let ids: HashSet<String> = told.iter().map(|said| said["eventId"].to_string()).collect();
    assert_eq!(ids.len(), told.len(), "an event came twice");
}

#[tokio::test]
async fn both_gateways_tell_the_same_once_without_redis_and_without_each_other() {
    let redis = OwnServer::start(Kind::Redis).await;
    let cluster = Plan::new().redis_at(redis.url()).and("other gateway").start().await;
    let sockets = Sockets::start();
    let shop = cluster.shop(1_000).await;
    let (seller, buyer) = (&shop.sellers[0], cluster.customer().await);
    let all = parties(&sockets, &cluster, &buyer, seller).await;

    let order = place(&buyer, &shop.products[0]).await;
    step(seller, &order, STEPS[0]).await;
    // In several of an event's rooms.
    assert_eq!(all[0].ask("order:subscribe", json!([order])).await["ok"], true);
    redis.kill9().await;
    for status in &STEPS[1..] {
        step(seller, &order, status).await;
    }
    for socket in &all {
        hears_all(socket, std::slice::from_ref(&order), &STEPS, LONG).await;
    }
    assert_eq!([&all[0], &all[2]].map(|socket| socket.events("order:new").len()), [1, 1]);

    // One dies: the other's sockets notice nothing, its own come to nobody yet.
    cluster.kill("other gateway");
    for socket in &all[2..] {
        socket.disconnected().await;
    }
    let order = place(&buyer, &shop.products[0]).await;
    step(seller, &order, STEPS[0]).await;
    for socket in &all[..2] {
        eventually(LONG, async || socket.events("order:status-updated").len() == 5).await;
        assert!(socket.told("disconnect").is_empty());
    }
    cluster.start("other gateway").await;
    for socket in &all[2..] {
        socket.tells("connect", 2).await;
    }
    step(seller, &order, STEPS[1]).await;
    eventually(LONG, async || all[3].events("order:status-updated").len() == 5).await;
}

#[tokio::test]
async fn what_a_dead_broker_held_back_arrives_once_and_in_order() {
    let rabbitmq = OwnServer::start(Kind::RabbitMq).await;
    let cluster = Plan::new().rabbitmq_at(rabbitmq.url()).and("other gateway").start().await;
    let sockets = Sockets::start();
    let shop = cluster.shop(1_000).await;
    let (seller, buyer) = (&shop.sellers[0], cluster.customer().await);
    let all = parties(&sockets, &cluster, &buyer, seller).await;
    let orders = join_all((0..10).map(|_| place(&buyer, &shop.products[0]))).await;
    join_all(orders.iter().map(|order| step(seller, order, STEPS[0]))).await;
    for socket in &all {
        hears_all(socket, &orders, &STEPS[..1], LONG).await;
    }
    rabbitmq.kill9().await;
    for status in &STEPS[1..3] {
        join_all(orders.iter().map(|order| step(seller, order, status))).await;
    }
    for socket in &all {
        // A socket is answered as ever.
        socket.is_even().await;
    }
    rabbitmq.start_again().await;
    join_all(orders.iter().map(|order| step(seller, order, STEPS[3]))).await;
    for socket in &all {
        hears_all(socket, &orders, &STEPS, BROKER_START).await;
        assert!(socket.told("disconnect").is_empty());
    }
}

/// How long likes and checkouts take, sorted.
async fn writes(cluster: &Cluster, shop: &Shop, reel: &str) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let buyer = cluster.customer().await;
        let like = format!("/reels/{reel}/like");
        for number in 0..8 {
            let begin = Instant::now();
            if number % 2 == 0 {
                buyer.send(Method::POST, &like, None).await.expect(200);
            } else {
                buyer.delete(&like).await.expect(200);
            }
            times.push(begin.elapsed());
        }
        for _ in 0..2 {
            let begin = Instant::now();
            buyer.post("/orders", shop.checkout(1)).await.expect(201);
            times.push(begin.elapsed());
        }
    }
    times.sort_unstable();
    times
}

#[tokio::test]
async fn a_write_waits_for_nobody_who_listens() {
    let rabbitmq = OwnServer::start(Kind::RabbitMq).await;
    let cluster = Plan::new().rabbitmq_at(rabbitmq.url()).with("GATEWAY_RATE_LIMIT_FACTOR", "100").start().await;
    let sockets = Sockets::start();
    let shop = cluster.shop(1_000).await;
    let reel = cluster.reels(1).await.remove(0);
    let readers = join_all((0..20).map(|_| open(&sockets, &cluster, "gateway", &cluster.guest()).connected())).await;
    for reader in &readers {
        assert_eq!(reader.ask("reel:join", json!([reel])).await["ok"], true);
    }
    let undisturbed = writes(&cluster, &shop, &reel).await;
    readers[0].event("reel:liked", 1).await;

    for reader in &readers {
        reader.act(json!({ "act": "pause" }));
    }
    rabbitmq.freeze().await;
    // At once, while what was under way hangs; and when it is known.
    let mut hanging = writes(&cluster, &shop, &reel).await;
    cluster.notices("gateway", "rabbitmq", "down").await;
    hanging.extend(writes(&cluster, &shop, &reel).await);
    hanging.sort_unstable();
    let [before, now] = [&undisturbed, &hanging].map(|times| times[times.len() / 2]);
    assert!(now < before * 3 + Duration::from_millis(50), "{now:?} after {before:?}");
    let [before, now] = [&undisturbed, &hanging].map(|times| times[times.len() - 1]);
    assert!(now < before * 3 + Duration::from_millis(500), "the slowest: {now:?} after {before:?}");

    rabbitmq.thaw().await;
    for reader in &readers {
        reader.act(json!({ "act": "resume" }));
    }
    // Nothing is lost: three rounds of twenty likes.
    for reader in &readers {
        eventually(BROKER_START, async || reader.events("reel:liked").len() == 60).await;
        assert!(reader.told("disconnect").is_empty());
    }
}

#[tokio::test]
async fn who_may_have_missed_something_is_sent_away_and_comes_back() {
    let cluster = Plan::new().start().await;
    let sockets = Sockets::start();
    let shop = cluster.shop(10).await;
    let (seller, buyer) = (&shop.sellers[0], cluster.customer().await);
    let readers = join_all((0..20).map(|_| open(&sockets, &cluster, "gateway", &buyer).connected())).await;
    let order = place(&buyer, &shop.products[0]).await;
    step(seller, &order, STEPS[0]).await;
    for reader in &readers {
        reader.event("order:status-updated", 1).await;
    }
    // With the stream goes what was in it; everybody declares anew what is missing.
    cluster.broker.delete_all().await.unwrap();
    for reader in &readers {
        let ended = reader.tells("disconnect", 1).await;
        assert_eq!(ended["active"], true, "it does not come back by itself: {ended}");
        reader.tells("connect", 2).await;
    }
    cluster.all_is_up().await;
    step(seller, &order, STEPS[1]).await;
    for reader in &readers {
        let told = async || reader.events("order:status-updated").iter().any(|said| said["status"] == STEPS[1]);
        eventually(LONG, told).await;
    }
}

#[tokio::test]
async fn who_cannot_be_asked_about_is_told_so() {
    let cluster = Plan::new().and("other gateway").start().await;
    let sockets = Sockets::start();
    let shop = cluster.shop(10).await;
    let buyer = cluster.customer().await;
    let order = place(&buyer, &shop.products[0]).await;
    let known = open(&sockets, &cluster, "gateway", &buyer).connected().await;
    cluster.kill("ordering");
    assert_eq!(known.ask("order:subscribe", json!([order])).await["code"], "UNAVAILABLE");
    assert_eq!(known.ask("product:join", json!([shop.products[0]])).await["ok"], true);
    cluster.kill("identity");
    let stranger = cluster.stranger("nobody-knows");
    assert_eq!(open(&sockets, &cluster, "gateway", &stranger).refused().await, "UNAVAILABLE");
    open(&sockets, &cluster, "gateway", &cluster.guest()).connected().await.is_even().await;
    // Neither makes a gateway unready.
    known.is_even().await;
    cluster.start("identity").await;
    cluster.start("ordering").await;
    eventually(LONG, async || known.ask("order:subscribe", json!([order])).await["ok"] == true).await;
}

#[tokio::test]
async fn a_gateway_that_is_told_to_stop_ends_its_sockets_and_then_itself() {
    let cluster = Plan::new().and("other gateway").start().await;
    let sockets = Sockets::start();
    let guest = cluster.guest();
    let bystander = open(&sockets, &cluster, "gateway", &guest).connected().await;
    let url = format!("http://{}", cluster.place("other gateway").addr());
    let leaving = join_all((0..30).map(|number| {
        let transport = if number % 3 == 0 { "polling" } else { "websocket" };
        sockets.open(&url, json!({ "transports": [transport] })).connected()
    }))
    .await;
    let began = Instant::now();
    cluster.signal("other gateway", "TERM");
    let status = cluster.ends("other gateway").await;
    let took = began.elapsed();
    assert!(status.success(), "{status}");
    // Spread over five seconds, and waited for by nobody after that.
    assert!((Duration::from_secs(4)..Duration::from_secs(8)).contains(&took), "it took {took:?}");
    for socket in &leaving {
        let ended = socket.tells("disconnect", 1).await;
        assert_eq!(ended["active"], true, "it does not come back by itself: {ended}");
    }
    bystander.is_even().await;
    assert!(bystander.told("disconnect").is_empty());
}
