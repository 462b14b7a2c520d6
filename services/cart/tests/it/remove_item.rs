use service_error::Reason;

use crate::harness::{CartTest, no_line, reason};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_removed_once_and_by_its_owner() {
    let cart = CartTest::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let (owner, stranger) = (cart.buyer(), cart.buyer());
    let item = owner.add(product.id, 3).await.unwrap().item.unwrap();
    assert_eq!(reason(stranger.remove(&item.id).await), Reason::CartItemNotFound);
    cart.catalog.go_away();
    assert_eq!(owner.remove(&item.id).await.unwrap(), item.id);
    assert_eq!(reason(owner.remove(&item.id).await), Reason::CartItemNotFound);
    assert_eq!(reason(owner.remove(&no_line()).await), Reason::CartItemNotFound);
    assert_eq!(owner.count().await, 0);
    assert!(cart.counts_are_right().await);
}
