//! One key is one checkout, whatever is repeated when.

use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection;
use events::names::{ORDER_PLACED, STOCK_CHANGED};
use protocol::ordering::v1::PlaceOrderRequest;
use service_error::Reason;
use test_support::{customer, guest};

use crate::builders::{keyed, one_of};
use crate::harness::{OrderingTest, reason};

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED])
}

#[tokio::test]
async fn a_replay_gives_the_same_bytes_and_no_second_effect() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let request = keyed(&one_of(&soap), "key-00001", "body");
    let first = ordering.place(&buyer, request.clone()).await.unwrap();
    ordering.catalog.be_away(true);
    let again = ordering.place(&buyer, request).await.unwrap();
    assert!(!first.replayed && again.replayed && again.flipped.is_empty());
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(ordering.free(&soap.id).await, 9);
    assert_eq!(ordering.count("SELECT count(*) FROM outbox").await, 2);
}

#[tokio::test]
async fn five_twins_at_once_are_one_checkout() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let request = keyed(&one_of(&soap), "key-00001", "body");
    let twins = (0..5).map(|_| ordering.place(&buyer, request.clone()));
    let answers: Vec<_> = futures::future::join_all(twins).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.bytes == answers[0].bytes));
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert_eq!(ordering.free(&soap.id).await, 9);
}

#[tokio::test]
async fn another_body_is_refused_and_another_account_is_another_key() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let (buyer, other) = (customer(), customer());
    let mine = ordering.place(&buyer, keyed(&one_of(&soap), "key-00001", "body")).await.unwrap();
    let reused = ordering.place(&buyer, keyed(&one_of(&soap), "key-00001", "another")).await;
    assert_eq!(reason(reused), Reason::IdempotencyKeyReused);
    let theirs = ordering.place(&other, keyed(&one_of(&soap), "key-00001", "body")).await.unwrap();
    assert!(!theirs.replayed && theirs.checkout.id != mine.checkout.id);
}

#[tokio::test]
async fn a_guests_key_belongs_to_its_phone_and_repeats_its_token() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let request = keyed(&one_of(&soap), "key-00001", "body");
    let first = ordering.place(&guest(), request.clone()).await.unwrap();
    let again = ordering.place(&guest(), request.clone()).await.unwrap();
    assert!(again.replayed);
    assert_eq!((again.bytes, again.tracking_token), (first.bytes, first.tracking_token));
    let stranger = PlaceOrderRequest { customer_phone: "0666123456".to_owned(), ..request };
    let theirs = ordering.place(&guest(), stranger).await.unwrap();
    assert!(!theirs.replayed && theirs.checkout.id != first.checkout.id);
}

#[tokio::test]
async fn a_refusal_leaves_the_key_free() {
    let ordering = selling().await;
    let soap = ordering.product().stock(0).insert().await;
    let buyer = customer();
    let request = keyed(&one_of(&soap), "key-00001", "body");
    assert_eq!(reason(ordering.place(&buyer, request.clone()).await), Reason::OutOfStock);
    ordering.execute("UPDATE stock SET free = 5").await;
    assert!(!ordering.place(&buyer, request).await.unwrap().replayed);
}

#[tokio::test]
async fn a_forgotten_answer_leaves_a_key_that_was_used() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let request = keyed(&one_of(&soap), "key-00001", "body");
    ordering.place(&buyer, request.clone()).await.unwrap();
    ordering.execute("UPDATE answers SET created_at = now() - interval '25 hours'").await;
    let day = Duration::from_secs(24 * 60 * 60);
    assert_eq!(database::answers::forget_older_than(&ordering.database.pool(), day).await.unwrap(), 1);
    assert_eq!(reason(ordering.place(&buyer, request).await), Reason::IdempotencyKeyReused);
}

#[tokio::test]
async fn a_twin_of_a_frozen_request_hears_of_it_within_five_seconds() {
    let ordering = OrderingTest::start().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let mut frozen = ordering.conn().await;
    let key = format!("{}/place_order/key-00001", buyer.user_id);
    frozen
        .batch_execute(&format!("BEGIN; INSERT INTO answers (key, body_hash, answer) VALUES ('{key}', 'x', 'x')"))
        .await
        .unwrap();
    let asked_at = Instant::now();
    let refused = ordering.place(&buyer, keyed(&one_of(&soap), "key-00001", "body")).await;
    assert_eq!(reason(refused), Reason::IdempotencyInProgress);
    assert!(asked_at.elapsed() < Duration::from_secs(5), "{:?}", asked_at.elapsed());
    assert_eq!(ordering.free(&soap.id).await, 10);
}
