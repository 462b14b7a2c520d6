//! `ListProductsById`.

use protocol::catalog::v1::ListProductsByIdRequest;

use crate::harness::CatalogTest;

#[tokio::test]
async fn whole_products_come_in_the_order_they_were_asked_for() {
    let catalog = CatalogTest::start().await;
    let first = catalog.insert(|product| product.images(&["https://p.example.com/a"])).await;
    let second = catalog.insert(|product| product).await;
    let draft = catalog.insert(|product| product.status("draft")).await;
    let ids = [second, draft, first].iter().map(ToString::to_string).collect();
    let products = catalog.as_guest().list_products_by_id(ListProductsByIdRequest { ids }).await.unwrap().products;
    let found: Vec<_> = products.iter().map(|product| (product.id.clone(), product.images.len())).collect();
    assert_eq!(found, [(second.to_string(), 0), (first.to_string(), 1)]);
    assert!(products.iter().all(|product| product.stock_version.is_none()));
}
