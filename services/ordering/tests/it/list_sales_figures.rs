//! What a seller sold of its products.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use service_error::Reason;
use test_support::{customer, seller};

use crate::builders::basket;
use crate::harness::{OrderingTest, reason, refusal};

#[tokio::test]
async fn orders_count_in_any_status_and_revenue_in_sales() {
    let ordering = OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED]);
    let soap = ordering.product().price(100).stock(50).insert().await;
    let comb = ordering.product().of(&soap.seller).price(30).stock(50).insert().await;
    let unsold = ordering.product().of(&soap.seller).insert().await;
    let buyer = customer();
    for status in [OrderStatus::Pending, OrderStatus::Delivered, OrderStatus::Delivered, OrderStatus::Cancelled] {
        let bought = ordering.place(&buyer, basket(&[(&soap, 2), (&comb, 1)])).await.unwrap();
        ordering.bring_to(&soap.seller, &bought.order().id, status).await;
    }
    let returned = ordering.place(&buyer, basket(&[(&soap, 10)])).await.unwrap();
    ordering.bring_to(&soap.seller, &returned.order().id, OrderStatus::Delivered).await;
    ordering.move_to(&soap.seller, &returned.order().id, OrderStatus::Returned).await.unwrap();

    let request = ListSalesFiguresRequest { product_ids: vec![soap.id.clone(), comb.id.clone(), unsold.id] };
    let ask = |by: &access_token::Account, request: ListSalesFiguresRequest| {
        let (mut client, request) = (ordering.client.clone(), ordering.by(by, request));
        async move { client.list_sales_figures(request).await.map(|answer| answer.into_inner().figures).map_err(refusal) }
    };
    let mut figures = ask(&soap.seller, request.clone()).await.unwrap();
    figures.sort_by_key(|figure| figure.product_id != soap.id);
    let of =
        |figure: &SalesFigures| (figure.product_id.clone(), figure.orders, figure.revenue.as_ref().unwrap().centimes);
    assert_eq!(figures.iter().map(of).collect::<Vec<_>>(), [(soap.id, 5, 40_000), (comb.id, 4, 6_000)]);
    assert!(ask(&seller(), request.clone()).await.unwrap().is_empty());
    assert_eq!(reason(ask(&buyer, request).await), Reason::Forbidden);
}
