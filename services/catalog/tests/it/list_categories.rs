//! `ListCategories`.

use protocol::catalog::v1::{Category, ListCategoriesRequest};

use crate::harness::CatalogTest;

async fn categories(catalog: &CatalogTest) -> Vec<Category> {
    catalog.as_guest().list_categories(ListCategoriesRequest {}).await.unwrap().categories
}

#[tokio::test]
async fn the_first_twenty_are_there_in_their_order_with_what_is_on_sale() {
    let catalog = CatalogTest::start().await;
    catalog.insert(|product| product.category("perfume")).await;
    catalog.insert(|product| product.category("perfume").status("draft")).await;
    let list = categories(&catalog).await;
    assert_eq!(list.len(), 20);
    assert_eq!(list.iter().map(|category| category.display_order).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    let first = &list[0];
    let names = (first.slug.as_str(), first.name_fr.as_str(), first.name_ar.as_str(), first.name_en.as_str());
    assert_eq!(names, ("perfume", "Parfums", "عطور", "Perfume"));
    assert_eq!((first.products_count, list[1].products_count, first.is_active), (1, 0, true));
}

#[tokio::test]
async fn counts_are_kept_for_a_while() {
    let catalog = CatalogTest::start().await;
    assert_eq!(categories(&catalog).await[0].products_count, 0);
    catalog.insert(|product| product.category("perfume")).await;
    assert_eq!(categories(&catalog).await[0].products_count, 0);
}

#[tokio::test]
async fn without_redis_the_database_is_asked() {
    let catalog = CatalogTest::start_without_redis().await;
    catalog.insert(|product| product.category("perfume")).await;
    assert_eq!(categories(&catalog).await[0].products_count, 1);
}
