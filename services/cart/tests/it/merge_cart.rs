use futures::future::join_all;
use service_error::Reason;

use crate::harness::{CartTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn the_larger_quantities_are_taken_and_it_may_be_repeated() {
    let cart = CartTest::start().await;
    let [more, less, new, cut] = [10, 10, 10, 3].map(|stock| cart.catalog.sell(1_000, stock, 1));
    let buyer = cart.buyer();
    buyer.add(more.id, 2).await.unwrap();
    buyer.add(less.id, 7).await.unwrap();
    for _ in 0..2 {
        let merged = buyer.merge([(more.id, 5), (less.id, 1), (new.id, 4), (cut.id, 9)]).await.unwrap();
        assert!(merged.skipped.is_empty());
        let shown = merged.cart.unwrap();
        let quantity = |id: commerce_types::ProductId| {
            shown.items.iter().find(|item| item.product_id == id.to_string()).unwrap().quantity
        };
        assert_eq!([more, less, new, cut].map(|product| quantity(product.id)), [5, 7, 4, 3]);
        assert!(shown.items.iter().all(|item| item.orderable && item.product.is_some()));
        assert_eq!(shown.summary.unwrap().total_items, 19);
    }
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_bought_is_named_and_its_line_stays() {
    let cart = CartTest::start().await;
    let (gone, sold_out, minimum, good) = (
        cart.catalog.sell(1_000, 10, 1),
        cart.catalog.sell(1_000, 5, 1),
        cart.catalog.sell(1_000, 10, 5),
        cart.catalog.sell(1_000, 10, 1),
    );
    let buyer = cart.buyer();
    buyer.add(sold_out.id, 2).await.unwrap();
    cart.catalog.take_off_sale(gone.id);
    cart.catalog.change(sold_out.id, |product| (product.stock, product.in_stock) = (0, false));
    let merged = buyer.merge([(gone.id, 1), (sold_out.id, 4), (minimum.id, 4), (good.id, 1)]).await.unwrap();
    let mut skipped: Vec<_> = merged.skipped.into_iter().map(|skipped| (skipped.product_id, skipped.code)).collect();
    skipped.sort_by(|one, two| one.1.cmp(&two.1));
    let expected = [
        (minimum.id.to_string(), "MIN_ORDER_QUANTITY".to_owned()),
        (sold_out.id.to_string(), "OUT_OF_STOCK".to_owned()),
        (gone.id.to_string(), "PRODUCT_NOT_FOUND".to_owned()),
    ];
    assert_eq!(skipped, expected);
    let mut quantities = buyer.quantities().await;
    quantities.sort_by_key(|(_, quantity)| *quantity);
    assert_eq!(quantities, [(good.id.to_string(), 1), (sold_out.id.to_string(), 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_cart_merges_nothing() {
    let cart = CartTest::start().await;
    let buyer = cart.buyer();
    for _ in 0..99 {
        buyer.line(cart.catalog.sell(1_000, 10, 1).id).insert().await;
    }
    let [one, two] = [(); 2].map(|()| cart.catalog.sell(1_000, 10, 1));
    assert_eq!(reason(buyer.merge([(one.id, 1), (two.id, 1)]).await), Reason::CartFull);
    assert_eq!(buyer.count().await, 99);
    let merged = buyer.merge([(one.id, 1)]).await.unwrap();
    assert_eq!(merged.cart.unwrap().items.len(), 100);
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_merges_and_additions_end_in_one_state() {
    let cart = CartTest::start().await;
    let products: Vec<_> = (0..10).map(|_| cart.catalog.sell(1_000, 50, 1)).collect();
    let buyer = cart.buyer();
    let merges = (0..6).map(|n: usize| {
        let buyer = buyer.clone();
        let mut lines: Vec<_> = products.iter().map(|product| (product.id, 20)).collect();
        lines.rotate_left(n);
        async move { buyer.merge(lines).await.map(drop) }
    });
    let additions = products.iter().map(|product| {
        let buyer = buyer.clone();
        async move { buyer.add(product.id, 1).await.map(drop) }
    });
    let (merged, added) = futures::future::join(join_all(merges), join_all(additions)).await;
    assert!(merged.iter().chain(&added).all(Result::is_ok), "{merged:?} {added:?}");
    for (_, quantity) in buyer.quantities().await {
        assert!((20..=21).contains(&quantity), "{quantity}");
    }
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_merged_without_catalog_and_nothing_from_nothing() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let buyer = cart.buyer();
    assert!(buyer.merge([]).await.is_err());
    cart.catalog.go_away();
    assert_eq!(reason(buyer.merge([(product.id, 1)]).await), Reason::Unavailable);
    assert_eq!(buyer.count().await, 0);
}
