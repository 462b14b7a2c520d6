//! Lists of both sides: order, pages, filters, search.

use access_token::Account;
use chrono::TimeDelta;
use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use protocol::types::v1::Page;
use service_error::Reason;
use test_support::{admin, customer, guest, pending_seller};

use crate::builders::{basket, one_of};
use crate::harness::{OrderingTest, reason, refusal};

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

fn all() -> ListSellerOrdersRequest {
    ListSellerOrdersRequest { page: Some(Page { number: 1, limit: 20 }), ..Default::default() }
}

async fn numbers(ordering: &OrderingTest, by: &Account, request: ListSellerOrdersRequest) -> (Vec<String>, u64) {
    let answer = ordering.client.clone().list_seller_orders(ordering.by(by, request)).await.unwrap().into_inner();
    (answer.orders.into_iter().map(|order| order.order_number).collect(), answer.total)
}

#[tokio::test]
async fn buyers_see_their_own_newest_first() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().stock(50).insert().await, ordering.product().stock(50).insert().await);
    let buyer = customer();
    let mut placed = Vec::new();
    for _ in 0..3 {
        let bought = ordering.place(&buyer, basket(&[(&soap, 1), (&oil, 2)])).await.unwrap();
        placed.extend(bought.checkout.orders);
    }
    ordering.place(&customer(), one_of(&soap)).await.unwrap();
    placed.sort_by_key(|order| {
        let at = order.created_at.unwrap();
        std::cmp::Reverse((at.seconds, at.nanos, order.id.clone()))
    });
    let list = |number, limit, status: OrderStatus| {
        let request = ListOrdersRequest { page: Some(Page { number, limit }), status: status.into() };
        let (mut client, request) = (ordering.client.clone(), ordering.by(&buyer, request));
        async move { client.list_orders(request).await.unwrap().into_inner() }
    };
    let whole = list(1, 20, OrderStatus::Unspecified).await;
    assert_eq!((whole.orders, whole.total), (placed.clone(), 6));
    let second = list(2, 4, OrderStatus::Unspecified).await;
    assert_eq!((second.orders, second.total), (placed[4..].to_vec(), 6));
    let beyond = list(9, 4, OrderStatus::Unspecified).await;
    assert_eq!((beyond.orders.len(), beyond.total), (0, 6));
    ordering.cancel(&buyer, &placed[1].id).await.unwrap();
    let cancelled = list(1, 20, OrderStatus::Cancelled).await;
    assert_eq!((cancelled.orders[0].id.clone(), cancelled.total), (placed[1].id.clone(), 1));
    assert_eq!(list(1, 20, OrderStatus::Pending).await.total, 5);
}

#[tokio::test]
async fn sellers_find_by_number_name_and_phone() {
    let ordering = selling().await;
    let soap = ordering.product().stock(50).insert().await;
    let mut numbers_of = Vec::new();
    for (name, phone) in
        [("Amîna Haddâd", "+213555123456"), ("أحمد بن علي", "+213661000042"), ("100%_sûr", "+213770000042")]
    {
        let request =
            PlaceOrderRequest { customer_name: name.to_owned(), customer_phone: phone.to_owned(), ..one_of(&soap) };
        numbers_of.push(ordering.place(&guest(), request).await.unwrap().order().order_number.clone());
    }
    let [amina, ahmed, odd] = &numbers_of[..] else { panic!() };
    let found = |text: &str| {
        let request = ListSellerOrdersRequest { search: Some(text.to_owned()), ..all() };
        let ordering = &ordering;
        let seller = &soap.seller;
        async move {
            let (mut found, total) = numbers(ordering, seller, request).await;
            assert_eq!(found.len() as u64, total);
            found.sort();
            found
        }
    };
    let sorted = |mut numbers: Vec<String>| {
        numbers.sort();
        numbers
    };
    assert_eq!(found("amina had").await, std::slice::from_ref(amina));
    assert_eq!(found("ADDA").await, std::slice::from_ref(amina));
    assert_eq!(found("احمد").await, std::slice::from_ref(ahmed));
    assert_eq!(found("0%_s").await, std::slice::from_ref(odd));
    assert_eq!(found("%%").await, Vec::<String>::new());
    assert_eq!(found(&amina.to_lowercase()).await, std::slice::from_ref(amina));
    assert_eq!(found("zst-").await, sorted(numbers_of.clone()));
    assert_eq!(found("0555 12 34 56").await, std::slice::from_ref(amina));
    assert_eq!(found("00213 0555.123.456").await, std::slice::from_ref(amina));
    assert_eq!(found("0042").await, sorted(vec![ahmed.clone(), odd.clone()]));
    assert_eq!(found("61000042").await, std::slice::from_ref(ahmed));
    assert_eq!(found("042").await, Vec::<String>::new());
    assert_eq!(found("nobody").await, Vec::<String>::new());
}

