//! A COMMIT whose answer was lost: what was done is found and said, never done twice.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::{ChangeStockRequest, OrderStatus, change_stock_request::Change};
use test_support::{Hop, customer, guest};

use crate::builders::{basket, keyed};
use crate::harness::OrderingTest;

async fn selling(hop: &Hop) -> OrderingTest {
    OrderingTest::start_behind(hop).await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

#[tokio::test]
async fn a_checkout_with_and_without_a_key() {
    let hop = Hop::new().await;
    let ordering = selling(&hop).await;
    for with_key in [true, false] {
        let soap = ordering.product().stock(2).insert().await;
        let (buyer, request) = (customer(), basket(&[(&soap, 2)]));
        // Copies of accounts are written first, in a transaction of their own.
        let warm = ordering.product().of(&soap.seller).insert().await;
        ordering.place(&buyer, basket(&[(&warm, 1)])).await.unwrap();
        let before = ordering.count("SELECT count(*) FROM orders").await;
        hop.arm();
        let request = if with_key { keyed(&request, "key-00001", "body") } else { request };
        let placed = ordering.place(&buyer, request).await.unwrap();
        assert!(!hop.is_armed() && !placed.replayed);
        assert_eq!(placed.flipped, std::slice::from_ref(&soap.id));
        assert_eq!(ordering.count("SELECT count(*) FROM orders").await, before + 1);
        assert_eq!(ordering.order(&buyer, &placed.order().id).await.unwrap(), *placed.order());
        assert_eq!(ordering.free(&soap.id).await, 0);
    }
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn a_cancellation() {
    let hop = Hop::new().await;
    let ordering = selling(&hop).await;
    let soap = ordering.product().stock(2).insert().await;
    let placed = ordering.place(&guest(), basket(&[(&soap, 2)])).await.unwrap();
    hop.arm();
    let cancelled = ordering.cancel(&soap.seller, &placed.order().id).await.unwrap();
    assert!(!hop.is_armed());
    assert_eq!(cancelled.flipped_product_ids, std::slice::from_ref(&soap.id));
    assert_eq!(cancelled.order.unwrap().status(), OrderStatus::Cancelled);
    assert_eq!(ordering.free(&soap.id).await, 2);
    assert_eq!(ordering.history(&soap.seller, &placed.order().id).await.len(), 2);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn a_move_of_stock() {
    let hop = Hop::new().await;
    let ordering = selling(&hop).await;
    let soap = ordering.product().stock(2).insert().await;
    let request = ChangeStockRequest {
        product_id: soap.id.clone(),
        seller_id: soap.seller.user_id.to_string(),
        change: Some(Change::Delta(5)),
        ..Default::default()
    };
    hop.arm();
    let moved = ordering.client.clone().change_stock(ordering.by(&soap.seller, request)).await.unwrap().into_inner();
    assert!(!hop.is_armed());
    assert_eq!((moved.free, moved.version), (7, 2));
    assert_eq!(ordering.free(&soap.id).await, 7);
    ordering.assert_ledger_adds_up().await;
}
