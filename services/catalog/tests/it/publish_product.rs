//! `PublishProduct`.

use access_token::Account;
use commerce_types::Money;
use events::names;
use futures::future::join_all;
use protocol::catalog::v1::{
    ListProductsRequest, ProductPublished, ProductStatus, ProductWritten, PublishProductRequest,
};
use protocol::identity::v1::AccountState;
use protocol::types::v1::Key;
use service_error::ServiceError;
use test_support::{admin, customer, pending_seller, seller};

use crate::harness::{CatalogTest, reason};

pub(crate) async fn publish(
    catalog: &CatalogTest,
    seller: &Account,
    change: impl FnOnce(&mut PublishProductRequest),
) -> Result<ProductWritten, ServiceError> {
    let mut request = PublishProductRequest {
        name: "Théière en cuivre".to_owned(),
        price: Some(Money::from_dinars(1_200).unwrap().into()),
        stock: 5,
        category: "home".to_owned(),
        ..PublishProductRequest::default()
    };
    change(&mut request);
    catalog.as_account(seller).publish_product(request).await
}

async fn listed(catalog: &CatalogTest) -> u64 {
    catalog.as_guest().list_products(ListProductsRequest::default()).await.unwrap().total
}

fn key(text: &str, body: u8) -> Option<Key> {
    Some(Key { key: text.to_owned(), body_hash: vec![body; 32] })
}

#[tokio::test]
async fn a_product_is_on_sale_with_everything_that_was_said_of_it() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_PUBLISHED]);
    let owner = seller();
    let written = publish(&catalog, &owner, |request| {
        request.brand = Some("  Dinanderie  ".to_owned());
        request.tags = vec!["cuivre".to_owned(), "cuivre".to_owned(), "thé".to_owned()];
        request.specifications = Some("{\"b\": 1.0, \"a\": \"\\u0000\"}".to_owned());
        request.weight_grams = Some(850);
        request.images = vec!["https://p.example.com/1".to_owned(), "https://p.example.com/2".to_owned()];
        request.primary_image = Some("https://p.example.com/2".to_owned());
    });
    let written = written.await.unwrap();
    let product = written.product.unwrap();
    assert!(!written.replayed);
    assert!(product.slug.starts_with("theiere-en-cuivre-"), "{}", product.slug);
    assert_eq!((product.stock, product.in_stock, product.version, product.stock_version), (5, true, 1, Some(1)));
    assert_eq!(product.brand.as_deref(), Some("Dinanderie"));
    assert_eq!(product.tags, ["cuivre", "thé"]);
    assert_eq!(product.specifications.as_deref(), Some("{\"b\": 1.0, \"a\": \"\\u0000\"}"));
    assert_eq!(product.seller_category, product.seller.as_ref().unwrap().seller_category.unwrap());
    assert_eq!(product.images.iter().filter(|image| image.is_primary).count(), 1);
    assert!(product.images[1].is_primary);

    let mut shown = catalog.as_guest().list_products(ListProductsRequest::default()).await.unwrap().products;
    let mut expected = product.clone();
    expected.stock_version = None;
    assert_eq!(shown.pop().unwrap(), expected);
    let said: Vec<ProductPublished> = catalog.said(names::PRODUCT_PUBLISHED).await;
    let fact = said[0].product.clone().unwrap();
    assert_eq!((fact.id, fact.image_url.as_deref()), (product.id, Some("https://p.example.com/2")));
}

#[tokio::test]
async fn a_draft_is_not_announced_and_a_switch_can_be_off_from_the_start() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_PUBLISHED]);
    publish(&catalog, &seller(), |request| request.status = ProductStatus::Draft.into()).await.unwrap();
    assert_eq!(
        (listed(&catalog).await, catalog.said::<ProductPublished>(names::PRODUCT_PUBLISHED).await.len()),
        (0, 0)
    );

    let off = publish(&catalog, &seller(), |request| request.in_stock = Some(false)).await.unwrap().product.unwrap();
    assert_eq!((off.stock, off.in_stock), (5, false));
}

#[tokio::test]
async fn only_approved_sellers_publish() {
    let catalog = CatalogTest::start().await;
    for (account, refusal) in
        [(customer(), "FORBIDDEN"), (admin(), "FORBIDDEN"), (pending_seller(), "SELLER_NOT_APPROVED")]
    {
        assert_eq!(reason(publish(&catalog, &account, |_| {}).await), refusal);
    }
    assert!(catalog.ordering.asked().is_empty());
}

#[tokio::test]
async fn what_is_out_of_its_limits_is_refused_all_at_once_and_nothing_is_opened() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let answer = publish(&catalog, &owner, |request| {
        request.name = "ab".to_owned();
        request.stock = -1;
        request.images = vec!["https://p.example.com/1".to_owned(); 2];
    });
    let fields: Vec<String> = answer.await.unwrap_err().details.into_iter().map(|detail| detail.field).collect();
    assert_eq!(fields, ["name", "stock", "images[1]"]);
    for category in ["spaceships", "home\0"] {
        let answer = publish(&catalog, &owner, |request| request.category = category.to_owned()).await;
        assert_eq!(answer.unwrap_err().details[0].field, "category");
    }
    assert!(catalog.ordering.asked().is_empty());
    assert_eq!(listed(&catalog).await, 0);
}

#[tokio::test]
async fn without_ordering_nothing_is_published() {
    let catalog = CatalogTest::start().await;
    catalog.ordering.be_away();
    assert_eq!(reason(publish(&catalog, &seller(), |_| {}).await), "UNAVAILABLE");
    assert_eq!(listed(&catalog).await, 0);
}

#[tokio::test]
async fn one_key_is_one_product_also_of_five_at_once() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_PUBLISHED]);
    let owner = seller();
    let posts = (0..5).map(|_| publish(&catalog, &owner, |request| request.key = key("first-key", 1)));
    let answers: Vec<ProductWritten> = join_all(posts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.product == answers[0].product));
    assert_eq!(listed(&catalog).await, 1);

    let again = publish(&catalog, &owner, |request| request.key = key("first-key", 1)).await.unwrap();
    assert!(again.replayed && again.product == answers[0].product);
    let other = publish(&catalog, &owner, |request| request.key = key("first-key", 2)).await;
    assert_eq!(reason(other), "IDEMPOTENCY_KEY_REUSED");
    // Another account's key is another key.
    publish(&catalog, &seller(), |request| request.key = key("first-key", 1)).await.unwrap();
    assert_eq!(listed(&catalog).await, 2);
}

#[tokio::test]
async fn a_seller_whose_copy_is_old_is_asked_for_at_identity() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_PUBLISHED]);
    let owner = seller();
    crate::builders::insert_seller(&mut catalog.conn().await, &owner, false).await;
    catalog.identity.knows(state(&owner, 2));

    publish(&catalog, &owner, |_| {}).await.unwrap();
    assert_eq!(listed(&catalog).await, 1);
}

#[tokio::test]
async fn a_token_is_not_believed_against_what_identity_says() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    catalog.identity.knows(AccountState { is_active: false, ..state(&owner, 7) });

    publish(&catalog, &owner, |_| {}).await.unwrap();
    assert_eq!(listed(&catalog).await, 0);
}

/// As identity says the account at `version`.
pub(crate) fn state(account: &Account, version: i64) -> AccountState {
    use protocol::types::v1 as types;
    AccountState {
        user: Some(account.public_user().into()),
        role: types::Role::from(account.role).into(),
        approval: account.approval.map(|approval| types::Approval::from(approval).into()),
        is_active: true,
        version,
    }
}
