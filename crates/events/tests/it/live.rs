use std::time::Duration;

use diesel_async::{AsyncConnection, RunQueryDsl};
use events::live::{Item, Reader};
use events::{Event, names};
use tokio::time::timeout;
use uuid::Uuid;

use crate::harness::{Market, SOON};

const USER: Uuid = Uuid::from_u128(1);

async fn next(reader: &mut Reader) -> Item {
    timeout(SOON, reader.next()).await.expect("something arrives").unwrap()
}

async fn number(reader: &mut Reader) -> u64 {
    match next(reader).await {
        Item::Event(event) => event.decode().unwrap(),
        Item::Gap => panic!("a gap"),
    }
}

#[tokio::test]
async fn every_reader_hears_all_from_when_it_attached() {
    let market = Market::new().await;
    let _relay = market.relay();
    market.say_named(names::USER_CHANGED, USER, 0..10).await;
    market.all_is_sent().await;

    let mut readers = [Reader::new(market.broker.broker()), Reader::new(market.broker.broker())];
    for reader in &mut readers {
        assert!(!reader.is_up());
        reader.attach().await.unwrap();
        assert!(reader.is_up());
    }
    market.say_named(names::USER_CHANGED, USER, 10..200).await;
    for reader in &mut readers {
        for expected in 10..200 {
            assert_eq!(number(reader).await, expected);
        }
    }
}

#[tokio::test]
async fn what_is_published_again_is_heard_once() {
    let market = Market::new().await;
    let _relay = market.relay();
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    market.say_named(names::STOCK_SHOWN, USER, 0..20).await;
    market.all_is_sent().await;
    let again = "UPDATE outbox SET sent_at = NULL";
    diesel::sql_query(again).execute(&mut market.database.conn().await).await.unwrap();
    market.all_is_sent().await;
    market.say_named(names::STOCK_SHOWN, USER, [20]).await;
    for expected in 0..=20 {
        assert_eq!(number(&mut reader).await, expected);
    }
}

#[tokio::test]
async fn what_is_not_for_clients_is_not_on_the_stream() {
    let market = Market::new().await;
    let _relay = market.relay();
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    market.say_named(names::STOCK_CHANGED, USER, [1]).await;
    market.say_named(names::IDENTITY_ADMIN_ACTION, USER, [2]).await;
    market.say_named(names::SESSION_ENDED, USER, [3]).await;
    assert_eq!(number(&mut reader).await, 3);
}

#[tokio::test]
async fn a_dropped_call_loses_nothing() {
    let market = Market::new().await;
    let _relay = market.relay();
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    market.say_named(names::USER_CHANGED, USER, 0..300).await;
    let mut heard = Vec::new();
    while heard.len() < 300 {
        if let Ok(item) = timeout(Duration::from_micros(200), reader.next()).await {
            let Item::Event(event) = item.unwrap() else { panic!("a gap") };
            heard.push(event.decode::<u64>().unwrap());
        }
    }
    assert_eq!(heard, (0..300).collect::<Vec<_>>());
}

/// Each segment is 50 MB and begins with a record that is nobody's event.
#[tokio::test]
async fn a_new_segment_is_no_gap() {
    const EVENTS: usize = 900;
    let market = Market::new().await;
    let _relay = market.relay();
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    let large = vec![0_u8; 64_000];
    for _ in 0..EVENTS / 100 {
        let events: Vec<Event> = (0..100).map(|_| Event::new(names::USER_CHANGED, USER, &large)).collect();
        let mut conn = market.database.conn().await;
        conn.transaction(async |conn| events::write(conn, &events).await).await.unwrap();
    }
    for heard in 0..EVENTS {
        let item = next(&mut reader).await;
        assert!(matches!(item, Item::Event(_)), "{item:?} after {heard}");
    }
}

#[tokio::test]
async fn a_stream_that_began_anew_is_a_gap() {
    let market = Market::new().await;
    let relay = market.relay();
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    market.say_named(names::USER_CHANGED, USER, 0..5).await;
    for expected in 0..5 {
        assert_eq!(number(&mut reader).await, expected);
    }
    relay.stop().await.unwrap();
    market.broker.delete_all().await.unwrap();
    market.broker.declare().await.unwrap();
    let _relay = market.relay();
    // The reader goes to offset 4 of a stream that has none yet.
    let said = async {
        market.say_named(names::USER_CHANGED, USER, 5..10).await;
        market.all_is_sent().await;
    };
    let (item, ()) = tokio::join!(next(&mut reader), said);
    assert!(matches!(item, Item::Gap), "{item:?}");
    let first = number(&mut reader).await;
    assert!(first >= 5, "{first}");
    for expected in first + 1..10 {
        assert_eq!(number(&mut reader).await, expected);
    }
}

#[tokio::test]
async fn a_silent_stream_that_began_anew_is_a_gap_too() {
    let market = Market::new().await;
    let relay = market.relay();
    let mut reader = Reader::new(market.broker.broker());
    reader.attach().await.unwrap();
    market.say_named(names::USER_CHANGED, USER, 0..5).await;
    for expected in 0..5 {
        assert_eq!(number(&mut reader).await, expected);
    }
    relay.stop().await.unwrap();
    market.broker.delete_all().await.unwrap();
    market.broker.declare().await.unwrap();
    let item = next(&mut reader).await;
    assert!(matches!(item, Item::Gap), "{item:?}");
    // It hears the new stream from then on, however far it had come in the old one.
    let _relay = market.relay();
    market.say_named(names::USER_CHANGED, USER, 5..8).await;
    for expected in 5..8 {
        assert_eq!(number(&mut reader).await, expected);
    }
}
