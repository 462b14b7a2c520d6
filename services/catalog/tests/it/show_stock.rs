//! `ShowStock`, and the same by event.

use commerce_types::ProductId;
use events::{Event, names};
use futures::future::join_all;
use protocol::catalog::v1::{ListProductsByIdRequest, ShowStockRequest, ShownStock, StockShown};
use protocol::ordering::v1::{StockChanged, StockLeft};
use service_runtime::Ids;
use test_support::{admin, eventually};

use crate::events::say;
use crate::harness::{CatalogTest, SOON, reason};

fn shown(id: impl ToString, free: i32, version: i64) -> ShownStock {
    ShownStock { product_id: id.to_string(), free, switched_on: true, version }
}

async fn stock(catalog: &CatalogTest, id: ProductId) -> (i32, bool) {
    let request = ListProductsByIdRequest { ids: vec![id.to_string()] };
    let product = catalog.as_guest().list_products_by_id(request).await.unwrap().products.pop().unwrap();
    (product.stock, product.in_stock)
}

#[tokio::test]
async fn newer_versions_win_and_unknown_products_are_passed_over() {
    let catalog = CatalogTest::start().await.expecting([names::STOCK_SHOWN]);
    let id = catalog.insert(|product| product.stock(5)).await;
    let stranger: ProductId = Ids.next();
    let ordering = catalog.as_service("ordering");
    let show = async |stock| ordering.show_stock(ShowStockRequest { stock }).await.unwrap();

    show(vec![shown(stranger, 1, 1), shown(id, 0, 4), shown(id, 3, 3)]).await;
    assert_eq!(stock(&catalog, id).await, (0, false));
    show(vec![shown(id, 9, 2)]).await;
    assert_eq!(stock(&catalog, id).await, (0, false));
    show(vec![shown(id, 2, 5)]).await;
    assert_eq!(stock(&catalog, id).await, (2, true));

    let said: Vec<StockShown> = catalog.said(names::STOCK_SHOWN).await;
    let said: Vec<_> = said.iter().flat_map(|said| &said.products).collect();
    assert_eq!(said.iter().map(|one| (one.stock, one.flipped)).collect::<Vec<_>>(), [(0, true), (2, true)]);
    assert!(said.iter().all(|one| one.product_id == id.to_string() && one.category == "home"));
    let told: Vec<_> = said.iter().filter_map(|one| one.product.as_ref()).collect();
    assert_eq!(told.iter().map(|product| product.in_stock).collect::<Vec<_>>(), [Some(false), Some(true)]);
    assert!(told.iter().all(|product| product.id == id.to_string() && product.slug == said[0].slug));
}

#[tokio::test]
async fn only_ordering_may_say_it() {
    let catalog = CatalogTest::start().await;
    let request = ShowStockRequest { stock: vec![] };
    for answer in [
        catalog.as_service("gateway").show_stock(request.clone()).await,
        catalog.as_account(&admin()).show_stock(request.clone()).await,
        catalog.as_guest().show_stock(request.clone()).await,
    ] {
        assert_eq!(reason(answer), "FORBIDDEN");
    }
}

#[tokio::test]
async fn many_at_once_in_any_order_end_in_the_newest_without_dead_locks() {
    let catalog = CatalogTest::start().await.expecting([names::STOCK_SHOWN]);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(catalog.insert(|product| product.stock(1_000)).await);
    }
    let calls = (0..40_i32).map(|n| {
        let mut stock: Vec<_> = ids.iter().map(|id| shown(id, 1_000 - n, i64::from(n) + 2)).collect();
        stock.rotate_left(n as usize % 4);
        let ordering = catalog.as_service("ordering");
        async move { ordering.show_stock(ShowStockRequest { stock }).await }
    });
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    for id in ids {
        assert_eq!(stock(&catalog, id).await, (961, true));
    }
}

#[tokio::test]
async fn orderings_event_is_shown_within_a_second_of_its_arrival() {
    let catalog = CatalogTest::start_with_broker().await.expecting([names::STOCK_SHOWN]);
    let id = catalog.insert(|product| product.stock(5)).await;
    let left = |free, version| StockLeft { product_id: id.to_string(), free, switched_on: true, version };
    let changed = |free, version| {
        Event::new(names::STOCK_CHANGED, Ids.next(), &StockChanged { stock: vec![left(free, version)] })
    };
    say(&catalog, &[changed(4, 2), changed(0, 4), changed(1, 3)]).await;
    eventually(SOON, async || stock(&catalog, id).await == (0, false)).await;
}
