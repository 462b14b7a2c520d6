use futures::future::join_all;
use service_error::{Reason, ServiceError};

use crate::harness::{CartTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_added_with_its_figures() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_250_050, 10, 1);
    let buyer = cart.buyer();
    let item = buyer.add(product.id, 3).await.unwrap().item.unwrap();
    assert_eq!((item.product_id, item.seller_id), (product.id.to_string(), product.seller_id.to_string()));
    assert_eq!(item.user_id, buyer.account.user_id.to_string());
    assert_eq!((item.product_name.as_str(), item.quantity), ("Tapis berbère", 3));
    assert_eq!(item.product_image.as_deref(), Some("https://media.example.dz/1.jpg"));
    assert_eq!(item.product_price.unwrap().centimes, 1_250_050);
    assert_eq!(item.subtotal.unwrap().centimes, 3_750_150);
    assert_eq!((item.available, item.in_stock, item.orderable), (Some(10), Some(true), true));
    assert_eq!(item.product.unwrap().id, product.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn quantities_add_up_and_the_snapshot_is_renewed() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let buyer = cart.buyer();
    let first = buyer.add(product.id, 3).await.unwrap().item.unwrap();
    cart.catalog.change(product.id, |product| product.name = "Tapis de laine".to_owned());
    let second = buyer.add(product.id, 4).await.unwrap().item.unwrap();
    assert_eq!((&second.id, second.quantity), (&first.id, 7));
    assert_eq!(second.product_name, "Tapis de laine");
    assert_eq!(second.created_at, first.created_at);
    assert!(second.updated_at.unwrap().nanos != first.updated_at.unwrap().nanos);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_first_additions_make_one_line_with_the_sum() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 1_000, 1);
    let buyer = cart.buyer();
    let answers = join_all((0..50).map(|_| buyer.add(product.id, 2))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(buyer.quantities().await, [(product.id.to_string(), 100)]);
    assert!(cart.catalog.asked() < 51, "questions are asked together");
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_additions_never_pass_what_is_available() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 30, 1);
    let buyer = cart.buyer();
    let answers = join_all((0..50).map(|_| buyer.add(product.id, 1))).await;
    let (added, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((added.len(), refused.len()), (30, 20));
    for refused in refused {
        let refused = ServiceError::from_status(&refused.unwrap_err());
        assert_eq!(refused.reason, Reason::OutOfStock);
        assert_eq!(refused.details[0].extra["available"], 30);
        assert_eq!(refused.details[0].extra["product_id"], product.id.to_string());
    }
    assert_eq!(buyer.count().await, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_bought_is_refused() {
    let cart = CartTest::start().await;
    let buyer = cart.buyer();
    let scarce = cart.catalog.sell(1_000, 5, 1);
    assert_eq!(reason(buyer.add(scarce.id, 6).await), Reason::OutOfStock);
    buyer.add(scarce.id, 3).await.unwrap();
    assert_eq!(reason(buyer.add(scarce.id, 3).await), Reason::OutOfStock);

    let switched_off = cart.catalog.sell(1_000, 5, 1);
    cart.catalog.change(switched_off.id, |product| product.in_stock = false);
    let refused = ServiceError::from_status(&buyer.add(switched_off.id, 1).await.unwrap_err());
    assert_eq!((refused.reason, refused.details[0].extra["available"].clone()), (Reason::OutOfStock, 0.into()));

    let gone = cart.catalog.sell(1_000, 5, 1);
    cart.catalog.take_off_sale(gone.id);
    let refused = ServiceError::from_status(&buyer.add(gone.id, 1).await.unwrap_err());
    assert_eq!(refused.reason, Reason::ProductNotFound);
    assert_eq!(refused.details[0].extra["product_id"], gone.id.to_string());
    assert_eq!(buyer.quantities().await, [(scarce.id.to_string(), 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_minimum_counts_for_the_whole_line() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 20, 10);
    let buyer = cart.buyer();
    let refused = ServiceError::from_status(&buyer.add(product.id, 9).await.unwrap_err());
    assert_eq!(refused.reason, Reason::MinOrderQuantity);
    assert_eq!(refused.details[0].extra["min_order_quantity"], 10);
    buyer.add(product.id, 10).await.unwrap();
    assert_eq!(buyer.add(product.id, 1).await.unwrap().item.unwrap().quantity, 11);
    assert_eq!(reason(buyer.add(product.id, 10).await), Reason::OutOfStock);
    assert_eq!(buyer.add(product.id, 9).await.unwrap().item.unwrap().quantity, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_and_a_cart_have_limits() {
    let cart = CartTest::start().await;
    let plenty = cart.catalog.sell(1_000, 10_000_000, 1);
    let buyer = cart.buyer();
    buyer.add(plenty.id, 100_000).await.unwrap();
    assert_eq!(reason(buyer.add(plenty.id, 1).await), Reason::ValidationError);

    let dearest: Vec<_> = (0..2).map(|_| cart.catalog.sell(9_999_999_999, 10_000_000, 1)).collect();
    let rich = cart.buyer();
    rich.add(dearest[0].id, 100_000).await.unwrap();
    assert_eq!(reason(rich.add(dearest[1].id, 100_000).await), Reason::ValidationError);
    assert_eq!(reason(rich.add_with(dearest[1].id, 100_000, Some("key-too-dear")).await), Reason::ValidationError);
    assert_eq!(rich.quantities().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_additions_never_pass_a_hundred_lines() {
    let cart = CartTest::start().await;
    let buyer = cart.buyer();
    let products: Vec<_> = (0..110).map(|_| cart.catalog.sell(1_000, 10, 1)).collect();
    let answers = join_all(products.iter().map(|product| buyer.add(product.id, 1))).await;
    let (added, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((added.len(), refused.len()), (100, 10));
    assert!(refused.into_iter().all(|refused| reason(refused) == Reason::CartFull));
    assert_eq!(buyer.show().await.summary.unwrap().items_count, 100);
    let first = buyer.show().await.items[0].product_id.parse().unwrap();
    assert_eq!(buyer.add(first, 1).await.unwrap().item.unwrap().quantity, 2);
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_addition() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 100, 1);
    let buyer = cart.buyer();
    let answers = join_all((0..8).map(|_| buyer.add_with(product.id, 2, Some("key-0001")))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.item == answers[0].item));
    assert_eq!(buyer.count().await, 2);

    buyer.add(product.id, 5).await.unwrap();
    let replayed = buyer.add_with(product.id, 2, Some("key-0001")).await.unwrap();
    assert!(replayed.replayed && replayed.item == answers[0].item);
    assert_eq!(reason(buyer.add_with(product.id, 3, Some("key-0001")).await), Reason::IdempotencyKeyReused);
    assert_eq!(buyer.count().await, 7);

    let other = cart.buyer();
    assert!(!other.add_with(product.id, 2, Some("key-0001")).await.unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_leaves_the_key_free() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 1, 1);
    let buyer = cart.buyer();
    assert_eq!(reason(buyer.add_with(product.id, 2, Some("key-0002")).await), Reason::OutOfStock);
    cart.catalog.change(product.id, |product| product.stock = 2);
    assert!(!buyer.add_with(product.id, 2, Some("key-0002")).await.unwrap().replayed);
    assert_eq!(buyer.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_added_while_catalog_is_away() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let buyer = cart.buyer();
    cart.catalog.go_away();
    assert_eq!(reason(buyer.add(product.id, 1).await), Reason::Unavailable);
    assert_eq!(buyer.count().await, 0);
    cart.catalog.come_back();
    assert!(buyer.add(product.id, 1).await.is_ok());
}
