//! What a seller has to finish.

use access_token::{Account, Caller};
use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use service_error::Reason;
use test_support::{customer, pending_seller, seller};

use crate::builders::one_of;
use crate::harness::{OrderingTest, refusal};

async fn open(ordering: &OrderingTest, by: &Account) -> i64 {
    let request = ordering.by(by, CountOpenOrdersRequest {});
    ordering.client.clone().count_open_orders(request).await.unwrap().into_inner().open_orders
}

#[tokio::test]
async fn orders_are_open_until_they_are_delivered_cancelled_or_returned() {
    let ordering = OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED]);
    let soap = ordering.product().stock(50).insert().await;
    let other = ordering.product().stock(50).insert().await;
    let buyer = customer();
    for status in [
        OrderStatus::Pending,
        OrderStatus::Confirmed,
        OrderStatus::Processing,
        OrderStatus::Shipped,
        OrderStatus::Delivered,
        OrderStatus::Cancelled,
        OrderStatus::Returned,
    ] {
        let bought = ordering.place(&buyer, one_of(&soap)).await.unwrap();
        ordering.bring_to(&soap.seller, &bought.order().id, status).await;
    }
    ordering.place(&buyer, one_of(&other)).await.unwrap();
    assert_eq!(open(&ordering, &soap.seller).await, 4);
    assert_eq!(open(&ordering, &other.seller).await, 1);
    // Also while it may not sell; and nobody hears of somebody else's.
    let pending = Account { approval: pending_seller().approval, ..soap.seller.clone() };
    assert_eq!(open(&ordering, &pending).await, 4);
    assert_eq!((open(&ordering, &buyer).await, open(&ordering, &seller()).await), (0, 0));
}

#[tokio::test]
async fn only_accounts_have_orders_to_finish() {
    let ordering = OrderingTest::start().await;
    for (caller, code) in [(Caller::GUEST, Reason::Unauthorized), (Caller::service("identity"), Reason::Forbidden)] {
        let request = ordering.by(&caller, CountOpenOrdersRequest {});
        assert_eq!(refusal(ordering.client.clone().count_open_orders(request).await.unwrap_err()).reason, code);
    }
}
