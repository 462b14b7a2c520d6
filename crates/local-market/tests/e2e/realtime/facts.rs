//! 7.3 and 7.4: what clients are told, in which shape, how often and in which order; and what nobody is told.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use test_support::eventually_some;

use super::{PERSONAL, id_of, join, order, socket, step};
use crate::harness::shapes::{exactly, is_id, is_time};
use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{Market, checkout, eventually};

const ORDER_BRIEF: &str = "id order_number kind seller_id status payment_status payment_method subtotal shipping_cost \
    total items_count tracking_number created_at updated_at";
const PRODUCT_BRIEF: &str = "id slug name brand category price original_price in_stock is_new is_promo primary_image \
    seller_id updated_at";
const LONG: Duration = Duration::from_secs(20);

pub(super) fn is_fact(said: &Value, members: &str) {
    exactly(said, &format!("{members} eventId timestamp"));
    is_id(&said["eventId"]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let timestamp = said["timestamp"].as_i64().unwrap();
    assert!((now - 60_000..=now + 1_000).contains(&timestamp), "{timestamp} is not now ({now})");
    let text = said.to_string();
    for word in PERSONAL {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn an_order_is_told_to_its_parties_alone_and_once() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let other = market.seller("maison-two", "grossiste").await;
    let (amina, rym, admin) = (market.user("amina").await, market.user("rym").await, market.admin("amel").await);
    let pot = market.product_id(&seller, json!({ "stock": 100 })).await;
    let first = id_of(&order(&amina, &pot).await);

    // In all three rooms of it: still once.
    let of_seller = socket(&sockets, &market, &seller).await;
    join(&of_seller, "seller:subscribe", &seller.id).await;
    join(&of_seller, "order:subscribe", &first).await;
    let of_buyer = socket(&sockets, &market, &amina).await;
    join(&of_buyer, "order:subscribe", &first).await;
    let of_admin = socket(&sockets, &market, &admin).await;
    join(&of_admin, "order:subscribe", &first).await;
    let spies = [socket(&sockets, &market, &rym).await, socket(&sockets, &market, &market.guest()).await];
    let other_seller = socket(&sockets, &market, &other).await;
    join(&other_seller, "seller:subscribe", &other.id).await;

    let placed = order(&amina, &pot).await;
    let is_it = |said: &Value| said["order"]["id"] == placed["orders"][0]["id"];
    let said = eventually_some(LONG, async || of_seller.events("order:new").into_iter().find(is_it)).await;
    is_fact(&said, "order");
    exactly(&said["order"], ORDER_BRIEF);
    let written = &placed["orders"][0];
    for member in [
        "id",
        "order_number",
        "seller_id",
        "kind",
        "status",
        "payment_status",
        "payment_method",
        "subtotal",
        "shipping_cost",
        "total",
        "tracking_number",
        "created_at",
        "updated_at",
    ] {
        assert_eq!(said["order"][member], written[member], "{member}");
    }
    assert_eq!(said["order"]["items_count"], 1);
    is_time(&said["order"]["updated_at"]);

    step(&seller, &first, "confirmed").await;
    for socket in [&of_seller, &of_buyer, &of_admin] {
        let said = socket.event("order:status-updated", 1).await;
        is_fact(&said, "orderId status previousStatus order");
        exactly(&said["order"], ORDER_BRIEF);
        assert_eq!(said["orderId"], first.as_str());
        assert_eq!((&said["status"], &said["previousStatus"]), (&json!("confirmed"), &json!("pending")));
        assert_eq!(said["order"]["status"], "confirmed");
    }
    let ids =
        [&of_seller, &of_buyer, &of_admin].map(|socket| socket.events("order:status-updated")[0]["eventId"].clone());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // The customer hears of an order whose room it never joined.
    amina.post(&format!("/orders/{}/cancel", id_of(&placed)), json!({})).await.expect(200);
    assert_eq!(of_buyer.event("order:status-updated", 2).await["status"], "cancelled");
    of_seller.event("order:status-updated", 2).await;
    for socket in spies.iter().chain([&other_seller, &of_admin]) {
        socket.is_even().await;
    }
    assert_eq!(of_admin.events("order:status-updated").len(), 1);
    for socket in spies.iter().chain([&other_seller]) {
        assert_eq!((socket.events("order:new"), socket.events("order:status-updated")), (vec![], vec![]));
    }
    of_seller.is_even().await;
    assert_eq!(of_seller.events("order:new").iter().filter(|said| is_it(said)).count(), 1);
    assert_eq!(of_seller.events("order:status-updated").len(), 2);
}

#[tokio::test]
async fn a_product_is_told_when_it_changes_flips_goes_and_comes() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let amina = market.user("amina").await;
    let pot = market.product_id(&seller, json!({ "stock": 3 })).await;
    let guest = socket(&sockets, &market, &market.guest()).await;
    let of_seller = socket(&sockets, &market, &seller).await;
    join(&guest, "product:join", &pot).await;
    join(&of_seller, "product:join", &pot).await;
    join(&of_seller, "seller:subscribe", &seller.id).await;
    let path = format!("/products/{pot}");

    seller.patch(&path, json!({ "price": 1234.5, "brand": "Cevital" })).await.expect(200);
    let said = guest.event("product:updated", 1).await;
    is_fact(&said, "productId action product");
    exactly(&said["product"], PRODUCT_BRIEF);
    assert_eq!((&said["productId"], &said["action"]), (&json!(pot), &json!("updated")));
    let shown = amina.get(&path).await.expect(200).body;
    for member in PRODUCT_BRIEF.split_whitespace() {
        assert_eq!(said["product"][member], shown[member], "{member}");
    }

    // Some are sold: a mere count. The rest is sold: a flip.
    amina.post("/orders", checkout(&[(&pot, 1)])).await.expect(201);
    amina.post("/orders", checkout(&[(&pot, 2)])).await.expect(201);
    let said = guest.event("product:updated", 2).await;
    is_fact(&said, "productId action product");
    assert_eq!(said["product"]["in_stock"], false);
    assert_eq!(said["product"]["price"], 1234.5);

    seller.patch(&path, json!({ "status": "archived" })).await.expect(200);
    let gone = |socket: &Socket<'_>| {
        let events = socket.events("product:updated");
        events.into_iter().find(|said| said["action"] == "removed")
    };
    eventually(LONG, async || gone(&guest).is_some() && gone(&of_seller).is_some()).await;
    let said = gone(&guest).unwrap();
    is_fact(&said, "productId action product");
    assert_eq!(said["product"], Value::Null);

    // The guest has left with it; its seller hears that it came back.
    let (of_guest, before) = (guest.events("product:updated").len(), of_seller.events("product:updated").len());
    seller.patch(&path, json!({ "status": "active" })).await.expect(200);
    let said = of_seller.event("product:updated", before + 1).await;
    assert_eq!((&said["action"], &said["product"]["id"]), (&json!("updated"), &json!(pot)));
    guest.is_even().await;
    assert_eq!(guest.events("product:updated").len(), of_guest);
    assert_eq!(guest.ask("product:join", json!([pot])).await["ok"], true);
}

