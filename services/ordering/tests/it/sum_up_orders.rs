//! What all sellers sold, in the terms of the seller dashboard.

use chrono::TimeDelta;
use commerce_types::Money;
use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use test_support::{admin, customer};

use crate::builders::{Product, basket};
use crate::harness::OrderingTest;

async fn sums(ordering: &OrderingTest) -> OrderSums {
    let request = ordering.by(&admin(), SumUpOrdersRequest {});
    ordering.client.clone().sum_up_orders(request).await.unwrap().into_inner()
}

async fn bring(ordering: &OrderingTest, product: &Product, quantity: i32, status: OrderStatus) {
    let order = ordering.place(&customer(), basket(&[(product, quantity)])).await.unwrap().order().id.clone();
    ordering.bring_to(&product.seller, &order, status).await;
}

fn dinars(amount: i64) -> Option<protocol::types::v1::Money> {
    Some(Money::from_dinars(amount).unwrap().into())
}

#[tokio::test]
async fn nothing_sold_is_zero_everywhere() {
    let ordering = OrderingTest::start().await;
    let nothing =
        OrderSums { revenue: dinars(0), recent_revenue: dinars(0), average_sale: dinars(0), ..Default::default() };
    assert_eq!(sums(&ordering).await, nothing);
}

#[tokio::test]
async fn revenue_is_goods_that_were_paid_and_stayed() {
    let ordering = OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED]);
    let soap = ordering.product().price(1_000).stock(100).insert().await;
    let oil = ordering.product().price(500).stock(100).insert().await;
    bring(&ordering, &soap, 4, OrderStatus::Delivered).await;
    // The first moment that is no more of the last 30 days.
    ordering.advance(TimeDelta::days(30));
    bring(&ordering, &soap, 1, OrderStatus::Delivered).await;
    bring(&ordering, &oil, 1, OrderStatus::Delivered).await;
    bring(&ordering, &oil, 9, OrderStatus::Returned).await;
    bring(&ordering, &oil, 9, OrderStatus::Cancelled).await;
    bring(&ordering, &oil, 9, OrderStatus::Pending).await;
    bring(&ordering, &oil, 9, OrderStatus::Shipped).await;
    let returned = ordering.place(&customer(), basket(&[(&soap, 7)])).await.unwrap().order().id.clone();
    ordering.bring_to(&soap.seller, &returned, OrderStatus::Delivered).await;
    ordering.move_to(&soap.seller, &returned, OrderStatus::Returned).await.unwrap();

    let expected = OrderSums {
        pending: 1,
        shipped: 1,
        delivered: 3,
        cancelled: 1,
        returned: 2,
        revenue: dinars(5_500),
        recent_revenue: dinars(1_500),
        // 5500 by three sales.
        average_sale: Some(Money::from_centimes(183_333).unwrap().into()),
        ..Default::default()
    };
    assert_eq!(sums(&ordering).await, expected);
    ordering.advance(TimeDelta::days(29));
    assert_eq!(sums(&ordering).await.recent_revenue, dinars(1_500));
    ordering.advance(TimeDelta::days(1));
    assert_eq!(sums(&ordering).await.recent_revenue, dinars(0));
}
