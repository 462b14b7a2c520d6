//! Nobody hears what is not theirs (R2): in a crowd of two hundred sit a guest, another customer, another seller, somebody
//! switched off, an admin who is none any more and a session that was ended, and try what they can.

use std::time::Duration;

use futures::future::join_all;
use local_market::clerk::WebhookRequest;
use serde_json::{Value, json};

use super::{PERSONAL, id_of, join, order, socket, step};
use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{Caller, Market, eventually};

const BUYERS: usize = 8;
const CROWD: usize = 200;
/// What is revoked is gone by then.
const GONE: Duration = Duration::from_secs(5);

/// One in ten is the seller's, in its room; the others are buyers, in the room of their order.
async fn gather<'a>(
    sockets: &'a Sockets,
    market: &Market,
    seller: &Caller,
    buyers: &[(Caller, String)],
) -> (Vec<Socket<'a>>, Vec<Socket<'a>>) {
    let of_seller = join_all((0..CROWD / 10).map(async |_| {
        let of_seller = socket(sockets, market, seller).await;
        join(&of_seller, "seller:subscribe", &seller.id).await;
        of_seller
    }));
    let of_buyers = join_all((0..CROWD - CROWD / 10).map(async |number| {
        let (buyer, order) = &buyers[number % buyers.len()];
        let of_buyer = socket(sockets, market, buyer).await;
        join(&of_buyer, "order:subscribe", order).await;
        of_buyer
    }));
    tokio::join!(of_seller, of_buyers)
}

/// Guessed names, events that servers send, and objects with members that nobody asked for.
async fn try_everything(spy: &Socket<'_>, seller: &str, order: &str) {
    for argument in [json!(order), json!({ "orderId": order, "role": "admin" }), json!([order])] {
        let answer = spy.ask("order:subscribe", json!([argument])).await;
        assert_ne!(answer["ok"], true, "{argument}: {answer}");
    }
    for (name, argument) in [
        ("join", json!(format!("order:{order}"))),
        ("order:join", json!(order)),
        ("seller:subscribe", json!({ "sellerId": seller })),
        ("order:status-updated", json!({ "orderId": order, "status": "delivered" })),
        ("order:new", json!({ "order": { "id": order } })),
        ("subscribe", json!({ "room": format!("seller:{seller}") })),
    ] {
        spy.emit(name, json!([argument]));
    }
    spy.is_even().await;
}

fn heard(socket: &Socket<'_>) -> Vec<Value> {
    [socket.events("order:status-updated"), socket.events("order:new")].concat()
}

#[tokio::test]
async fn spies_in_a_crowd_hear_nothing() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let (seller, other) =
        (market.seller("maison-one", "grossiste").await, market.seller("maison-two", "grossiste").await);
    let pot = market.product_id(&seller, json!({ "stock": 1_000 })).await;
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        let buyer = market.user(&format!("buyer-{number}")).await;
        let order = id_of(&order(&buyer, &pot).await);
        buyers.push((buyer, order));
    }
    let (banned, helper) = (market.user("banned").await, market.admin("helper").await);
    let of_banned = id_of(&order(&banned, &pot).await);
    let (of_seller, of_buyers) = gather(&sockets, &market, &seller, &buyers).await;

    // Those who may hear something now, and may not in a moment.
    let request = market.token_request("buyer-0").with("sid", "sess_2anotherSessionOfTheSameUser00");
    let elsewhere = buyers[0].0.with_token(Some(&market.clerk.token(&request)));
    let (revoked, off) = (socket(&sockets, &market, &elsewhere).await, socket(&sockets, &market, &banned).await);
    join(&off, "order:subscribe", &of_banned).await;
    let demoted = socket(&sockets, &market, &helper).await;
    for (_, order) in &buyers {
        join(&demoted, "order:subscribe", order).await;
    }
    let ended = WebhookRequest::new("session.ended", json!({ "id": "sess_2anotherSessionOfTheSameUser00" }));
    market.webhook(&ended.about("buyer-0")).await.expect(200);
    market.change_account(&banned, json!({ "is_active": false })).await;
    market.change_account(&helper, json!({ "role": "customer" })).await;
    revoked.disconnected().await;
    off.disconnected().await;
    let order = &buyers[0].1;
    eventually(GONE, async || demoted.ask("order:subscribe", json!([order])).await["ok"] != true).await;

    let rym = market.user("rym").await;
    let spies = [
        socket(&sockets, &market, &market.guest()).await,
        socket(&sockets, &market, &rym).await,
        socket(&sockets, &market, &other).await,
        demoted,
    ];
    for spy in &spies {
        try_everything(spy, &seller.id, order).await;
    }
    join_all(buyers.iter().map(|(_, order)| step(&seller, order, "confirmed"))).await;
    step(&seller, &of_banned, "confirmed").await;

    for socket in &of_seller {
        socket.event("order:status-updated", BUYERS + 1).await;
    }
    for (number, socket) in of_buyers.iter().enumerate() {
        let said = socket.event("order:status-updated", 1).await;
        assert_eq!(said["orderId"], buyers[number % BUYERS].1.as_str());
    }
    for spy in &spies {
        spy.is_even().await;
    }
    for spy in spies.iter().chain([&revoked, &off]) {
        assert_eq!(heard(spy), Vec::<Value>::new());
    }
    for socket in of_seller.iter().chain(&of_buyers) {
        let heard = format!("{:?}", socket.told("event"));
        assert!(PERSONAL.iter().all(|word| !heard.contains(word)), "{heard}");
    }
    assert!(of_buyers.iter().all(|socket| heard(socket).len() == 1), "a crowd hears its own alone");
}
