//! What sellers do to stock.

use access_token::Account;
use commerce_types::ProductId;
use events::names::STOCK_CHANGED;
use protocol::ordering::v1::change_stock_request::Change;
use protocol::ordering::v1::*;
use serde_json::json;
use service_error::{Reason, ServiceError};
use service_runtime::Ids;
use test_support::{admin, customer, seller};

use crate::builders::{Product, key};
use crate::harness::{OrderingTest, reason, refusal};

async fn start() -> OrderingTest {
    OrderingTest::start().await.expecting([STOCK_CHANGED])
}

fn request(product: &Product, change: Change) -> ChangeStockRequest {
    ChangeStockRequest {
        product_id: product.id.clone(),
        seller_id: product.seller.user_id.to_string(),
        change: Some(change),
        ..Default::default()
    }
}

async fn send(
    ordering: &OrderingTest,
    by: &Account,
    request: ChangeStockRequest,
) -> Result<ChangeStockResponse, ServiceError> {
    let answer = ordering.client.clone().change_stock(ordering.by(by, request)).await;
    answer.map(tonic::Response::into_inner).map_err(refusal)
}

async fn change(ordering: &OrderingTest, product: &Product, change: Change) -> Result<(i32, bool, i64), ServiceError> {
    let answer = send(ordering, &product.seller, request(product, change)).await?;
    Ok((answer.free, answer.switched_on, answer.version))
}

#[tokio::test]
async fn the_first_stock_is_opened_once() {
    let ordering = start().await;
    let product = Product { id: Ids.next::<ProductId>().to_string(), seller: seller() };
    let open = |stock| Change::Open(InitialStock { stock, switched_on: true });
    assert_eq!(change(&ordering, &product, open(7)).await.unwrap(), (7, true, 1));
    assert_eq!(change(&ordering, &product, open(9)).await.unwrap(), (7, true, 1));
    assert_eq!(ordering.events::<StockChanged>(STOCK_CHANGED).await.len(), 1);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn two_first_stocks_at_once_are_one() {
    let ordering = start().await;
    let product = Product { id: Ids.next::<ProductId>().to_string(), seller: seller() };
    let open = |stock| change(&ordering, &product, Change::Open(InitialStock { stock, switched_on: true }));
    let (first, second) = futures::join!(open(7), open(9));
    assert_eq!(first.unwrap(), second.unwrap());
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn a_set_is_guarded_by_its_version_and_puts_back_on_sale() {
    let ordering = start().await;
    let product = ordering.product().stock(4).switched_off().insert().await;
    let set = |stock, expected_version| Change::Set(GuardedStock { stock, expected_version });
    assert_eq!(change(&ordering, &product, set(9, 1)).await.unwrap(), (9, true, 2));
    let late = change(&ordering, &product, set(12, 1)).await.unwrap_err();
    assert_eq!(late.reason, Reason::VersionConflict);
    assert_eq!(late.details[0].extra["current_version"], json!(2));
    assert_eq!(late.details[0].extra["stock"], json!(9));
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn moves_add_up_and_keep_to_their_limits() {
    let ordering = start().await;
    let product = ordering.product().stock(4).switched_off().insert().await;
    assert_eq!(change(&ordering, &product, Change::Delta(-3)).await.unwrap(), (1, false, 2));
    let below = change(&ordering, &product, Change::Delta(-2)).await.unwrap_err();
    assert_eq!((below.reason, &below.details[0].extra["available"]), (Reason::OutOfStock, &json!(1)));
    assert_eq!(below.details[0].extra["product_id"], json!(product.id));
    for delta in [10_000_000, 0, i32::MAX, i32::MIN] {
        let refused = change(&ordering, &product, Change::Delta(delta)).await.unwrap_err();
        assert_eq!((refused.reason, &*refused.details[0].field), (Reason::ValidationError, "delta"), "{delta}");
    }
    assert_eq!(change(&ordering, &product, Change::Delta(9_999_999)).await.unwrap().0, 10_000_000);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn an_overwrite_is_unguarded_and_moves_the_switch() {
    let ordering = start().await;
    let product = ordering.product().stock(4).insert().await;
    let over = |stock, switched_on| Change::Overwrite(StockOverwrite { stock, switched_on });
    assert_eq!(change(&ordering, &product, over(None, Some(false))).await.unwrap(), (4, false, 2));
    assert_eq!(change(&ordering, &product, over(Some(6), None)).await.unwrap(), (6, true, 3));
    assert_eq!(change(&ordering, &product, over(Some(5), Some(false))).await.unwrap(), (5, false, 4));
    assert_eq!(reason(change(&ordering, &product, over(None, None)).await), Reason::ValidationError);
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn a_key_moves_once() {
    let ordering = start().await;
    let product = ordering.product().stock(4).insert().await;
    let keyed = |name: &str, delta, body: &str| ChangeStockRequest {
        key: Some(key(name, body)),
        ..request(&product, Change::Delta(delta))
    };
    let twins = (0..5).map(|_| send(&ordering, &product.seller, keyed("key-00001", 3, "body")));
    let answers: Vec<_> = futures::future::join_all(twins).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| (answer.free, answer.version) == (7, 2)));
    let reused = send(&ordering, &product.seller, keyed("key-00001", 4, "another")).await;
    assert_eq!(reason(reused), Reason::IdempotencyKeyReused);
    // A guarded set repeats as well, although its version has passed.
    let set = ChangeStockRequest {
        key: Some(key("key-00002", "set")),
        ..request(&product, Change::Set(GuardedStock { stock: 20, expected_version: 2 }))
    };
    let first = send(&ordering, &product.seller, set.clone()).await.unwrap();
    let again = send(&ordering, &product.seller, set).await.unwrap();
    assert_eq!(again, ChangeStockResponse { replayed: true, ..first });
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn only_the_owner_and_admins_change_stock() {
    let ordering = start().await;
    let product = ordering.product().insert().await;
    let move_by = |by: Account, owner_only| {
        let request = ChangeStockRequest { owner_only, ..request(&product, Change::Delta(1)) };
        let ordering = &ordering;
        async move { send(ordering, &by, request).await }
    };
    assert!(move_by(product.seller.clone(), true).await.is_ok());
    assert!(move_by(admin(), false).await.is_ok());
    for (by, owner_only) in [(admin(), true), (seller(), false), (customer(), false)] {
        assert_eq!(reason(move_by(by, owner_only).await), Reason::ProductNotFound);
    }
    // A product of somebody else, claimed as one's own.
    let thief = seller();
    let claimed = ChangeStockRequest { seller_id: thief.user_id.to_string(), ..request(&product, Change::Delta(-1)) };
    assert_eq!(reason(send(&ordering, &thief, claimed).await), Reason::ProductNotFound);
    let unknown = Product { id: Ids.next::<ProductId>().to_string(), ..product.clone() };
    assert_eq!(reason(change(&ordering, &unknown, Change::Delta(1)).await), Reason::ProductNotFound);
    assert_eq!(ordering.free(&product.id).await, 12);
}

#[tokio::test]
async fn the_event_says_what_is_left() {
    let ordering = start().await;
    let product = ordering.product().stock(4).insert().await;
    change(&ordering, &product, Change::Delta(-4)).await.unwrap();
    let [event] = &ordering.events::<StockChanged>(STOCK_CHANGED).await[..] else { panic!("one event") };
    assert_eq!(event.stock, [StockLeft { product_id: product.id.clone(), free: 0, switched_on: true, version: 2 }]);
}
