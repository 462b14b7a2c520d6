use std::time::{Duration, Instant};

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use events::{Event, RelaySettings, names};
use test_support::eventually;
use uuid::Uuid;

use crate::harness::{Heard, Market, SOON};

const ORDER: Uuid = Uuid::from_u128(1);

#[tokio::test]
async fn what_was_committed_arrives_once_and_in_order() {
    let market = Market::new().await;
    for start in [0, 400, 800] {
        market.say(ORDER, start..start + 400).await;
    }
    let relay = market.relay();
    let handler = Heard::default();
    let consumer = market.consumer(handler.clone());
    assert_eq!(market.hears(1_200).await, (0..1_200).collect::<Vec<_>>());
    market.all_is_sent().await;
    assert_eq!(handler.committed(), 1_200);
    assert!(handler.calls() < 200, "{} transactions for 1,200 events", handler.calls());
    assert!((2..=100).contains(&handler.largest_batch()), "{}", handler.largest_batch());
    relay.stop().await.unwrap();
    consumer.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_rolled_back_is_not_published() {
    let market = Market::new().await;
    let mut conn = market.database.conn().await;
    conn.batch_execute("BEGIN").await.unwrap();
    events::write(&conn, &[Event::new(names::ORDER_PLACED, ORDER, &1_u64)]).await.unwrap();
    conn.batch_execute("ROLLBACK").await.unwrap();
    market.say(ORDER, [2]).await;
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    assert_eq!(market.hears(1).await, [2]);
}

#[tokio::test]
async fn a_row_that_is_committed_late_is_not_skipped() {
    let market = Market::new().await;
    let mut late = market.database.conn().await;
    late.batch_execute("BEGIN").await.unwrap();
    events::write(&late, &[Event::new(names::ORDER_PLACED, ORDER, &1_u64)]).await.unwrap();
    market.say(ORDER, [2]).await;
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    assert_eq!(market.hears(1).await, [2]);
    late.batch_execute("COMMIT").await.unwrap();
    assert_eq!(market.hears(2).await, [2, 1]);
}

#[tokio::test]
async fn a_wake_does_not_wait_for_the_poll() {
    let market = Market::new().await;
    let slow = RelaySettings { poll: Duration::from_secs(60), ..RelaySettings::default() };
    let (_relay, waker) = market.relay_with(slow.clone());
    let _consumer = market.consumer(Heard::default());
    market.say(ORDER, [0]).await;
    waker.wake();
    // The relay is connected once the first has arrived; from then on only a wake brings the next.
    market.hears(1).await;
    market.all_is_sent().await;
    for number in 1..=3 {
        let said_at = Instant::now();
        market.say(ORDER, [number]).await;
        waker.wake();
        market.hears(usize::try_from(number).unwrap() + 1).await;
        assert!(said_at.elapsed() < Duration::from_secs(3), "{:?}", said_at.elapsed());
    }
}

#[tokio::test]
async fn of_two_relays_one_works_and_the_other_takes_over() {
    let market = Market::new().await;
    let working = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND \
                   database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut conn = market.database.conn().await;
    let first = market.relay();
    eventually(SOON, async || diesel::sql_query(working).execute(&mut conn).await.unwrap() == 1).await;
    let second = market.relay();
    let _consumer = market.consumer(Heard::default());
    market.say(ORDER, 0..100).await;
    market.hears(100).await;
    market.all_is_sent().await;
    assert_eq!(diesel::sql_query(working).execute(&mut conn).await.unwrap(), 1);

    first.kill().await;
    market.say(ORDER, 100..200).await;
    let killed_at = Instant::now();
    assert_eq!(market.hears(200).await, (0..200).collect::<Vec<_>>());
    assert!(killed_at.elapsed() < Duration::from_secs(4), "{:?}", killed_at.elapsed());
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_relay_whose_session_was_ended_starts_over() {
    let market = Market::new().await;
    let (_relay, _consumer) = (market.relay(), market.consumer(Heard::default()));
    market.say(ORDER, [1]).await;
    market.hears(1).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test relay'";
    let end = format!("{end} AND datname = current_database()");
    diesel::sql_query(end).execute(&mut market.database.conn().await).await.unwrap();
    market.say(ORDER, [2]).await;
    assert_eq!(market.hears(2).await, [1, 2]);
}

#[tokio::test]
async fn what_no_queue_hears_is_parked_with_what_follows_it() {
    let market = Market::new().await;
    let other = Uuid::from_u128(2);
    market.say_named("nobody.hears_this.v1", ORDER, [0]).await;
    let park_after = Duration::from_secs(2);
    let (_relay, _) = market.relay_with(RelaySettings { park_after, ..RelaySettings::default() });
    let _consumer = market.consumer(Heard::default());
    market.say(other, [1]).await;
    assert_eq!(market.hears(1).await, [1], "others do not wait");

    let parked = async || {
        let rows = test_support::outbox::list(&mut market.database.conn().await).await;
        rows.iter().filter(|row| row.parked_at.is_some() && row.sent_at.is_none()).count()
    };
    eventually(SOON, async || parked().await == 1).await;
    market.say(ORDER, [2]).await;
    market.say(other, [3]).await;
    assert_eq!(market.hears(2).await, [1, 3]);
    eventually(SOON, async || parked().await == 2).await;

    // What an operator does after the cause is gone.
    let free = "UPDATE outbox SET name = 'ordering.order_placed.v1', parked_at = NULL WHERE sent_at IS NULL";
    diesel::sql_query(free).execute(&mut market.database.conn().await).await.unwrap();
    assert_eq!(market.hears(4).await, [1, 3, 0, 2]);
}