#[tokio::test]
async fn sellers_narrow_by_day_of_algiers_status_and_kind() {
    let ordering = selling().await;
    let soap = ordering.product().stock(50).insert().await;
    let first = ordering.place(&guest(), one_of(&soap)).await.unwrap().order().order_number.clone();
    ordering.advance(TimeDelta::days(3));
    let second = ordering.place(&guest(), one_of(&soap)).await.unwrap();
    let day = |from_now: i64| {
        (ordering.process.clock.now() + TimeDelta::days(from_now) + TimeDelta::hours(1)).date_naive().to_string()
    };
    let between =
        |from: Option<String>, to: Option<String>| ListSellerOrdersRequest { from_date: from, to_date: to, ..all() };
    let seller = &soap.seller;
    let list = |request| numbers(&ordering, seller, request);
    assert_eq!(list(all()).await.1, 2);
    assert_eq!(list(between(Some(day(-3)), Some(day(-3)))).await.0, std::slice::from_ref(&first));
    assert_eq!(list(between(Some(day(0)), None)).await.0, [second.order().order_number.clone()]);
    assert_eq!(list(between(None, Some(day(-4)))).await.1, 0);
    let status = |status: OrderStatus| ListSellerOrdersRequest { status: status.into(), ..all() };
    ordering.bring_to(seller, &second.order().id, OrderStatus::Confirmed).await;
    assert_eq!(list(status(OrderStatus::Confirmed)).await.0, [second.order().order_number.clone()]);
    let kind = |kind: OrderKind| ListSellerOrdersRequest { kind: kind.into(), ..all() };
    assert_eq!(list(kind(OrderKind::Retail)).await.1, 2);
    assert_eq!(list(kind(OrderKind::B2b)).await.1, 0);

    let refused = |request| {
        let (mut client, request) = (ordering.client.clone(), ordering.by(seller, request));
        async move { client.list_seller_orders(request).await.map_err(refusal) }
    };
    for bad in [between(Some(day(0)), Some(day(-1))), between(Some("yesterday".to_owned()), None)] {
        assert_eq!(reason(refused(bad).await), Reason::ValidationError);
    }
    let bad = ListSellerOrdersRequest { search: Some("x".to_owned()), ..all() };
    assert_eq!(reason(refused(bad).await), Reason::ValidationError);
}

#[tokio::test]
async fn each_sees_its_own_side_only() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    ordering.place(&customer(), one_of(&soap)).await.unwrap();
    assert_eq!(numbers(&ordering, &admin(), all()).await.1, 0);
    assert_eq!(numbers(&ordering, &test_support::seller(), all()).await.1, 0);
    for (by, expected) in [(customer(), Reason::Forbidden), (pending_seller(), Reason::SellerNotApproved)] {
        let refused = ordering.client.clone().list_seller_orders(ordering.by(&by, all())).await.map_err(refusal);
        assert_eq!(reason(refused), expected);
    }
    let request = ListOrdersRequest { page: Some(Page { number: 1, limit: 20 }), status: 0 };
    let refused = ordering.client.clone().list_orders(ordering.by(&guest(), request)).await.map_err(refusal);
    assert_eq!(reason(refused), Reason::Unauthorized);
}
