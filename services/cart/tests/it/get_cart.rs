use service_error::Reason;

use crate::harness::{CartTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_cart_asks_nobody() {
    let cart = CartTest::start().await;
    let shown = cart.buyer().show().await;
    let summary = shown.summary.unwrap();
    assert!(shown.items.is_empty());
    assert_eq!((summary.subtotal.unwrap().centimes, summary.total_items, summary.sellers_count), (0, 0, 0));
    assert_eq!(cart.catalog.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_show_the_figures_of_now_newest_first() {
    let cart = CartTest::start().await;
    let (dearer, gone, scarce) =
        (cart.catalog.sell(1_000, 10, 1), cart.catalog.sell(2_000, 10, 1), cart.catalog.sell(3_000, 10, 1));
    let buyer = cart.buyer();
    for product in [dearer, gone, scarce] {
        buyer.add(product.id, 4).await.unwrap();
    }
    cart.catalog.change(dearer.id, |product| product.price.as_mut().unwrap().centimes = 1_500);
    cart.catalog.take_off_sale(gone.id);
    cart.catalog.change(scarce.id, |product| product.stock = 3);

    let shown = buyer.show().await;
    let ids: Vec<_> = shown.items.iter().map(|item| item.product_id.clone()).collect();
    assert_eq!(ids, [scarce.id, gone.id, dearer.id].map(|id| id.to_string()));
    let [scarce, gone, dearer] = &shown.items[..] else { panic!("three lines") };
    assert_eq!((scarce.available, scarce.in_stock, scarce.orderable), (Some(3), Some(true), false));
    assert_eq!(scarce.subtotal.as_ref().unwrap().centimes, 12_000);
    assert_eq!((gone.available, gone.in_stock, gone.orderable), (Some(0), Some(false), false));
    assert_eq!((gone.product.is_none(), gone.price_changed), (true, false));
    assert_eq!(gone.subtotal.as_ref().unwrap().centimes, 0);
    assert!(dearer.price_changed && dearer.orderable);
    assert_eq!(dearer.product_price.as_ref().unwrap().centimes, 1_000);
    assert_eq!(dearer.subtotal.as_ref().unwrap().centimes, 6_000);

    let summary = shown.summary.unwrap();
    assert_eq!(summary.subtotal.unwrap().centimes, 18_000);
    assert_eq!((summary.total_items, summary.items_count, summary.sellers_count), (12, 3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_catalog_lines_speak_for_themselves() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let buyer = cart.buyer();
    buyer.add(product.id, 4).await.unwrap();
    cart.catalog.go_away();
    let shown = buyer.show().await;
    let item = &shown.items[0];
    assert_eq!((item.product.is_none(), item.available, item.in_stock), (true, None, None));
    assert!(!item.price_changed && !item.orderable);
    assert_eq!(item.subtotal.as_ref().unwrap().centimes, 4_000);
    assert_eq!(shown.summary.unwrap().subtotal.unwrap().centimes, 4_000);
    cart.catalog.come_back();
    assert!(buyer.show().await.items[0].orderable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_never_answers_holds_nobody_up() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let buyer = cart.buyer();
    buyer.add(product.id, 4).await.unwrap();
    cart.catalog.fall_silent();
    let asked_at = std::time::Instant::now();
    let (shown, refused) = futures::future::join(buyer.show(), buyer.add(product.id, 1)).await;
    assert!(shown.items[0].product.is_none());
    assert_eq!(reason(refused), Reason::Unavailable);
    assert!(asked_at.elapsed() < std::time::Duration::from_millis(4_500), "{:?}", asked_at.elapsed());
    assert_eq!(buyer.count().await, 4);
}
