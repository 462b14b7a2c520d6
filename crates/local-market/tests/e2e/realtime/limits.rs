//! 7.5: each limit, at it and one above.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use test_support::eventually_some;
use tokio::net::TcpSocket;
use tokio::time::Interval;

use super::wire::Wire;
use super::{join, options, socket};
use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{Caller, Market, eventually};

const LONG: Duration = Duration::from_secs(30);
const LARGEST: usize = 65_536;

/// Client events no faster than they are heard: too many that are dropped end a connection.
struct Polite<'a> {
    socket: Socket<'a>,
    pace: Interval,
}

impl<'a> Polite<'a> {
    fn new(socket: Socket<'a>) -> Self {
        // Nineteen in a second.
        Self { socket, pace: tokio::time::interval(Duration::from_millis(53)) }
    }

    async fn ask(&mut self, event: &str, id: &str) -> Value {
        eventually_some(LONG, async || {
            self.pace.tick().await;
            let answer = self.socket.ask(event, json!([id])).await;
            (answer["code"] != "RATE_LIMITED").then_some(answer)
        })
        .await
    }
}

#[tokio::test]
async fn a_socket_is_in_sixty_four_rooms_at_most() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let mut products = Vec::new();
    for _ in 0..13 {
        products.extend(join_all((0..5).map(|_| market.product_id(&seller, json!({})))).await);
    }
    let mut amina = Polite::new(socket(&sockets, &market, &market.user("amina").await).await);
    for product in &products[..64] {
        assert_eq!(amina.ask("product:join", product).await["ok"], true);
    }
    assert_eq!(amina.ask("product:join", &products[64]).await["code"], "ROOM_LIMIT");
    assert_eq!(amina.ask("product:join", &products[0]).await["ok"], true, "it is in that one");
    assert_eq!(amina.ask("product:leave", &products[1]).await["ok"], true);
    assert_eq!(amina.ask("product:join", &products[64]).await["ok"], true);
}

#[tokio::test]
async fn twenty_messages_in_a_second_are_heard_and_a_flood_ends() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let quick = socket(&sockets, &market, &market.guest()).await;
    let calls: Vec<u64> = (0..21).map(|_| quick.send("ping", json!([]))).collect();
    let mut codes = Vec::new();
    for call in calls {
        let answer = quick.acknowledged(call).await;
        codes.push(answer["code"].as_str().unwrap_or("OK").to_owned());
    }
    assert_eq!(codes.iter().filter(|code| *code == "OK").count(), 20, "{codes:?}");
    assert_eq!(codes[20], "RATE_LIMITED");
    assert!(quick.told("disconnect").is_empty());

    let bystander = socket(&sockets, &market, &market.guest()).await;
    let flooding = socket(&sockets, &market, &market.guest()).await;
    for _ in 0..300 {
        flooding.emit("order:new", json!([{}]));
    }
    assert_eq!(flooding.disconnected().await, "io server disconnect");
    bystander.is_even().await;
}

#[tokio::test]
async fn an_account_has_a_hundred_sockets() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let (amina, rym) = (market.user("amina").await, market.user("rym").await);
    let all = join_all((0..100).map(|_| socket(&sockets, &market, &amina))).await;
    let one_more = sockets.open(&market.url(), options(&amina));
    assert_eq!(one_more.refused().await, "RATE_LIMITED");
    socket(&sockets, &market, &rym).await.is_even().await;
    all[0].act(json!({ "act": "disconnect" }));
    eventually(LONG, async || {
        let again = sockets.open(&market.url(), options(&amina));
        eventually(LONG, async || !again.told("connect").is_empty() || !again.told("connect_error").is_empty()).await;
        !again.told("connect").is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_frame_and_a_body_hold_so_many_bytes() {
    let market = Market::start().await;
    let filled = |length: usize| {
        let empty = "42/realtime,7[\"ping\",\"\"]";
        empty.replace("\"\"", &format!("\"{}\"", "x".repeat(length - empty.len())))
    };
    let mut wire = Wire::open(&market).await.connected().await;
    wire.say(&filled(LARGEST)).await;
    assert!(wire.text().await.unwrap().contains("VALIDATION_ERROR"));
    wire.say(&filled(LARGEST + 1)).await;
    wire.is_over().await;

    let poll = Polling::open(&market).await;
    assert_eq!(poll.post(&filled(LARGEST)).await.0, 200);
    poll.fetch("VALIDATION_ERROR").await;
    assert_eq!(poll.post(&filled(LARGEST + 1)).await.0, 413);
    assert_eq!(poll.get().await.0, 400, "its connection is over");
}

#[tokio::test]
async fn a_connection_without_a_socket_ends() {
    let market =
        Market::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("GATEWAY_REALTIME_CONNECT_WITHIN", "1s")]).await;
    let mut idle = Wire::open(&market).await;
    idle.is_over().await;
    let mut refused = Wire::open(&market).await;
    refused.say("40/realtime,{\"token\":\"nonsense\"}").await;
    assert_eq!(refused.text().await.unwrap(), "44/realtime,{\"message\":\"UNAUTHORIZED\"}");
    refused.is_over().await;
    let mut left = Wire::open(&market).await.connected().await;
    left.say("41/realtime,").await;
    left.is_over().await;
    let sockets = Sockets::start();
    let used = socket(&sockets, &market, &market.guest()).await;
    used.tells("connect", 1).await;
    eventually(LONG, async || used.ask("ping", json!([])).await["ok"] == true).await;
}

