//! `CountProducts`.

use protocol::catalog::v1::CountProductsRequest;
use test_support::seller;

use crate::harness::CatalogTest;

#[tokio::test]
async fn what_each_seller_has_on_sale_is_counted() {
    let catalog = CatalogTest::start().await;
    let (busy, idle) = (seller(), seller());
    for status in ["active", "active", "draft"] {
        catalog.insert(|product| product.seller(&busy).status(status)).await;
    }
    catalog.insert(|product| product.seller(&idle).status("archived")).await;
    let seller_ids = vec![busy.user_id.to_string(), idle.user_id.to_string()];
    let counts = catalog.as_guest().count_products(CountProductsRequest { seller_ids }).await.unwrap().counts;
    assert_eq!(counts.len(), 1);
    assert_eq!((counts[0].seller_id.clone(), counts[0].products), (busy.user_id.to_string(), 2));
}
