use futures::future::join;

use crate::harness::CartTest;

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_emptied_and_others_are_not() {
    let cart = CartTest::start().await;
    let products: Vec<_> = (0..3).map(|_| cart.catalog.sell(1_000, 10, 1)).collect();
    let (buyer, other) = (cart.buyer(), cart.buyer());
    for product in &products {
        buyer.add(product.id, 1).await.unwrap();
        other.add(product.id, 1).await.unwrap();
    }
    cart.catalog.go_away();
    assert_eq!((buyer.clear().await, buyer.clear().await), (3, 0));
    assert_eq!((buyer.count().await, other.count().await), (0, 3));
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_and_adding_at_once_leave_the_count_right() {
    let cart = CartTest::start().await;
    let products: Vec<_> = (0..20).map(|_| cart.catalog.sell(1_000, 100_000, 1)).collect();
    let buyer = cart.buyer();
    let adding = async {
        for round in 0..3 {
            let adds = products.iter().map(|product| buyer.add(product.id, round + 1));
            assert!(futures::future::join_all(adds).await.iter().all(Result::is_ok));
        }
    };
    let clearing = async {
        for _ in 0..20 {
            buyer.clear().await;
        }
    };
    join(adding, clearing).await;
    assert!(cart.counts_are_right().await);
}
