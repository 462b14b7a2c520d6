//! A process that dies at an exact point, as `kill -9` would do it: this binary starts itself again as that process.

use std::process::{Command, Stdio};

use fail::FailScenario;
use test_support::eventually;
use tokio::process;
use uuid::Uuid;

use crate::harness::{Heard, Market, SOON};

const ORDER: Uuid = Uuid::from_u128(1);

/// The test `name` of this binary in a process of its own, with the crash point armed.
fn process(point: &str, name: &str, market: &Market) -> process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("FAILPOINTS", format!("{point}=return"))
        .env("TEST_DATABASE_URL", market.database.url())
        .env("TEST_BROKER_URL", market.broker.url())
        .env("TEST_BROKER_PREFIX", market.broker.prefix())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    process::Command::from(command).kill_on_drop(true).spawn().unwrap()
}

/// Runs such a process until it dies at the crash point.
async fn dies_at(point: &str, name: &str, market: &Market) {
    let mut child = process(point, name, market);
    let status = tokio::time::timeout(SOON, child.wait()).await.expect("it dies").unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(6), "{status}");
}

#[expect(clippy::disallowed_methods, reason = "how the test tells its process")]
fn told(name: &str) -> String {
    std::env::var(name).unwrap()
}

fn pool_and_broker() -> (database::Pool, events::Broker) {
    let config = database::Config::new(told("TEST_DATABASE_URL"), "test").with_pool_size(3);
    let broker = events::Broker::new(told("TEST_BROKER_URL"), told("TEST_BROKER_PREFIX"));
    (database::Pool::new(config).unwrap(), broker)
}

#[tokio::test]
#[ignore = "a process of the tests below"]
async fn relaying_process() {
    let _scenario = FailScenario::setup();
    let (pool, broker) = pool_and_broker();
    events::Relay::new("test", pool, broker).run(Default::default()).await.unwrap();
}

#[tokio::test]
#[ignore = "a process of the tests below"]
async fn consuming_process() {
    let _scenario = FailScenario::setup();
    let (pool, broker) = pool_and_broker();
    events::Consumer::new(events::Queue::Cart, pool, broker, Heard::default()).run(Default::default()).await.unwrap();
}

#[tokio::test]
async fn a_relay_that_dies_before_it_publishes_loses_nothing() {
    let market = Market::new().await;
    market.say(ORDER, 0..50).await;
    dies_at("relay_before_publish", "crash_points::relaying_process", &market).await;
    assert_eq!(market.unsent().await, 50);
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    assert_eq!(market.hears(50).await, (0..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_relay_that_dies_after_it_published_is_heard_once() {
    let market = Market::new().await;
    market.say(ORDER, 0..50).await;
    dies_at("relay_after_publish_before_mark", "crash_points::relaying_process", &market).await;
    assert_eq!(market.unsent().await, 50, "published, not marked");
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    market.say(ORDER, [50]).await;
    // The last one comes after all repetitions.
    assert_eq!(market.hears(51).await, (0..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_consumer_that_dies_before_it_acknowledges_applies_once() {
    let market = Market::new().await;
    let _relay = market.relay();
    market.say(ORDER, 0..50).await;
    market.all_is_sent().await;
    dies_at("consumer_after_commit_before_ack", "crash_points::consuming_process", &market).await;
    let applied = market.heard().await.len();
    assert!(applied > 0, "it died after a commit");
    let handler = Heard::default();
    let _consumer = market.consumer(handler.clone());
    market.say(ORDER, [50]).await;
    assert_eq!(market.hears(51).await, (0..=50).collect::<Vec<_>>());
    eventually(SOON, async || handler.committed() == 51 - applied).await;
}

#[tokio::test]
async fn a_relay_that_froze_loses_its_lock() {
    let market = Market::new().await;
    market.say(ORDER, 0..10).await;
    let mut child = process("none", "crash_points::relaying_process", &market);
    market.all_is_sent().await;
    let signal = async |name: &str| {
        let pid = child.id().unwrap().to_string();
        assert!(process::Command::new("kill").args([name, &pid]).status().await.unwrap().success());
    };
    signal("-STOP").await;
    market.say(ORDER, 10..20).await;
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    market.hears(20).await;
    signal("-CONT").await;
    market.say(ORDER, 20..30).await;
    assert_eq!(market.hears(30).await, (0..30).collect::<Vec<_>>());
    child.kill().await.unwrap();
}