#[tokio::test]
async fn many_facts_arrive_in_their_order_each_once() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let amina = market.user("amina").await;
    let pot = market.product_id(&seller, json!({ "stock": 1000 })).await;
    let of_seller = socket(&sockets, &market, &seller).await;
    join(&of_seller, "seller:subscribe", &seller.id).await;
    let polling = json!({ "transports": ["polling"], "auth": { "token": amina.token() } });
    let of_buyer = sockets.open(&market.url(), polling).connected().await;

    let orders = join_all((0..40).map(|_| order(&amina, &pot))).await;
    let orders: Vec<String> = orders.iter().map(id_of).collect();
    let steps = ["confirmed", "processing", "shipped", "delivered"];
    join_all(orders.iter().map(async |order| {
        for status in steps {
            step(&seller, order, status).await;
        }
    }))
    .await;

    let all = orders.len() * steps.len();
    for socket in [&of_seller, &of_buyer] {
        eventually(LONG, async || socket.events("order:status-updated").len() >= all).await;
        socket.is_even().await;
        let told = socket.events("order:status-updated");
        assert_eq!(told.len(), all);
        let ids: std::collections::HashSet<String> = told.iter().map(|said| said["eventId"].to_string()).collect();
        assert_eq!(ids.len(), all, "an event came twice");
        for order in &orders {
            let of_one = told.iter().filter(|said| said["orderId"] == order.as_str());
            let statuses: Vec<&str> = of_one.map(|said| said["status"].as_str().unwrap()).collect();
            assert_eq!(statuses, steps, "{order}");
        }
    }
    assert_eq!(of_seller.events("order:new").len(), orders.len());
}

#[tokio::test]
async fn a_crowd_that_joins_at_once_hears_all_of_it() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let crowd: Vec<_> = (0..200)
        .map(|_| {
            let socket = sockets.open(&market.url(), json!({ "transports": ["websocket"] }));
            let call = socket.ask_on_connect("product:join", json!([pot]));
            (socket, call)
        })
        .collect();
    for (socket, call) in &crowd {
        let answer = socket.acknowledged(*call).await;
        assert_eq!(answer["ok"], true, "{answer}");
    }
    seller.patch(&format!("/products/{pot}"), json!({ "price": 1100 })).await.expect(200);
    for (socket, _) in &crowd {
        assert_eq!(socket.event("product:updated", 1).await["product"]["price"], 1100);
    }
}
