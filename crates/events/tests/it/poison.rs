use std::time::{Duration, Instant};

use events::{ConsumerSettings, Queue, dead_letters};
use test_support::eventually;
use uuid::Uuid;

use crate::harness::{Heard, Market, SOON};

const ORDER: Uuid = Uuid::from_u128(1);

#[tokio::test]
async fn a_poison_event_stands_alone_and_can_be_replayed() {
    let market = Market::new().await;
    market.say(ORDER, 0..40).await;
    let _relay = market.relay();
    market.all_is_sent().await;
    let handler = Heard::default().poisoned_by(Some(13));
    let consumer = market.consumer(handler.clone());
    let started_at = Instant::now();
    let neighbours: Vec<u64> = (0..40).filter(|number| *number != 13).collect();
    assert_eq!(market.hears(39).await, neighbours, "in order, without the poison");
    assert!(started_at.elapsed() < Duration::from_secs(5), "{:?}", started_at.elapsed());
    eventually(SOON, async || market.dead().await == 1).await;
    assert_eq!(handler.tries_alone(13), 6, "once, and five times more");

    handler.poisoned_by(None);
    assert_eq!(dead_letters::replay(&market.broker, Queue::Cart, 10).await.unwrap(), 1);
    assert_eq!(market.hears(40).await.last(), Some(&13));
    assert_eq!(market.dead().await, 0);
    assert_eq!(dead_letters::replay(&market.broker, Queue::Cart, 10).await.unwrap(), 0);
    consumer.stop().await.unwrap();
}

#[tokio::test]
async fn a_handler_that_hangs_is_cut_off() {
    let market = Market::new().await;
    market.say(ORDER, 0..10).await;
    let _relay = market.relay();
    market.all_is_sent().await;
    let handler = Heard::default().poisoned_by(Some(3)).hanging();
    let settings = ConsumerSettings { handler_timeout: Duration::from_millis(300), ..ConsumerSettings::default() };
    let _consumer = market.consumer_with(handler, settings);
    eventually(SOON, async || market.dead().await == 1).await;
    assert_eq!(market.heard().await, [0, 1, 2, 4, 5, 6, 7, 8, 9]);
}

#[tokio::test]
async fn a_replayed_event_that_was_applied_after_all_changes_nothing() {
    let market = Market::new().await;
    let _relay = market.relay();
    let handler = Heard::default().poisoned_by(Some(1));
    let _consumer = market.consumer(handler.clone());
    market.say(ORDER, [1]).await;
    eventually(SOON, async || market.dead().await == 1).await;
    handler.poisoned_by(None);
    // The same event by another way, and then from the dead letters.
    let again = "UPDATE outbox SET sent_at = NULL";
    let mut conn = market.database.conn().await;
    diesel_async::RunQueryDsl::execute(diesel::sql_query(again), &mut conn).await.unwrap();
    assert_eq!(market.hears(1).await, [1]);
    dead_letters::replay(&market.broker, Queue::Cart, 10).await.unwrap();
    market.say(ORDER, [2]).await;
    assert_eq!(market.hears(2).await, [1, 2]);
}
