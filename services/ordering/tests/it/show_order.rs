//! Who sees an order.

use events::names::{ORDER_PLACED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use service_error::Reason;
use test_support::{admin, customer, guest, pending_seller, seller};

use crate::builders::{basket, one_of};
use crate::harness::{OrderingTest, reason, refusal};

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED])
}

#[tokio::test]
async fn its_parties_and_nobody_else() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().insert().await, ordering.product().insert().await);
    let buyer = customer();
    let bought = ordering.place(&buyer, basket(&[(&soap, 1), (&oil, 1)])).await.unwrap();
    let id = &bought.checkout.orders[0].id;
    for party in [&buyer, &soap.seller, &admin()] {
        assert_eq!(ordering.order(party, id).await.unwrap(), bought.checkout.orders[0]);
    }
    // The other seller of the same checkout is a stranger here.
    for stranger in [&customer(), &seller(), &oil.seller] {
        assert_eq!(reason(ordering.order(stranger, id).await), Reason::OrderNotFound);
    }
    assert_eq!(reason(ordering.order(&guest(), id).await), Reason::Unauthorized);
    let missing = ordering.order(&buyer, "0192f6a2-7c1e-7b3a-9f00-0123456789ab").await.unwrap_err();
    let foreign = ordering.order(&customer(), id).await.unwrap_err();
    assert_eq!((missing.reason, missing.message, missing.details), (foreign.reason, foreign.message, foreign.details));
}

#[tokio::test]
async fn a_token_opens_the_checkout_of_a_guest_and_no_other() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let (one, other) = (
        ordering.place(&guest(), one_of(&soap)).await.unwrap(),
        ordering.place(&guest(), one_of(&soap)).await.unwrap(),
    );
    let history = |id: &str, token: &Option<String>| {
        let request = GetHistoryRequest { id: id.to_owned(), tracking_token: token.clone() };
        let (mut client, request) = (ordering.client.clone(), ordering.by(&guest(), request));
        async move { client.get_history(request).await.map(|answer| answer.into_inner().entries.len()).map_err(refusal) }
    };
    assert_eq!(history(&one.order().id, &one.tracking_token).await.unwrap(), 1);
    assert_eq!(reason(history(&one.order().id, &other.tracking_token).await), Reason::OrderNotFound);
    assert_eq!(reason(history(&one.order().id, &None).await), Reason::Unauthorized);
}

#[tokio::test]
async fn a_seller_sees_its_own_on_the_sellers_side() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let bought = ordering.place(&buyer, one_of(&soap)).await.unwrap();
    let ask = |by: &access_token::Account| {
        let request = GetSellerOrderRequest { id: bought.order().id.clone() };
        let (mut client, request) = (ordering.client.clone(), ordering.by(by, request));
        async move { client.get_seller_order(request).await.map(tonic::Response::into_inner).map_err(refusal) }
    };
    assert_eq!(ask(&soap.seller).await.unwrap(), *bought.order());
    assert_eq!(ask(&admin()).await.unwrap(), *bought.order());
    assert_eq!(reason(ask(&seller()).await), Reason::OrderNotFound);
    assert_eq!(reason(ask(&pending_seller()).await), Reason::SellerNotApproved);
    assert_eq!(reason(ask(&buyer).await), Reason::Forbidden);
}
