//! A broker of its own that is killed while everything flows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use events::live::{Item, Reader};
use events::{RelaySettings, names};
use local_servers::{Kind, Server};
use test_support::{TestBroker, TestDatabase, eventually};
use uuid::Uuid;

use crate::harness::{Heard, Market};

const LONG: Duration = Duration::from_secs(90);
const ORDER: Uuid = Uuid::from_u128(1);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// A market at a broker that has been stopped well once: killed within seconds of its very first declarations,
/// RabbitMQ 3.10 forgets the keeper of its streams.
async fn market_at_its_own_broker() -> (Market, Arc<Server>) {
    let server = Arc::new(blocking(|| Server::temporary(Kind::RabbitMq).unwrap()).await);
    let broker = TestBroker::at(server.url());
    broker.declare().await.unwrap();
    let restarted = server.clone();
    blocking(move || restarted.restart().unwrap()).await;
    (Market::with(TestDatabase::new("cart").await, broker).await, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_freezes_costs_time_and_nothing_else() {
    let (market, server) = market_at_its_own_broker().await;
    let confirm_timeout = Duration::from_secs(1);
    let (_relay, _) = market.relay_with(RelaySettings { confirm_timeout, ..RelaySettings::default() });
    let _consumer = market.consumer(Heard::default());
    market.say(ORDER, 0..100).await;
    eventually(LONG, async || market.heard().await.len() == 100).await;
    let frozen = server.clone();
    blocking(move || frozen.freeze().unwrap()).await;
    market.say(ORDER, 100..300).await;
    // Longer than the relay waits for a confirm.
    let frozen_at = Instant::now();
    eventually(LONG, async || frozen_at.elapsed() > confirm_timeout * 3).await;
    assert_eq!(market.unsent().await, 200);
    let thawed = server.clone();
    blocking(move || thawed.thaw().unwrap()).await;
    eventually(LONG, async || market.heard().await.len() >= 300).await;
    eventually(LONG, async || market.unsent().await == 0).await;
    assert_eq!(market.heard().await, (0..300).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_costs_time_and_nothing_else() {
    let (market, server) = market_at_its_own_broker().await;
    let _relay = market.relay();
    let handler = Heard::default();
    let _consumer = market.consumer(handler.clone());
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    let status = reader.status();

    let reading = async {
        let mut heard = Vec::new();
        while heard.len() < 1_500 {
            match tokio::time::timeout(LONG, reader.next()).await.expect("events go on").unwrap() {
                Item::Event(event) => heard.push(event.decode::<u64>().unwrap()),
                Item::Gap => panic!("the stream lost something"),
            }
        }
        heard
    };
    let writing = async {
        market.say_named(names::ORDER_PLACED, ORDER, 0..500).await;
        eventually(LONG, async || market.heard().await.len() > 100).await;
        let killed = server.clone();
        blocking(move || killed.kill9().unwrap()).await;
        // Written while there is no broker.
        market.say_named(names::ORDER_PLACED, ORDER, 500..1_000).await;
        eventually(LONG, async || !status.is_up()).await;
        let started = server.clone();
        blocking(move || started.start_again().unwrap()).await;
        let back_at = Instant::now();
        eventually(LONG, async || market.heard().await.len() >= 1_000).await;
        eventually(LONG, async || market.unsent().await == 0).await;
        assert!(back_at.elapsed() < Duration::from_secs(30), "{:?}", back_at.elapsed());
        market.say_named(names::ORDER_PLACED, ORDER, 1_000..1_500).await;
        eventually(LONG, async || market.heard().await.len() >= 1_500).await;
    };
    let (heard, ()) = tokio::join!(reading, writing);
    let all: Vec<u64> = (0..1_500).collect();
    assert_eq!(market.heard().await, all);
    assert_eq!(heard, all);
    assert_eq!(market.dead().await, 0);
}
