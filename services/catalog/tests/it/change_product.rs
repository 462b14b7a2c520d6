//! `ChangeProduct`.

use access_token::Account;
use commerce_types::Money;
use events::names;
use futures::future::join_all;
use protocol::catalog::v1::{
    ChangeProductRequest, ListProductsRequest, ProductChanged, ProductChanges, ProductPublished, ProductRemoved,
    ProductStatus, ProductWritten, RemovalReason, StockShown, StringList,
};
use protocol::types::v1::{AdminAction, TextChange};
use service_error::ServiceError;
use test_support::{Hop, admin, customer, seller};

use crate::harness::{CatalogTest, reason};

pub(crate) async fn change(
    catalog: &CatalogTest,
    account: &Account,
    id: impl ToString,
    change: impl FnOnce(&mut ProductChanges),
) -> Result<ProductWritten, ServiceError> {
    let mut changes = ProductChanges::default();
    change(&mut changes);
    let request =
        ChangeProductRequest { id: id.to_string(), changes: Some(changes), expected_version: None, owner_only: false };
    catalog.as_account(account).change_product(request).await
}

fn rename(name: &str, expected_version: Option<i64>) -> ChangeProductRequest {
    ChangeProductRequest {
        changes: Some(ProductChanges { name: Some(name.to_owned()), ..ProductChanges::default() }),
        expected_version,
        ..ChangeProductRequest::default()
    }
}

fn urls(values: &[&str]) -> Option<StringList> {
    Some(StringList { values: values.iter().map(|url| (*url).to_owned()).collect() })
}

#[tokio::test]
async fn what_is_sent_changes_and_the_rest_stays() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).brand("Ancienne").description("Reste")).await;

    let written = change(&catalog, &owner, id, |changes| {
        changes.price = Some(Money::from_dinars(7).unwrap().into());
        changes.brand = Some(TextChange { value: None });
        changes.category = Some("garden".to_owned());
        changes.images = urls(&["https://p.example.com/1"]);
    });
    let written = written.await.unwrap();
    let product = written.product.unwrap();
    assert_eq!((product.version, product.brand, product.description.as_deref()), (2, None, Some("Reste")));
    assert_eq!((product.category.as_str(), written.category_before.as_str()), ("garden", "home"));
    assert!(product.images[0].is_primary);
    assert!(catalog.ordering.asked().is_empty());

    let said: Vec<ProductChanged> = catalog.said(names::PRODUCT_CHANGED).await;
    assert_eq!((said.len(), said[0].category_before.as_str()), (1, "home"));
    assert_eq!(said[0].product.as_ref().unwrap().price_centimes, 700);
}

#[tokio::test]
async fn a_product_comes_on_and_goes_off_sale_and_that_is_said() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_PUBLISHED, names::PRODUCT_REMOVED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).status("draft")).await;
    let set = async |status: ProductStatus| {
        change(&catalog, &owner, id, |changes| changes.status = Some(status.into())).await.unwrap();
        catalog.as_guest().list_products(ListProductsRequest::default()).await.unwrap().total
    };
    assert_eq!(set(ProductStatus::Archived).await, 0);
    assert_eq!(set(ProductStatus::Active).await, 1);
    assert_eq!(set(ProductStatus::Draft).await, 0);
    assert_eq!(catalog.said::<ProductPublished>(names::PRODUCT_PUBLISHED).await.len(), 1);
    let removed: Vec<ProductRemoved> = catalog.said(names::PRODUCT_REMOVED).await;
    assert_eq!((removed.len(), removed[0].reason()), (1, RemovalReason::OffSale));
}

#[tokio::test]
async fn stock_goes_to_ordering_is_shown_at_once_and_is_no_version_of_the_product() {
    let catalog = CatalogTest::start().await.expecting([names::STOCK_SHOWN]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).switched_off()).await;

    let product = change(&catalog, &owner, id, |changes| changes.stock = Some(3)).await.unwrap().product.unwrap();
    assert_eq!((product.stock, product.in_stock), (3, true), "stock alone puts it back on sale");
    assert_eq!((product.version, product.stock_version), (1, Some(2)));

    let product =
        change(&catalog, &owner, id, |changes| changes.in_stock = Some(false)).await.unwrap().product.unwrap();
    assert_eq!((product.stock, product.in_stock, product.stock_version), (3, false, Some(3)));
    let said: Vec<StockShown> = catalog.said(names::STOCK_SHOWN).await;
    assert_eq!(said.iter().map(|said| said.products[0].flipped).collect::<Vec<_>>(), [true, true]);
}

#[tokio::test]
async fn a_refused_change_touches_no_stock() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    let wrong = change(&catalog, &owner, id, |changes| {
        changes.stock = Some(1);
        changes.name = Some("x".to_owned());
    });
    assert_eq!(reason(wrong.await), "VALIDATION_ERROR");
    let mut stale = rename("Nouveau nom", Some(9));
    stale.id = id.to_string();
    stale.changes.as_mut().unwrap().stock = Some(1);
    let conflict = catalog.as_account(&owner).change_product(stale).await.unwrap_err();
    assert_eq!(conflict.reason.as_str(), "VERSION_CONFLICT");
    assert_eq!(conflict.details[0].extra["current_version"], 1);
    assert!(catalog.ordering.asked().is_empty());

    catalog.ordering.be_away();
    let away = change(&catalog, &owner, id, |changes| {
        changes.stock = Some(1);
        changes.name = Some("Nouveau nom".to_owned());
    });
    assert_eq!(reason(away.await), "UNAVAILABLE");
}

