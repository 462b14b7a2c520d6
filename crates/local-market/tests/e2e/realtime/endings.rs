//! 7.6: what the server ends, inside its times, and what nobody hears after it (R2, SEC-60).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures::future::join_all;
use local_market::clerk::WebhookRequest;
use serde_json::json;

use super::{id_of, join, options, order, socket, step};
use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{Market, eventually};

/// What is revoked is gone by then.
const GONE: Duration = Duration::from_secs(5);
const BY_THE_SERVER: &str = "io server disconnect";

async fn end_in_time(sockets: &[&Socket<'_>]) {
    let began = Instant::now();
    for socket in sockets {
        assert_eq!(socket.disconnected().await, BY_THE_SERVER);
    }
    assert!(began.elapsed() < GONE, "after {:?}", began.elapsed());
}

#[tokio::test]
async fn sockets_end_with_their_account_and_their_session() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let (amina, rym, gone) = (market.user("amina").await, market.user("rym").await, market.user("gone").await);
    let bystander = socket(&sockets, &market, &rym).await;

    // Switched off.
    let banned = [socket(&sockets, &market, &amina).await, socket(&sockets, &market, &amina).await];
    let polling = json!({ "transports": ["polling"], "auth": { "token": amina.token() } });
    let polled = sockets.open(&market.url(), polling).connected().await;
    market.change_account(&amina, json!({ "is_active": false })).await;
    end_in_time(&[&banned[0], &banned[1], &polled]).await;
    assert_eq!(sockets.open(&market.url(), options(&amina)).refused().await, "ACCOUNT_DISABLED");

    // Deleted.
    let deleted = socket(&sockets, &market, &gone).await;
    gone.delete("/users/me").await.expect(200);
    end_in_time(&[&deleted]).await;
    assert_eq!(sockets.open(&market.url(), options(&gone)).refused().await, "UNAUTHORIZED");

    // Signed out: only what that session opened.
    let request = market.token_request("lina").with("sid", "sess_2anotherSessionOfTheSameUser00");
    let lina = market.user("lina").await;
    let elsewhere = lina.with_token(Some(&market.clerk.token(&request)));
    let (here, there) = (socket(&sockets, &market, &lina).await, socket(&sockets, &market, &elsewhere).await);
    market.webhook(&WebhookRequest::new("session.ended", json!({})).about("lina")).await.expect(200);
    end_in_time(&[&here]).await;
    assert_eq!(sockets.open(&market.url(), options(&lina)).refused().await, "UNAUTHORIZED", "the token lives on");
    there.is_even().await;
    bystander.is_even().await;
    assert!(there.told("disconnect").is_empty() && bystander.told("disconnect").is_empty());
}

#[tokio::test]
async fn who_loses_a_right_leaves_the_rooms_without_a_word() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let (amina, admin) = (market.user("amina").await, market.admin("amel").await);
    let helper = market.admin("helper").await;
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let orders = join_all((0..20).map(|_| order(&amina, &pot))).await;
    let orders: Vec<String> = orders.iter().map(id_of).collect();

    let of_seller = socket(&sockets, &market, &seller).await;
    join(&of_seller, "seller:subscribe", &seller.id).await;
    join(&of_seller, "order:subscribe", &orders[19]).await;
    let of_helper = socket(&sockets, &market, &helper).await;
    for order in &orders[..19] {
        eventually(GONE, async || of_helper.ask("order:subscribe", json!([order])).await["ok"] == true).await;
    }
    let of_buyer = socket(&sockets, &market, &amina).await;

    let seen = |socket: &Socket<'_>| socket.events("order:status-updated").len();
    step(&admin, &orders[0], "confirmed").await;
    of_seller.event("order:status-updated", 1).await;
    of_helper.event("order:status-updated", 1).await;
    market.change_account(&seller, json!({ "approval": "pending" })).await;
    market.change_account(&helper, json!({ "role": "customer" })).await;
    let began = Instant::now();
    let mut next = orders[1..].iter();
    loop {
        let before = (seen(&of_seller), seen(&of_helper), seen(&of_buyer));
        step(&admin, next.next().unwrap(), "confirmed").await;
        of_buyer.event("order:status-updated", before.2 + 1).await;
        of_seller.is_even().await;
        of_helper.is_even().await;
        if (seen(&of_seller), seen(&of_helper)) == (before.0, before.1) {
            break;
        }
        assert!(began.elapsed() < GONE, "still told after {:?}", began.elapsed());
    }
    // The order that it serves is still its own to read.
    step(&admin, &orders[19], "confirmed").await;
    let told =
        async || of_seller.events("order:status-updated").iter().any(|said| said["orderId"] == orders[19].as_str());
    eventually(GONE, told).await;
    assert!(of_seller.told("disconnect").is_empty() && of_helper.told("disconnect").is_empty());
    assert_eq!(of_seller.ask("seller:subscribe", json!([])).await["code"], "SELLER_NOT_APPROVED");
}

#[tokio::test]
async fn a_socket_that_is_too_old_ends() {
    let market = Market::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("GATEWAY_REALTIME_LIFE", "2s")]).await;
    let sockets = Sockets::start();
    let old = socket(&sockets, &market, &market.guest()).await;
    let began = Instant::now();
    assert_eq!(old.disconnected().await, BY_THE_SERVER);
    assert!(began.elapsed() < GONE);
}

#[tokio::test]
async fn a_gateway_that_stops_sends_its_sockets_away_one_after_the_other() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let url = market.url();
    let open = |number: usize| {
        let transports = if number.is_multiple_of(4) { "polling" } else { "websocket" };
        sockets.open(&url, json!({ "transports": [transports], "reconnectionDelay": 50 })).connected()
    };
    let all = join_all((0..20).map(open)).await;
    tokio::task::spawn_blocking(move || drop(market)).await.unwrap();
    let mut times = HashSet::new();
    for socket in &all {
        let ended = socket.tells("disconnect", 1).await;
        assert!(["transport close", "transport error"].contains(&ended["reason"].as_str().unwrap()), "{ended}");
        assert_eq!(ended["active"], true, "it does not come back by itself");
        times.insert(ended["at"].as_i64().unwrap() / 100);
        socket.tells("reconnect_attempt", 1).await;
    }
    assert!(times.len() >= 10, "all at once: {times:?}");
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    assert!(last - first < 60, "more than six seconds: {times:?}");
}
