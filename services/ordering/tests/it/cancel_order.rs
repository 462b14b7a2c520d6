//! Cancelling, by every party.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, ORDERING_ADMIN_ACTION, STOCK_CHANGED};
use protocol::ordering::v1::*;
use serde_json::json;
use service_error::Reason;
use test_support::{admin, customer, guest, seller};

use crate::builders::{basket, one_of};
use crate::harness::{OrderingTest, reason, refusal};

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

#[tokio::test]
async fn units_of_every_line_come_back_with_the_flip() {
    let ordering = selling().await;
    let soap = ordering.product().stock(2).insert().await;
    let comb = ordering.product().of(&soap.seller).stock(9).insert().await;
    let buyer = customer();
    let bought = ordering.place(&buyer, basket(&[(&soap, 2), (&comb, 4)])).await.unwrap();
    let request =
        CancelOrderRequest { id: bought.order().id.clone(), tracking_token: None, note: Some("Trop tard".to_owned()) };
    let cancelled = ordering.client.clone().cancel_order(ordering.by(&buyer, request)).await.unwrap().into_inner();
    assert_eq!(cancelled.flipped_product_ids, std::slice::from_ref(&soap.id));
    assert_eq!(cancelled.order.unwrap().status(), OrderStatus::Cancelled);
    assert_eq!((ordering.free(&soap.id).await, ordering.free(&comb.id).await), (2, 9));
    let entry = ordering.history(&buyer, &bought.order().id).await.pop().unwrap();
    assert_eq!((entry.actor(), entry.note.as_deref()), (Actor::Customer, Some("Trop tard")));
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn only_what_is_pending_or_confirmed() {
    let ordering = selling().await;
    let product = ordering.product().insert().await;
    let buyer = customer();
    for (from, allowed) in [
        (OrderStatus::Processing, vec!["shipped"]),
        (OrderStatus::Shipped, vec!["delivered", "returned"]),
        (OrderStatus::Cancelled, vec![]),
    ] {
        let id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
        ordering.bring_to(&product.seller, &id, from).await;
        let refused = ordering.cancel(&buyer, &id).await.unwrap_err();
        assert_eq!(refused.reason, Reason::InvalidStatusTransition, "{from:?}");
        assert_eq!(refused.details[0].extra["allowed"], json!(allowed));
    }
    let id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
    ordering.bring_to(&product.seller, &id, OrderStatus::Confirmed).await;
    assert!(ordering.cancel(&buyer, &id).await.is_ok());
}

#[tokio::test]
async fn every_party_may_and_nobody_else() {
    let ordering = selling().await.expecting([ORDERING_ADMIN_ACTION]);
    let product = ordering.product().insert().await;
    let buyer = customer();
    let by_guest = ordering.place(&guest(), one_of(&product)).await.unwrap();
    let id = by_guest.order().id.clone();
    assert_eq!(reason(ordering.cancel(&guest(), &id).await), Reason::Unauthorized);
    assert_eq!(reason(ordering.cancel(&buyer, &id).await), Reason::OrderNotFound);
    assert_eq!(reason(ordering.cancel(&seller(), &id).await), Reason::OrderNotFound);
    let with = |token: Option<String>| {
        let request = CancelOrderRequest { id: id.clone(), tracking_token: token, note: None };
        let (mut client, request) = (ordering.client.clone(), ordering.by(&guest(), request));
        async move { client.cancel_order(request).await.map_err(refusal) }
    };
    assert_eq!(reason(with(Some("x".repeat(43))).await), Reason::OrderNotFound);
    assert!(with(by_guest.tracking_token.clone()).await.is_ok());
    let actor = |id: String| {
        let (ordering, admin) = (&ordering, admin());
        async move { ordering.history(&admin, &id).await.pop().unwrap().actor() }
    };
    assert_eq!(actor(id.clone()).await, Actor::Customer);

    for (by, who) in [(product.seller.clone(), Actor::Seller), (admin(), Actor::Admin)] {
        let id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
        ordering.cancel(&by, &id).await.unwrap();
        assert_eq!(actor(id).await, who);
    }
    assert_eq!(ordering.count("SELECT count(*) FROM outbox WHERE name = 'ordering.admin_action.v1'").await, 1);
    assert_eq!(ordering.free(&product.id).await, 10);
}
