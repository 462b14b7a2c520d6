//! Everybody's orders, for admins.

use access_token::{Account, Caller};
use chrono::TimeDelta;
use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use protocol::types::v1::Page;
use service_error::Reason;
use test_support::{admin, customer, guest, seller};

use crate::builders::{basket, one_of};
use crate::harness::{OrderingTest, reason, refusal};

fn all() -> ListAllOrdersRequest {
    ListAllOrdersRequest { page: Some(Page { number: 1, limit: 20 }), ..Default::default() }
}

async fn list(ordering: &OrderingTest, request: ListAllOrdersRequest) -> Vec<String> {
    let answer = ordering.client.clone().list_all_orders(ordering.by(&admin(), request)).await.unwrap().into_inner();
    assert_eq!(answer.total, answer.orders.len() as u64);
    answer.orders.into_iter().map(|order| order.id).collect()
}

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

/// The only order of a checkout.
async fn place(ordering: &OrderingTest, by: &impl crate::harness::Says, request: PlaceOrderRequest) -> String {
    ordering.place(by, request).await.unwrap().order().id.clone()
}

#[tokio::test]
async fn all_sellers_orders_are_listed_newest_first_with_both_parties() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().insert().await, ordering.product().insert().await);
    let amina = customer();
    let first = place(&ordering, &amina, one_of(&soap)).await;
    ordering.advance(TimeDelta::seconds(1));
    let second = place(&ordering, &guest(), one_of(&oil)).await;
    let request = ordering.by(&admin(), all());
    let answer = ordering.client.clone().list_all_orders(request).await.unwrap().into_inner();
    let seen: Vec<_> = answer.orders.iter().map(|order| order.id.clone()).collect();
    assert_eq!((seen, answer.total), (vec![second, first], 2));
    assert_eq!(answer.orders[0].user, None);
    assert_eq!(answer.orders[1].user.as_ref().unwrap().id, amina.user_id.to_string());
    assert_eq!(answer.orders[1].seller.as_ref().unwrap().id, soap.seller.user_id.to_string());
    assert_eq!(answer.orders[1].items.len(), 1);

    let page = |number| ListAllOrdersRequest { page: Some(Page { number, limit: 1 }), ..Default::default() };
    let second_page = ordering.by(&admin(), page(2));
    let second_page = ordering.client.clone().list_all_orders(second_page).await.unwrap().into_inner();
    assert_eq!((second_page.orders, second_page.total), (answer.orders[1..].to_vec(), 2));
}

#[tokio::test]
async fn every_filter_narrows() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().stock(50).insert().await, ordering.product().insert().await);
    let amina = customer();
    let paid = place(&ordering, &amina, one_of(&soap)).await;
    ordering.bring_to(&soap.seller, &paid, OrderStatus::Delivered).await;
    ordering.advance(TimeDelta::days(3));
    let named = PlaceOrderRequest { customer_name: "Karim Ziani".to_owned(), ..basket(&[(&oil, 2)]) };
    let other = place(&ordering, &guest(), named).await;
    let (paid, other) = (std::slice::from_ref(&paid), std::slice::from_ref(&other));

    let status = |status: OrderStatus| ListAllOrdersRequest { status: status.into(), ..all() };
    assert_eq!(list(&ordering, status(OrderStatus::Delivered)).await, paid);
    let payment = |status: PaymentStatus| ListAllOrdersRequest { payment_status: status.into(), ..all() };
    assert_eq!(list(&ordering, payment(PaymentStatus::Paid)).await, paid);
    assert_eq!(list(&ordering, payment(PaymentStatus::Pending)).await, other);
    let kind = |kind: OrderKind| ListAllOrdersRequest { kind: kind.into(), ..all() };
    assert_eq!(list(&ordering, kind(OrderKind::Retail)).await.len(), 2);
    assert_eq!(list(&ordering, kind(OrderKind::B2b)).await.len(), 0);
    let of_seller = |account: &Account| ListAllOrdersRequest { seller_id: Some(account.user_id.to_string()), ..all() };
    assert_eq!(list(&ordering, of_seller(&oil.seller)).await, other);
    assert_eq!(list(&ordering, of_seller(&seller())).await.len(), 0);
    let of_buyer = |account: &Account| ListAllOrdersRequest { user_id: Some(account.user_id.to_string()), ..all() };
    assert_eq!(list(&ordering, of_buyer(&amina)).await, paid);
    let day = |ago: i64| commerce_types::Day::of(ordering.process.clock.now() - TimeDelta::days(ago)).to_string();
    assert_eq!(list(&ordering, ListAllOrdersRequest { to_date: Some(day(3)), ..all() }).await, paid);
    assert_eq!(list(&ordering, ListAllOrdersRequest { from_date: Some(day(0)), ..all() }).await, other);
    assert_eq!(list(&ordering, ListAllOrdersRequest { search: Some("ziani".to_owned()), ..all() }).await, other);
    let both = ListAllOrdersRequest { seller_id: Some(oil.seller.user_id.to_string()), ..of_buyer(&amina) };
    assert_eq!(list(&ordering, both).await.len(), 0);
}

#[tokio::test]
async fn only_admins_see_everybodys_orders_and_sums() {
    let ordering = OrderingTest::start().await;
    for (by, expected) in [
        (Caller::Account(customer()), Reason::Forbidden),
        (Caller::Account(seller()), Reason::Forbidden),
        (Caller::service("gateway"), Reason::Forbidden),
        (guest(), Reason::Unauthorized),
    ] {
        let refused = ordering.client.clone().list_all_orders(ordering.by(&by, all())).await.map_err(refusal);
        assert_eq!(reason(refused), expected);
        let request = ordering.by(&by, SumUpOrdersRequest {});
        assert_eq!(reason(ordering.client.clone().sum_up_orders(request).await.map_err(refusal)), expected);
    }
}
