//! `ChangeCategory`.

use events::names::{CATALOG_ADMIN_ACTION, CATEGORY_CHANGED, PRODUCT_CHANGED};
use protocol::catalog::v1::{
    CategoryChanged, ChangeCategoryRequest, GetProductRequest, ListCategoriesRequest, ListProductsRequest,
    ProductFilter, get_product_request,
};
use protocol::types::v1::AdminAction;
use serde_json::{Value, json};
use test_support::{admin, seller};

use crate::change_product::change;
use crate::create_category::{SAID, offered};
use crate::harness::{CatalogTest, reason};
use crate::publish_product::publish;

async fn id_of(catalog: &CatalogTest, slug: &str) -> String {
    let list = catalog.as_guest().list_categories(ListCategoriesRequest {}).await.unwrap();
    list.categories.into_iter().find(|category| category.slug == slug).unwrap().id
}

#[tokio::test]
async fn what_is_sent_changes_and_nothing_else() {
    let catalog = CatalogTest::start().await.expecting(SAID);
    catalog.insert(|product| product.category("perfume")).await;
    let id = id_of(&catalog, "perfume").await;
    let boss = admin();
    let request = ChangeCategoryRequest {
        id: id.clone(),
        name_fr: Some(" Parfumerie ".to_owned()),
        display_order: Some(30),
        ..ChangeCategoryRequest::default()
    };
    let changed = catalog.as_account(&boss).change_category(request.clone()).await.unwrap();
    let shown = (changed.slug.as_str(), changed.name_fr.as_str(), changed.name_ar.as_str(), changed.products_count);
    assert_eq!(shown, ("perfume", "Parfumerie", "عطور", 1));
    assert_eq!(offered(&catalog).await.last().unwrap(), "perfume");
    // The same once more is no change.
    catalog.as_account(&boss).change_category(request).await.unwrap();

    let [action] = &catalog.said::<AdminAction>(CATALOG_ADMIN_ACTION).await[..] else { panic!("one action") };
    assert_eq!((action.action.as_str(), action.target_id.as_str()), ("category.changed", id.as_str()));
    let changes: Value = serde_json::from_str(&action.changes).unwrap();
    let expected = json!({
        "display_order": { "from": 1, "to": 30 },
        "name_fr": { "from": "Parfums", "to": "Parfumerie" },
    });
    assert_eq!(changes, expected);
    assert_eq!(catalog.said::<CategoryChanged>(CATEGORY_CHANGED).await.len(), 1);
}

#[tokio::test]
async fn an_inactive_one_is_neither_offered_nor_accepted_and_products_keep_it() {
    let catalog = CatalogTest::start().await.expecting([CATEGORY_CHANGED, CATALOG_ADMIN_ACTION, PRODUCT_CHANGED]);
    let owner = seller();
    let product = catalog.insert(|product| product.seller(&owner).category("toys")).await;
    let elsewhere = catalog.insert(|product| product.seller(&owner)).await;
    let id = id_of(&catalog, "toys").await;
    let switch = async |is_active| {
        let request =
            ChangeCategoryRequest { id: id.clone(), is_active: Some(is_active), ..ChangeCategoryRequest::default() };
        catalog.as_account(&admin()).change_category(request).await.unwrap()
    };
    assert_eq!((switch(false).await.is_active, offered(&catalog).await.contains(&"toys".to_owned())), (false, false));
    let told = catalog.said::<CategoryChanged>(CATEGORY_CHANGED).await;
    assert_eq!((told[0].slug.as_str(), told[0].is_active), ("toys", false));

    let filter = Some(ProductFilter { category: Some("toys".to_owned()), ..ProductFilter::default() });
    let listed = ListProductsRequest { filter, ..ListProductsRequest::default() };
    assert_eq!(reason(catalog.as_guest().list_products(listed.clone()).await), "VALIDATION_ERROR");
    let published = publish(&catalog, &owner, |request| request.category = "toys".to_owned()).await;
    assert_eq!(reason(published), "VALIDATION_ERROR");
    let moved = change(&catalog, &owner, &elsewhere.to_string(), |it| it.category = Some("toys".to_owned())).await;
    assert_eq!(reason(moved), "VALIDATION_ERROR");
    // What is in it stays as it is, and may change otherwise.
    let kept = change(&catalog, &owner, &product.to_string(), |it| it.name = Some("Poupée".to_owned())).await;
    assert_eq!(kept.unwrap().product.unwrap().category, "toys");
    let by = Some(get_product_request::By::Id(product.to_string()));
    assert_eq!(catalog.as_guest().get_product(GetProductRequest { by }).await.unwrap().name, "Poupée");

    assert_eq!(switch(true).await.products_count, 1);
    assert_eq!(catalog.as_guest().list_products(listed).await.unwrap().total, 1);
}

#[tokio::test]
async fn what_is_missing_or_out_of_its_limits_is_refused() {
    let catalog = CatalogTest::start().await;
    let change = async |request| catalog.as_account(&admin()).change_category(request).await;
    let stranger = "0192f6a2-7c1e-7b3a-9f00-0123456789ab".to_owned();
    let missing =
        ChangeCategoryRequest { id: stranger, name_fr: Some("x".to_owned()), ..ChangeCategoryRequest::default() };
    assert_eq!(reason(change(missing).await), "CATEGORY_NOT_FOUND");
    let id = id_of(&catalog, "toys").await;
    let blank = ChangeCategoryRequest { id, name_ar: Some("\u{200b}".to_owned()), ..ChangeCategoryRequest::default() };
    assert_eq!(reason(change(blank).await), "VALIDATION_ERROR");
}
