use access_token::Caller;
use service_error::Reason;

use crate::harness::{CartTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn units_are_counted_also_without_catalog() {
    let cart = CartTest::start().await;
    let buyer = cart.buyer();
    assert_eq!(buyer.count().await, 0);
    for quantity in [2, 3] {
        buyer.add(cart.catalog.sell(1_000, 10, 1).id, quantity).await.unwrap();
    }
    cart.catalog.go_away();
    assert_eq!(buyer.count().await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_and_services_have_no_cart() {
    let cart = CartTest::start().await;
    assert_eq!(reason(cart.count_by(&Caller::GUEST).await), Reason::Unauthorized);
    assert_eq!(reason(cart.count_by(&Caller::service("gateway")).await), Reason::Forbidden);
    assert_eq!(cart.count_by(&Caller::Account(test_support::admin())).await.unwrap(), 0);
}
