//! The self-checks: stock on show against ordering's.

use std::time::Duration;

use catalog::Catalog;
use commerce_types::ProductId;
use diesel_async::SimpleAsyncConnection;
use protocol::catalog::v1::{ShowStockRequest, ShownStock};
use service_runtime::Service;
use service_runtime::self_check::Report;
use test_support::TestBroker;

use crate::harness::{CatalogTest, StockRow};

async fn start() -> CatalogTest {
    CatalogTest::start_with_broker().await.expecting([events::names::STOCK_SHOWN])
}

async fn look(catalog: &CatalogTest) -> Report {
    Catalog::check(&catalog.config).await.unwrap()
}

async fn damage(catalog: &CatalogTest, id: ProductId, change: &str) {
    let update = format!("UPDATE shown_stock SET {change} WHERE product_id = '{id}'");
    catalog.conn().await.batch_execute(&update).await.unwrap();
}

#[tokio::test]
async fn copies_that_are_the_same_are_well() {
    let catalog = start().await;
    catalog.insert(|product| product.status("archived")).await;
    catalog.insert(|product| product.stock(0).switched_off()).await;
    let report = look(&catalog).await;
    assert_eq!((report.findings(), report.is_complete()), (0, true), "{report}");
}

#[tokio::test]
async fn a_copy_that_no_delay_explains_is_told() {
    let catalog = start().await;
    let [count, switch, newer, unknown] = [
        catalog.insert(|product| product.stock(5)).await,
        catalog.insert(|product| product.stock(5)).await,
        catalog.insert(|product| product.stock(5)).await,
        catalog.insert(|product| product.stock(5)).await,
    ];
    damage(&catalog, count, "free = 6").await;
    damage(&catalog, switch, "switched_on = false").await;
    damage(&catalog, newer, "version = 2").await;
    catalog.ordering.forget(unknown);
    let report = look(&catalog).await;
    assert_eq!(report.findings(), 4, "{report}");
    for id in [count, switch, newer, unknown] {
        assert!(report.to_string().contains(&id.to_string()), "{id}: {report}");
    }
}

#[tokio::test]
async fn a_copy_that_stays_behind_is_told() {
    let catalog = start().await;
    let id = catalog.insert(|product| product.stock(5)).await;
    catalog.ordering.set(id, StockRow { free: 4, switched_on: true, version: 2 });
    let report = look(&catalog).await;
    assert!(report.findings() == 1 && report.to_string().contains("version 1 on show"), "{report}");
}

#[tokio::test]
async fn a_copy_that_follows_in_time_is_well() {
    let broker = TestBroker::new();
    let lag = Duration::from_secs(5);
    let catalog = CatalogTest::start_with(Some(broker), |config| config.stock_lag = lag).await;
    let catalog = catalog.expecting([events::names::STOCK_SHOWN]);
    let id = catalog.insert(|product| product.stock(5)).await;
    catalog.ordering.set(id, StockRow { free: 4, switched_on: true, version: 2 });
    let follows = async {
        // As soon as it was compared.
        catalog.ordering.is_looked_at().await;
        let stock = vec![ShownStock { product_id: id.to_string(), free: 4, switched_on: true, version: 2 }];
        catalog.as_service("ordering").show_stock(ShowStockRequest { stock }).await.unwrap();
    };
    let (report, ()) = futures::join!(look(&catalog), follows);
    assert_eq!(report.findings(), 0, "{report}");
}

#[tokio::test]
async fn without_ordering_nothing_is_claimed() {
    let catalog = start().await;
    catalog.insert(|product| product).await;
    catalog.ordering.be_away();
    let report = look(&catalog).await;
    assert_eq!((report.findings(), report.is_complete()), (0, false), "{report}");
}
