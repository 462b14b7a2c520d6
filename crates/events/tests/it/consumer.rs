use std::time::Duration;

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use events::ConsumerSettings;
use test_support::eventually;
use uuid::Uuid;

use crate::harness::{Heard, Market, SOON};

const ORDER: Uuid = Uuid::from_u128(1);

fn quick() -> ConsumerSettings {
    ConsumerSettings { retry_at_most: Duration::from_millis(100), ..ConsumerSettings::default() }
}

#[tokio::test]
async fn an_event_that_is_published_again_changes_nothing() {
    let market = Market::new().await;
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    market.say(ORDER, 0..50).await;
    market.hears(50).await;
    market.all_is_sent().await;
    let again = "UPDATE outbox SET sent_at = NULL";
    diesel::sql_query(again).execute(&mut market.database.conn().await).await.unwrap();
    market.all_is_sent().await;
    market.say(ORDER, [50]).await;
    assert_eq!(market.hears(51).await, (0..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn while_something_needed_is_away_nothing_is_counted() {
    let market = Market::new().await;
    let handler = Heard::default();
    handler.set_away(true);
    let (_relay, _consumer) = (market.relay(), market.consumer_with(handler.clone(), quick()));
    market.say(ORDER, 0..10).await;
    eventually(SOON, async || handler.calls() > 20).await;
    handler.set_away(false);
    assert_eq!(market.hears(10).await, (0..10).collect::<Vec<_>>());
    assert_eq!(market.dead().await, 0);
}

#[tokio::test]
async fn a_lock_that_is_not_given_is_waited_for() {
    let market = Market::new().await;
    let mut other = market.database.conn().await;
    other.batch_execute("BEGIN; LOCK TABLE heard IN EXCLUSIVE MODE").await.unwrap();
    let handler = Heard::default();
    let (_relay, _consumer) = (market.relay(), market.consumer_with(handler.clone(), quick()));
    market.say(ORDER, 0..10).await;
    // Its lock time-out is half a second; ours is the patience to see some.
    eventually(SOON, async || {
        other.batch_execute("SELECT 1").await.unwrap();
        handler.calls() > 4
    })
    .await;
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(market.hears(10).await, (0..10).collect::<Vec<_>>());
    assert_eq!(market.dead().await, 0);
}

#[tokio::test]
async fn a_consumer_that_stops_leaves_the_rest_to_the_next() {
    let market = Market::new().await;
    market.say(ORDER, 0..2_000).await;
    let relay = market.relay();
    let first = market.consumer(Heard::default());
    market.hears(50).await;
    first.stop().await.unwrap();
    let second = market.consumer(Heard::default());
    let heard = market.hears(2_000).await;
    assert!(heard.iter().copied().eq(0..2_000), "{heard:?}");
    second.stop().await.unwrap();
    relay.stop().await.unwrap();
    assert_eq!(market.dead().await, 0);
}

#[tokio::test]
async fn of_two_consumers_one_works_and_the_other_takes_over() {
    let market = Market::new().await;
    let (one, two) = (Heard::default(), Heard::default());
    let _relay = market.relay();
    let first = market.consumer(one.clone());
    market.say(ORDER, [0]).await;
    market.hears(1).await;
    let _second = market.consumer(two.clone());
    market.say(ORDER, 1..100).await;
    market.hears(100).await;
    assert_eq!((one.committed(), two.committed()), (100, 0));
    first.kill().await;
    market.say(ORDER, 100..200).await;
    assert_eq!(market.hears(200).await, (0..200).collect::<Vec<_>>());
    assert_eq!(two.committed(), 100);
}
