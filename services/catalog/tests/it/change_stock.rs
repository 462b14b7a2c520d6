//! `ChangeStock`.

use events::names;
use protocol::catalog::v1::change_stock_request::Change;
use protocol::catalog::v1::{ChangeStockRequest, SetStock, StockShown};
use protocol::types::v1::Key;
use test_support::{admin, customer, seller};

use crate::harness::{CatalogTest, StockRow, reason};

fn set(id: impl ToString, stock: i32, expected_version: i64) -> ChangeStockRequest {
    let change = Some(Change::Set(SetStock { stock, expected_version }));
    ChangeStockRequest { product_id: id.to_string(), change, key: None }
}

fn moved(id: impl ToString, delta: i32) -> ChangeStockRequest {
    ChangeStockRequest { product_id: id.to_string(), change: Some(Change::Delta(delta)), key: None }
}

#[tokio::test]
async fn orderings_answer_is_the_callers_and_is_shown_at_once() {
    let catalog = CatalogTest::start().await.expecting([names::STOCK_SHOWN]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).stock(2)).await;

    let answer = catalog.as_account(&owner).change_stock(moved(id, -2)).await.unwrap();
    assert_eq!((answer.stock, answer.in_stock, answer.stock_version, answer.flipped), (0, false, 2, true));
    assert_eq!((answer.category.as_str(), answer.seller_id), ("home", owner.user_id.to_string()));
    let asked = catalog.ordering.asked();
    assert!(asked[0].owner_only && asked[0].seller_id == owner.user_id.to_string());

    let answer = catalog.as_account(&owner).change_stock(set(id, 7, 2)).await.unwrap();
    assert_eq!((answer.stock, answer.in_stock, answer.flipped), (7, true, true));
    let said: Vec<StockShown> = catalog.said(names::STOCK_SHOWN).await;
    let shown: Vec<_> = said.iter().map(|said| (said.products[0].stock, said.products[0].flipped)).collect();
    assert_eq!(shown, [(0, true), (7, true)]);
}

#[tokio::test]
async fn a_refusal_of_ordering_reaches_the_caller_whole() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).stock(2)).await;
    catalog.ordering.set(id, StockRow { free: 1, switched_on: true, version: 5 });

    let conflict = catalog.as_account(&owner).change_stock(set(id, 9, 1)).await.unwrap_err();
    assert_eq!(conflict.reason.as_str(), "VERSION_CONFLICT");
    assert_eq!(
        (&conflict.details[0].extra["current_version"], &conflict.details[0].extra["stock"]),
        (&5.into(), &1.into())
    );
    let short = catalog.as_account(&owner).change_stock(moved(id, -2)).await.unwrap_err();
    assert_eq!((short.reason.as_str(), &short.details[0].extra["available"]), ("OUT_OF_STOCK", &1.into()));
    catalog.ordering.be_away();
    assert_eq!(reason(catalog.as_account(&owner).change_stock(moved(id, 1)).await), "UNAVAILABLE");
}

#[tokio::test]
async fn a_key_is_orderings() {
    let catalog = CatalogTest::start().await.expecting([names::STOCK_SHOWN]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).stock(2)).await;
    let request = || ChangeStockRequest {
        key: Some(Key { key: "a-stock-key".to_owned(), body_hash: vec![1; 32] }),
        ..moved(id, 3)
    };
    let first = catalog.as_account(&owner).change_stock(request()).await.unwrap();
    let second = catalog.as_account(&owner).change_stock(request()).await.unwrap();
    assert_eq!((first.replayed, second.replayed, second.stock), (false, true, 5));
    assert!(!second.flipped);
    assert_eq!(catalog.said::<StockShown>(names::STOCK_SHOWN).await.len(), 1);
}

#[tokio::test]
async fn only_the_owner_in_person_changes_stock() {
    let catalog = CatalogTest::start().await;
    let id = catalog.insert(|product| product).await;
    let attempt = async |account| reason(catalog.as_account(&account).change_stock(moved(id, 1)).await);
    assert_eq!(attempt(seller()).await, "PRODUCT_NOT_FOUND");
    assert_eq!(attempt(admin()).await, "PRODUCT_NOT_FOUND");
    assert_eq!(attempt(customer()).await, "FORBIDDEN");
    assert!(catalog.ordering.asked().is_empty());
}

#[tokio::test]
async fn amounts_out_of_their_limits_do_not_reach_ordering() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    for request in [moved(id, 0), moved(id, 10_000_001), moved(id, i32::MIN), set(id, -1, 1), set(id, 10_000_001, 1)] {
        assert_eq!(reason(catalog.as_account(&owner).change_stock(request).await), "VALIDATION_ERROR");
    }
    assert!(catalog.ordering.asked().is_empty());
}