/// Changes the price of a product so often; each is an event.
async fn prices(seller: &Caller, product: &str, times: usize) {
    let path = format!("/products/{product}");
    for some in (1..=times).collect::<Vec<_>>().chunks(8) {
        let change = async |price: &usize| {
            // All want one row: who waits for it too long is told to come again.
            while seller.patch(&path, json!({ "price": 1_000 + price })).await.status != 200 {}
        };
        join_all(some.iter().map(change)).await;
    }
}

#[tokio::test]
async fn who_does_not_fetch_is_let_go_above_256_messages() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let bystander = socket(&sockets, &market, &market.guest()).await;
    join(&bystander, "product:join", &pot).await;
    let slow = Polling::open(&market).await;
    slow.post(&format!("42/realtime,1[\"product:join\",\"{pot}\"]")).await;
    slow.fetch("\"ok\":true").await;

    prices(&seller, &pot, 256).await;
    bystander.event("product:updated", 256).await;
    let mut fetched = 0;
    while fetched < 256 {
        let (status, body) = slow.get().await;
        assert_eq!(status, 200);
        fetched += body.matches("product:updated").count();
    }
    prices(&seller, &pot, 257).await;
    bystander.event("product:updated", 513).await;
    assert_eq!(slow.get().await.0, 400, "its connection is over");
    assert!(bystander.told("disconnect").is_empty());
}

#[tokio::test]
async fn who_does_not_read_is_let_go_and_delays_nobody() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    // More in all than the buffers of a connection take, in either kernel end.
    let picture = format!("https://cdn.example.com/{}.jpg", "a".repeat(1_900));
    let pot = market.product_id(&seller, json!({ "primary_image": picture })).await;
    let bystander = socket(&sockets, &market, &market.guest()).await;
    join(&bystander, "product:join", &pot).await;
    // Little fits into a small window.
    let stream = TcpSocket::new_v4().unwrap();
    stream.set_recv_buffer_size(4_096).unwrap();
    let stream = stream.connect(market.gateway()).await.unwrap();
    let mut slow = Wire::open_over(stream).await.connected().await;
    slow.say(&format!("42/realtime,1[\"product:join\",\"{pot}\"]")).await;
    while !slow.text().await.unwrap().contains("\"ok\":true") {}

    prices(&seller, &pot, 900).await;
    bystander.event("product:updated", 900).await;
    let mut read = 0;
    while let Some(_text) = slow.text().await {
        read += 1;
    }
    assert!(read < 900, "it was told everything");
    assert!(bystander.told("disconnect").is_empty());
}

/// Long polling by hand, connected as a guest.
struct Polling {
    http: reqwest::Client,
    url: String,
}

impl Polling {
    async fn open(market: &Market) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(LONG).build().unwrap();
        let url = format!("{}/socket.io/?EIO=4&transport=polling", market.url());
        let open = http.get(&url).send().await.unwrap().text().await.unwrap();
        let open: Value = serde_json::from_str(&open[1..]).unwrap();
        let polling = Self { http, url: format!("{url}&sid={}", open["sid"].as_str().unwrap()) };
        assert_eq!(polling.post("40/realtime,").await, (200, "ok".to_owned()));
        polling.fetch("40/realtime,{\"sid\"").await;
        polling
    }

    async fn get(&self) -> (u16, String) {
        let answer = self.http.get(&self.url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Fetches until something like this was there.
    async fn fetch(&self, wanted: &str) {
        eventually(LONG, async || self.get().await.1.contains(wanted)).await;
    }

    async fn post(&self, body: &str) -> (u16, String) {
        let request = self.http.post(&self.url).header("Content-Type", "text/plain;charset=UTF-8");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}
