//! `ListOffers`.

use protocol::catalog::v1::ListOffersRequest;
use test_support::seller;

use crate::harness::{CatalogTest, reason};

#[tokio::test]
async fn what_is_on_sale_is_offered_and_nothing_else() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let offered = catalog
        .insert(|product| {
            product.seller(&owner).price(4_500).images(&["https://p.example.com/a", "https://p.example.com/b"])
        })
        .await;
    let plain = catalog.insert(|product| product.stock(0)).await;
    let hidden =
        [catalog.insert(|product| product.status("draft")).await, catalog.insert(|product| product.seller_off()).await];
    let ids = [offered, plain].iter().chain(&hidden).map(ToString::to_string).collect();
    let mut offers = catalog.as_guest().list_offers(ListOffersRequest { product_ids: ids }).await.unwrap().offers;
    offers.sort_by_key(|offer| offer.product_id.clone());

    assert_eq!(offers.len(), 2);
    assert_eq!(offers[0].product_id, offered.to_string());
    assert_eq!(offers[0].price.as_ref().unwrap().centimes, 4_500);
    assert_eq!(offers[0].image_url.as_deref(), Some("https://p.example.com/a"));
    assert_eq!(offers[0].seller.as_ref().unwrap().full_name, owner.full_name);
    assert_eq!((offers[1].image_url.as_deref(), offers[1].min_order_quantity), (None, 1));
}

#[tokio::test]
async fn more_than_a_hundred_are_not_answered() {
    let catalog = CatalogTest::start().await;
    let request = ListOffersRequest { product_ids: vec!["0192f6a2-7c1e-7b3a-9f00-0123456789ab".to_owned(); 101] };
    assert_eq!(reason(catalog.as_guest().list_offers(request).await), "INTERNAL_ERROR");
}
