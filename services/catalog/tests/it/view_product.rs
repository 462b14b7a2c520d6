//! `ViewProduct`, and the writing of what was counted.

use commerce_types::ProductId;
use futures::future::join_all;
use protocol::catalog::v1::{ListProductsByIdRequest, ViewProductRequest};
use test_support::eventually;

use crate::harness::{CatalogTest, SOON, reason};

async fn view(catalog: &CatalogTest, id: ProductId, viewer: &str) -> (i64, bool) {
    let request = ViewProductRequest { id: id.to_string(), viewer: viewer.to_owned() };
    let answer = catalog.as_guest().view_product(request).await.unwrap();
    (answer.viewers_count, answer.counted)
}

async fn written(catalog: &CatalogTest, id: ProductId) -> i64 {
    let request = ListProductsByIdRequest { ids: vec![id.to_string()] };
    catalog.as_guest().list_products_by_id(request).await.unwrap().products[0].viewers_count
}

#[tokio::test]
async fn a_viewer_counts_once_and_the_count_is_written() {
    let catalog = CatalogTest::start().await;
    let id = catalog.insert(|product| product).await;
    let other = catalog.insert(|product| product).await;
    assert_eq!(view(&catalog, id, "amina").await, (1, true));
    assert_eq!(view(&catalog, id, "amina").await, (1, false));
    assert_eq!(view(&catalog, id, "yacine").await, (2, true));
    assert_eq!(view(&catalog, other, "amina").await, (1, true));
    eventually(SOON, async || (written(&catalog, id).await, written(&catalog, other).await) == (2, 1)).await;
}

#[tokio::test]
async fn the_number_never_falls_while_it_is_being_written() {
    let catalog = CatalogTest::start_with(None, |config| config.view_drain = std::time::Duration::from_millis(1)).await;
    let id = catalog.insert(|product| product).await;
    let mut last = 0;
    for n in 0..200 {
        let (count, counted) = view(&catalog, id, &format!("viewer-{n}")).await;
        assert!(counted);
        assert!(count > last, "{count} after {last}");
        last = count;
    }
    assert_eq!(last, 200);
    eventually(SOON, async || written(&catalog, id).await == 200).await;
}

#[tokio::test]
async fn many_at_once_are_all_counted_once() {
    let catalog = CatalogTest::start().await;
    let id = catalog.insert(|product| product).await;
    let views = (0..100).map(|n| {
        let catalog = &catalog;
        async move { view(catalog, id, &format!("viewer-{}", n % 50)).await }
    });
    let counted = join_all(views).await.into_iter().filter(|(_, counted)| *counted).count();
    assert_eq!(counted, 50);
    eventually(SOON, async || written(&catalog, id).await == 50).await;
}

#[tokio::test]
async fn without_redis_nothing_is_counted_and_nothing_fails() {
    let catalog = CatalogTest::start_without_redis().await;
    let id = catalog.insert(|product| product).await;
    for _ in 0..7 {
        assert_eq!(view(&catalog, id, "amina").await, (0, false));
    }
}

#[tokio::test]
async fn only_what_is_on_sale_is_looked_at() {
    let catalog = CatalogTest::start().await;
    let draft = catalog.insert(|product| product.status("draft")).await;
    let request = ViewProductRequest { id: draft.to_string(), viewer: "amina".to_owned() };
    assert_eq!(reason(catalog.as_guest().view_product(request).await), "PRODUCT_NOT_FOUND");
}
