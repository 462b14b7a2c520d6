//! The self-checks: silent on what orders leave behind, and each tells the damage that it is for.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use ordering::Ordering;
use protocol::ordering::v1::OrderStatus;
use service_runtime::Service;
use service_runtime::self_check::Report;
use test_support::customer;

use crate::builders::{Product, basket};
use crate::harness::OrderingTest;

/// A market that has sold, delivered, cancelled and taken back.
async fn market() -> (OrderingTest, Product, String) {
    let ordering =
        OrderingTest::start_with_broker().await.expecting([ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED]);
    let (soap, oil) = (ordering.product().stock(50).insert().await, ordering.product().stock(5).insert().await);
    let mut orders = Vec::new();
    for (soaps, oils) in [(3, 1), (2, 2), (1, 1)] {
        let bought = ordering.place(&customer(), basket(&[(&soap, soaps), (&oil, oils)])).await.unwrap();
        orders.extend(bought.checkout.orders);
    }
    let of_soap = |at: usize| {
        let sold = orders.iter().filter(|order| order.items[0].product_id.as_deref() == Some(&soap.id));
        sold.map(|order| order.id.clone()).nth(at).unwrap()
    };
    ordering.bring_to(&soap.seller, &of_soap(0), OrderStatus::Delivered).await;
    ordering.bring_to(&soap.seller, &of_soap(1), OrderStatus::Returned).await;
    ordering.cancel(&soap.seller, &of_soap(2)).await.unwrap();
    let order = of_soap(0);
    (ordering, soap, order)
}

async fn look(ordering: &OrderingTest) -> Report {
    Ordering::check(&ordering.config).await.unwrap()
}

#[tokio::test]
async fn a_market_that_is_well_has_nothing_to_tell() {
    let (ordering, ..) = market().await;
    let report = look(&ordering).await;
    assert_eq!((report.findings(), report.is_complete()), (0, true), "{report}");
}

#[tokio::test]
async fn stock_that_the_ledger_does_not_explain_is_told() {
    let (ordering, soap, _) = market().await;
    ordering.execute(&format!("UPDATE stock SET free = free + 1 WHERE product_id = '{}'", soap.id)).await;
    let report = look(&ordering).await;
    assert!(report.findings() == 1 && report.to_string().contains(&soap.id), "{report}");

    // As if somebody had written a matching entry by hand: the chain does not bear it.
    ordering
        .execute(&format!(
            "WITH moved AS (UPDATE stock SET version = version + 1 WHERE product_id = '{}' RETURNING *) \
             INSERT INTO stock_ledger (product_id, version, delta, free_after, reason) \
             SELECT product_id, version, 0, free, 'set' FROM moved",
            soap.id
        ))
        .await;
    let report = look(&ordering).await;
    assert!(report.findings() == 1 && report.to_string().contains("adds 0 to"), "{report}");
}

#[tokio::test]
async fn stock_without_a_ledger_is_told() {
    let (ordering, soap, _) = market().await;
    let orphan = "INSERT INTO stock (product_id, seller_id, free, switched_on, version) \
                  SELECT gen_random_uuid(), seller_id, 7, true, 1 FROM stock WHERE product_id = ";
    ordering.execute(&format!("{orphan}'{}'", soap.id)).await;
    let report = look(&ordering).await;
    assert!(report.findings() == 1 && report.to_string().contains("no ledger"), "{report}");
}

#[tokio::test]
async fn an_order_that_is_not_the_sum_of_its_lines_is_told() {
    let (ordering, _, order) = market().await;
    let raise = format!("UPDATE orders SET subtotal = subtotal + 1, total = total + 1 WHERE id = '{order}'");
    ordering.execute(&raise).await;
    let report = look(&ordering).await;
    assert!(report.findings() == 1 && report.to_string().contains(&order), "{report}");
}

#[tokio::test]
async fn a_pending_migration_is_an_error_and_no_finding() {
    let ordering = OrderingTest::start().await;
    database::migrations::down(&ordering.database.config(), ordering::MIGRATIONS, 1).await.unwrap();
    let refused = Ordering::check(&ordering.config).await.unwrap_err();
    assert!(matches!(refused, ordering::StartError::Database(database::Error::PendingMigrations(_))), "{refused:?}");
}

/// Several steps of every look, whose edges must hide nothing.
#[tokio::test]
async fn large_tables_are_looked_at_to_their_end() {
    let ordering = OrderingTest::start_with_broker().await;
    ordering
        .execute(
            "WITH product AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, 1300) n), \
             kept AS (INSERT INTO stock (product_id, seller_id, free, switched_on, version) \
               SELECT id, id, 5, true, 5 FROM product) \
             INSERT INTO stock_ledger (product_id, version, delta, free_after, reason) \
             SELECT id, version, 1, version, CASE version WHEN 1 THEN 'open' ELSE 'move' END \
             FROM product, generate_series(1, 5) version",
        )
        .await;
    let report = look(&ordering).await;
    assert_eq!(report.findings(), 0, "{report}");
    ordering
        .execute(
            "UPDATE stock SET free = 6 WHERE product_id IN \
               (SELECT product_id FROM stock ORDER BY product_id DESC LIMIT 1)",
        )
        .await;
    ordering
        .execute(
            "INSERT INTO stock_ledger (product_id, version, delta, free_after, reason) \
             SELECT 'ffffffff-ffff-ffff-ffff-ffffffffffff', version, 2, version, 'move' FROM generate_series(1, 2) version",
        )
        .await;
    assert_eq!(look(&ordering).await.findings(), 3);
}
