//! Many buyers at once: nothing is sold twice, nobody is refused what is there, nothing dead-locks.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use futures::future::join_all;
use protocol::ordering::v1::*;
use service_error::Reason;
use test_support::{customer, guest};

use crate::builders::{Product, basket, keyed, one_of};
use crate::harness::OrderingTest;

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_buyers_share_a_hundred_units() {
    let ordering = selling().await;
    let product = ordering.product().stock(100).insert().await;
    let buyers = (0..200).map(|_| async { ordering.place(&customer(), one_of(&product)).await });
    let (placed, refused): (Vec<_>, Vec<_>) = join_all(buyers).await.into_iter().partition(Result::is_ok);
    for refusal in &refused {
        assert_eq!(refusal.as_ref().unwrap_err().reason, Reason::OutOfStock, "{refusal:?}");
    }
    assert_eq!((placed.len(), refused.len()), (100, 100));
    assert_eq!(ordering.free(&product.id).await, 0);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permuted_carts_of_buyers_who_post_three_times_never_dead_lock() {
    let ordering = selling().await;
    let mut products = Vec::new();
    for _ in 0..4 {
        products.push(ordering.product().stock(50).insert().await);
    }
    let before = dead_locks(&ordering).await;
    let buyers = (0..100).map(|number| {
        let lines: Vec<(&Product, i32)> = (0..4).map(|place| (&products[(number + place) % 4], 1)).collect();
        let mut lines = lines;
        if number % 2 == 1 {
            lines.reverse();
        }
        let request = keyed(&basket(&lines), "key-00001", "body");
        let (ordering, buyer) = (&ordering, customer());
        async move { join_all((0..3).map(|_| ordering.place(&buyer, request.clone()))).await }
    });
    let mut placed = 0;
    for answers in join_all(buyers).await {
        if answers[0].is_ok() {
            placed += 1;
            let bytes: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().bytes).collect();
            assert!(bytes.iter().all(|same| *same == bytes[0]));
        } else {
            for answer in answers {
                assert_eq!(answer.unwrap_err().reason, Reason::OutOfStock);
            }
        }
    }
    assert_eq!(placed, 50);
    for product in &products {
        assert_eq!(ordering.free(&product.id).await, 0);
    }
    assert_eq!(dead_locks(&ordering).await, before);
    ordering.assert_ledger_adds_up().await;
}

async fn dead_locks(ordering: &OrderingTest) -> i64 {
    ordering.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_moves_and_cancellations_add_up() {
    let ordering = selling().await;
    let product = ordering.product().stock(40).insert().await;
    let buyers = (0..40).map(|_| async {
        let buyer = customer();
        let bought = ordering.place(&buyer, one_of(&product)).await.unwrap();
        ordering.cancel(&buyer, &bought.order().id).await.unwrap();
    });
    let moves = (0..20).map(|_| async {
        let request = ChangeStockRequest {
            product_id: product.id.clone(),
            seller_id: product.seller.user_id.to_string(),
            change: Some(change_stock_request::Change::Delta(1)),
            ..Default::default()
        };
        ordering.client.clone().change_stock(ordering.by(&product.seller, request)).await.unwrap();
    });
    futures::join!(join_all(buyers), join_all(moves));
    assert_eq!(ordering.free(&product.id).await, 60);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_cancellations_one_wins_and_units_come_back_once() {
    let ordering = selling().await;
    let product = ordering.product().stock(3).insert().await;
    let buyer = customer();
    let bought = ordering.place(&buyer, basket(&[(&product, 3)])).await.unwrap();
    let id = &bought.order().id;
    let racing = (0..10).map(|number| {
        let by = if number % 2 == 0 { &buyer } else { &product.seller };
        ordering.cancel(by, id)
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(racing).await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 9));
    for refused in lost {
        assert_eq!(refused.unwrap_err().reason, Reason::InvalidStatusTransition);
    }
    assert_eq!(ordering.free(&product.id).await, 3);
    assert_eq!(ordering.count("SELECT count(*) FROM stock_ledger WHERE reason = 'return'").await, 1);
    assert_eq!(ordering.history(&buyer, id).await.len(), 2);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_and_a_cancellation_at_once_leave_one_story() {
    let ordering = selling().await;
    let product = ordering.product().stock(20).insert().await;
    for _ in 0..10 {
        let bought = ordering.place(&guest(), one_of(&product)).await.unwrap();
        let id = &bought.order().id;
        let (confirmed, cancelled) = futures::join!(
            ordering.move_to(&product.seller, id, OrderStatus::Confirmed),
            ordering.cancel(&product.seller, id),
        );
        let steps = i64::from(confirmed.is_ok()) + i64::from(cancelled.is_ok());
        assert!(steps >= 1);
        assert_eq!(ordering.history(&product.seller, id).await.len() as i64, 1 + steps);
        let version = ordering.count(&format!("SELECT version FROM orders WHERE id = '{id}'")).await;
        assert_eq!(version, 1 + steps);
    }
    ordering.assert_ledger_adds_up().await;
}