#[tokio::test]
async fn of_two_guarded_changes_at_once_one_wins() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await.to_string();
    let changes = (0..8).map(|n| {
        let request = ChangeProductRequest { id: id.clone(), ..rename(&format!("Nom {n}"), Some(1)) };
        let catalog = &catalog;
        let owner = &owner;
        async move { catalog.as_account(owner).change_product(request).await }
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(changes).await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert!(lost.into_iter().all(|answer| reason(answer) == "VERSION_CONFLICT"));
}

#[tokio::test]
async fn a_strangers_product_is_not_there() {
    let catalog = CatalogTest::start().await;
    let id = catalog.insert(|product| product).await;
    let attempt = async |account: Account| reason(change(&catalog, &account, id, |it| it.stock = Some(1)).await);
    assert_eq!(attempt(seller()).await, "PRODUCT_NOT_FOUND");
    assert_eq!(attempt(customer()).await, "FORBIDDEN");
    let mut own = rename("Nouveau nom", None);
    (own.id, own.owner_only) = (id.to_string(), true);
    assert_eq!(reason(catalog.as_account(&admin()).change_product(own).await), "PRODUCT_NOT_FOUND");
    assert!(catalog.ordering.asked().is_empty());
}

#[tokio::test]
async fn what_an_admin_changes_is_audited() {
    let catalog =
        CatalogTest::start().await.expecting([names::PRODUCT_CHANGED, names::CATALOG_ADMIN_ACTION, names::STOCK_SHOWN]);
    let boss = admin();
    let id = catalog.insert(|product| product).await;
    change(&catalog, &boss, id, |changes| changes.name = Some("Théière corrigée".to_owned())).await.unwrap();
    change(&catalog, &boss, id, |changes| changes.stock = Some(4)).await.unwrap();

    let said: Vec<AdminAction> = catalog.said(names::CATALOG_ADMIN_ACTION).await;
    assert_eq!((said[0].actor_id.clone(), said[0].action.as_str()), (boss.user_id.to_string(), "product.changed"));
    assert_eq!((said[0].target_id.clone(), said[0].request_id.is_empty()), (id.to_string(), false));
    assert_eq!(said[0].changes, r#"{"name":{"from":"Théière en cuivre","to":"Théière corrigée"}}"#);
    assert_eq!(said[1].changes, r#"{"stock":{"from":10,"to":4}}"#);
    assert!(!catalog.ordering.asked()[0].owner_only);
}

#[tokio::test]
async fn stock_that_an_admin_sets_is_audited_once_although_nobody_heard_the_commit() {
    let hop = Hop::new().await;
    let catalog = CatalogTest::start_behind(&hop).await.expecting([
        names::PRODUCT_CHANGED,
        names::CATALOG_ADMIN_ACTION,
        names::STOCK_SHOWN,
    ]);
    let id = catalog.insert(|product| product).await;
    hop.arm();
    change(&catalog, &admin(), id, |changes| changes.stock = Some(4)).await.unwrap();
    assert!(!hop.is_armed());
    let said: Vec<AdminAction> = catalog.said(names::CATALOG_ADMIN_ACTION).await;
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn a_change_is_made_and_said_once_although_nobody_heard_the_commit() {
    let hop = Hop::new().await;
    let catalog = CatalogTest::start_behind(&hop).await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    hop.arm();
    let images = ["https://p.example.com/a", "https://p.example.com/b"];
    let written = change(&catalog, &owner, id, |changes| {
        changes.name = Some("Théière neuve".to_owned());
        changes.images = urls(&images);
    });
    let product = written.await.unwrap().product.unwrap();
    assert!(!hop.is_armed());
    assert_eq!((product.version, product.name.as_str(), product.images.len()), (2, "Théière neuve", 2));
    assert_eq!(catalog.said::<ProductChanged>(names::PRODUCT_CHANGED).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_changes_at_the_same_moment_none_is_lost() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    let price = |dinars: i64| {
        let (catalog, owner) = (&catalog, &owner);
        let wish = move |changes: &mut ProductChanges| {
            changes.price = Some(Money::from_dinars(dinars).unwrap().into());
        };
        async move { (dinars, change(catalog, owner, id, wish).await) }
    };
    // The more wait for the row, the more of them have begun within the same microsecond.
    let mut made = Vec::new();
    for round in 0..40 {
        let answers = join_all((1..=32).map(|price_of| price(round * 32 + price_of))).await;
        made.extend(answers.into_iter().filter(|(_, answer)| answer.is_ok()).map(|(dinars, _)| dinars * 100));
    }
    let said: Vec<ProductChanged> = catalog.said(names::PRODUCT_CHANGED).await;
    let mut said: Vec<i64> = said.into_iter().map(|said| said.product.unwrap().price_centimes).collect();
    said.sort_unstable();
    made.sort_unstable();
    assert_eq!(said, made);
}

#[tokio::test]
async fn images_are_replaced_as_a_set_and_a_known_url_keeps_its_row() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog
        .insert(|product| product.seller(&owner).images(&["https://p.example.com/a", "https://p.example.com/b"]));
    let id = id.await;
    let before = change(&catalog, &owner, id, |it| it.is_new = Some(true)).await.unwrap().product.unwrap().images;

    let after = change(&catalog, &owner, id, |changes| {
        changes.images = urls(&["https://p.example.com/c", "https://p.example.com/b"]);
        changes.primary_image = Some(TextChange { value: Some("https://p.example.com/b".to_owned()) });
    });
    let after = after.await.unwrap().product.unwrap();
    let shown: Vec<_> = after.images.iter().map(|image| (image.image_url.as_str(), image.is_primary)).collect();
    assert_eq!(shown, [("https://p.example.com/c", false), ("https://p.example.com/b", true)]);
    assert_eq!(after.images[1].id, before[1].id);

    let none = change(&catalog, &owner, id, |changes| changes.images = urls(&[])).await.unwrap().product.unwrap();
    assert!(none.images.is_empty());
}
