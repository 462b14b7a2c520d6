//! `CountAllProducts`.

use protocol::catalog::v1::{CountAllProductsRequest, DeleteProductRequest, ProductCounts};
use test_support::{admin, customer, seller};

use crate::harness::{CatalogTest, reason};

#[tokio::test]
async fn products_of_all_sellers_are_counted_as_their_own_lists_filter_them() {
    let catalog =
        CatalogTest::start().await.expecting([events::names::PRODUCT_REMOVED, events::names::CATALOG_ADMIN_ACTION]);
    let boss = catalog.as_account(&admin());
    let count = async || boss.count_all_products(CountAllProductsRequest {}).await.unwrap();
    assert_eq!(count().await, ProductCounts::default());
    catalog.insert(|product| product.seller(&seller())).await;
    catalog.insert(|product| product.seller(&seller())).await;
    catalog.insert(|product| product.stock(0)).await;
    catalog.insert(|product| product.switched_off()).await;
    catalog.insert(|product| product.status("draft")).await;
    catalog.insert(|product| product.status("archived").stock(0)).await;
    let deleted = catalog.insert(|product| product).await;
    let deletion = DeleteProductRequest { id: deleted.to_string(), expected_version: None };
    boss.delete_product(deletion).await.unwrap();
    assert_eq!(count().await, ProductCounts { total: 6, active: 2, out_of_stock: 2 });
}

#[tokio::test]
async fn only_admins_count_them() {
    let catalog = CatalogTest::start().await;
    for account in [customer(), seller()] {
        let answer = catalog.as_account(&account).count_all_products(CountAllProductsRequest {}).await;
        assert_eq!(reason(answer), "FORBIDDEN");
    }
    let answer = catalog.as_service("gateway").count_all_products(CountAllProductsRequest {}).await;
    assert_eq!(reason(answer), "FORBIDDEN");
}
