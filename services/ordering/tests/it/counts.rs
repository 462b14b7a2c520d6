//! How many orders a list says that it has, which is kept and not counted: exact at every moment.

use database::totals::Totals;
use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use futures::future::join_all;
use protocol::ordering::v1::*;
use protocol::types::v1::Page;
use service_runtime::Service;
use test_support::{admin, customer};

use crate::builders::{Product, basket};
use crate::harness::OrderingTest;

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED])
}

/// One buys at both sellers, and one of the orders goes a way of its own.
async fn buy(ordering: &OrderingTest, number: usize, [soap, oil]: [&Product; 2]) {
    let buyer = customer();
    let bought = ordering.place(&buyer, basket(&[(soap, 1), (oil, 1)])).await.unwrap();
    let of_soap = |order: &&Order| order.items[0].product_id.as_deref() == Some(&soap.id);
    let order = bought.checkout.orders.iter().find(of_soap).unwrap().id.clone();
    match number % 4 {
        0 => _ = ordering.cancel(&buyer, &order).await.unwrap(),
        1 => ordering.bring_to(&soap.seller, &order, OrderStatus::Confirmed).await,
        2 => ordering.bring_to(&soap.seller, &order, OrderStatus::Delivered).await,
        _ => {}
    }
}

/// What lists say, and what is there: of all, of one seller, in each state and in each state of payment.
async fn said_and_there(ordering: &OrderingTest, seller: &str) -> Vec<(String, i64, i64)> {
    let page = Some(Page { number: 1, limit: 1 });
    let all = || ListAllOrdersRequest { page, ..Default::default() };
    let mut lists = vec![(String::from("true"), all())];
    for status in [OrderStatus::Pending, OrderStatus::Confirmed, OrderStatus::Delivered, OrderStatus::Cancelled] {
        let word = status.as_str_name().rsplit('_').next().unwrap().to_lowercase();
        lists.push((format!("status = '{word}'"), ListAllOrdersRequest { status: status.into(), ..all() }));
        let of_seller = ListAllOrdersRequest { status: status.into(), seller_id: Some(seller.to_owned()), ..all() };
        lists.push((format!("status = '{word}' AND seller_id = '{seller}'"), of_seller));
    }
    for status in [PaymentStatus::Pending, PaymentStatus::Paid] {
        let word = status.as_str_name().rsplit('_').next().unwrap().to_lowercase();
        let request = ListAllOrdersRequest { payment_status: status.into(), ..all() };
        lists.push((format!("payment_status = '{word}'"), request));
    }
    let mut seen = Vec::new();
    for (condition, request) in lists {
        let answer =
            ordering.client.clone().list_all_orders(ordering.by(&admin(), request)).await.unwrap().into_inner();
        let there = ordering.count(&format!("SELECT count(*) FROM orders WHERE {condition}")).await;
        seen.push((condition, i64::try_from(answer.total).unwrap(), there));
    }
    seen
}

/// As ordering keeps them.
const COUNTS: Totals =
    Totals { table: "order_counts", sort: "seller_id, kind, status, payment_status", total: "orders" };

async fn fold(ordering: &OrderingTest) {
    COUNTS.fold(&mut ordering.conn().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_say_how_many_there_are_while_orders_are_placed_moved_and_folded() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().stock(100).insert().await, ordering.product().stock(100).insert().await);
    let buyers = join_all((0..24).map(|number| buy(&ordering, number, [&soap, &oil])));
    let folds = async {
        for _ in 0..20 {
            fold(&ordering).await;
        }
    };
    tokio::join!(buyers, folds);
    let seen = said_and_there(&ordering, &soap.seller.user_id.to_string()).await;
    assert!(seen.iter().all(|(_, said, there)| said == there), "{seen:?}");
    assert_eq!(seen[0].1, 48);
    assert!(seen.iter().all(|(_, said, _)| *said > 0), "every list has some: {seen:?}");
    fold(&ordering).await;
    assert_eq!(said_and_there(&ordering, &soap.seller.user_id.to_string()).await, seen);
}

/// The service's own: rows of one sort become one, and the sum stays.
#[tokio::test]
async fn rows_of_one_sort_are_folded() {
    let ordering = selling().await;
    let soap = ordering.product().stock(10).insert().await;
    for _ in 0..3 {
        ordering.place(&customer(), basket(&[(&soap, 1)])).await.unwrap();
    }
    let several = "SELECT count(*) FROM order_counts";
    test_support::eventually(std::time::Duration::from_secs(60), async || ordering.count(several).await == 1).await;
    assert_eq!(ordering.count("SELECT sum(orders)::bigint FROM order_counts").await, 3);
}

#[tokio::test]
async fn a_count_that_is_wrong_is_told() {
    let ordering = OrderingTest::start_with_broker().await.expecting([ORDER_PLACED, STOCK_CHANGED]);
    let soap = ordering.product().stock(10).insert().await;
    ordering.place(&customer(), basket(&[(&soap, 1)])).await.unwrap();
    ordering.execute("UPDATE order_counts SET orders = 2").await;
    let report = ordering::Ordering::check(&ordering.config).await.unwrap();
    let seller = soap.seller.user_id.to_string();
    assert!(report.findings() == 1 && report.to_string().contains(&seller), "{report}");
}
