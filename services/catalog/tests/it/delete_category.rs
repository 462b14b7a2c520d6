//! `DeleteCategory`.

use events::names::{CATALOG_ADMIN_ACTION, CATEGORY_CHANGED, PRODUCT_PUBLISHED, PRODUCT_REMOVED};
use futures::future::join;
use protocol::catalog::v1::{
    Category, CategoryChanged, ChangeCategoryRequest, DeleteCategoryRequest, DeleteProductRequest,
};
use protocol::types::v1::AdminAction;
use serde_json::{Value, json};
use service_error::ServiceError;
use test_support::{admin, seller};

use crate::create_category::{SAID, create, jewels, offered};
use crate::harness::{CatalogTest, reason};
use crate::publish_product::publish;

async fn delete(catalog: &CatalogTest, id: &str) -> Result<Category, ServiceError> {
    catalog.as_account(&admin()).delete_category(DeleteCategoryRequest { id: id.to_owned() }).await
}

#[tokio::test]
async fn one_that_nothing_uses_goes_and_is_told() {
    let catalog = CatalogTest::start().await.expecting(SAID);
    let made = create(&catalog, jewels()).await.unwrap();
    assert_eq!(delete(&catalog, &made.id).await.unwrap().slug, "jewels-2");
    assert_eq!(offered(&catalog).await.len(), 20);
    assert_eq!(reason(delete(&catalog, &made.id).await), "CATEGORY_NOT_FOUND");
    let change = ChangeCategoryRequest { id: made.id.clone(), is_active: Some(true), ..Default::default() };
    assert_eq!(reason(catalog.as_account(&admin()).change_category(change).await), "CATEGORY_NOT_FOUND");

    let told = catalog.said::<CategoryChanged>(CATEGORY_CHANGED).await;
    assert_eq!((told.len(), told[1].is_active), (2, false));
    let actions = catalog.said::<AdminAction>(CATALOG_ADMIN_ACTION).await;
    assert_eq!((actions[1].action.as_str(), actions[1].target_id.as_str()), ("category.deleted", made.id.as_str()));
    let changes: Value = serde_json::from_str(&actions[1].changes).unwrap();
    assert_eq!(changes["name_fr"], json!({ "from": "Bijoux", "to": null }));
}

#[tokio::test]
async fn one_that_products_use_stays_until_they_are_deleted() {
    let catalog = CatalogTest::start().await.expecting([CATEGORY_CHANGED, CATALOG_ADMIN_ACTION, PRODUCT_REMOVED]);
    let made = create(&catalog, jewels()).await.unwrap();
    let owner = seller();
    let draft = catalog.insert(|product| product.seller(&owner).category("jewels-2").status("draft")).await;
    let sold = catalog.insert(|product| product.seller(&owner).category("jewels-2")).await;
    let refused = delete(&catalog, &made.id).await.unwrap_err();
    assert_eq!((refused.reason.as_str(), &refused.details[0].extra["products"]), ("CATEGORY_IN_USE", &json!(2)));
    for id in [draft, sold] {
        let request = DeleteProductRequest { id: id.to_string(), expected_version: None };
        catalog.as_account(&owner).delete_product(request).await.unwrap();
    }
    delete(&catalog, &made.id).await.unwrap();
}

/// Whoever is first: there is never a product in a category that is gone.
#[tokio::test]
async fn no_product_is_published_into_one_that_is_being_deleted() {
    let catalog = CatalogTest::start().await.expecting([CATEGORY_CHANGED, CATALOG_ADMIN_ACTION, PRODUCT_PUBLISHED]);
    let owner = seller();
    for round in 0..12 {
        let slug = format!("round-{round}");
        let made = create(&catalog, protocol::catalog::v1::CreateCategoryRequest { slug: slug.clone(), ..jewels() });
        let made = made.await.unwrap();
        let (published, deleted) =
            join(publish(&catalog, &owner, |request| request.category = slug.clone()), delete(&catalog, &made.id))
                .await;
        match (published, deleted) {
            (Ok(_), refused) => assert_eq!(reason(refused), "CATEGORY_IN_USE"),
            (refused, Ok(_)) => assert_eq!(reason(refused), "VALIDATION_ERROR"),
            both => panic!("{both:?}"),
        }
    }
}
