use service_error::Reason;

use crate::harness::{CartTest, no_line, reason};

#[tokio::test(flavor = "multi_thread")]
async fn a_quantity_is_set_and_the_snapshot_renewed() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let buyer = cart.buyer();
    let item = buyer.add(product.id, 3).await.unwrap().item.unwrap();
    cart.catalog.change(product.id, |product| product.price.as_mut().unwrap().centimes = 2_000);
    for _ in 0..2 {
        let set = buyer.set(&item.id, 5).await.unwrap().item.unwrap();
        assert_eq!((&set.id, set.quantity, set.product_price.unwrap().centimes), (&item.id, 5, 2_000));
        assert!(!set.price_changed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantity_that_cannot_be_bought_is_refused() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 2);
    let buyer = cart.buyer();
    let item = buyer.add(product.id, 3).await.unwrap().item.unwrap();
    assert_eq!(reason(buyer.set(&item.id, 11).await), Reason::OutOfStock);
    assert_eq!(reason(buyer.set(&item.id, 1).await), Reason::MinOrderQuantity);
    cart.catalog.take_off_sale(product.id);
    assert_eq!(reason(buyer.set(&item.id, 4).await), Reason::ProductNotFound);
    cart.catalog.go_away();
    assert_eq!(reason(buyer.set(&item.id, 4).await), Reason::Unavailable);
    assert_eq!(buyer.quantities().await, [(product.id.to_string(), 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_stays_payable() {
    let cart = CartTest::start().await;
    let dearest: Vec<_> = (0..2).map(|_| cart.catalog.sell(9_999_999_999, 10_000_000, 1)).collect();
    let buyer = cart.buyer();
    buyer.add(dearest[0].id, 100_000).await.unwrap();
    let item = buyer.line(dearest[1].id).insert().await;
    assert_eq!(reason(buyer.set(&item, 100_000).await), Reason::ValidationError);
    assert_eq!(buyer.count().await, 100_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_others_are_not_there() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let (owner, stranger) = (cart.buyer(), cart.buyer());
    let item = owner.add(product.id, 3).await.unwrap().item.unwrap();
    assert_eq!(reason(stranger.set(&item.id, 1).await), Reason::CartItemNotFound);
    assert_eq!(reason(owner.set(&no_line(), 1).await), Reason::CartItemNotFound);
    assert_eq!(owner.count().await, 3);
}
