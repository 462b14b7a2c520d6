//! `CreateCategory`.

use events::names::{CATALOG_ADMIN_ACTION, CATEGORY_CHANGED};
use protocol::catalog::v1::{
    Category, CategoryChanged, CreateCategoryRequest, DeleteCategoryRequest, ListCategoriesRequest,
};
use protocol::types::v1::AdminAction;
use serde_json::{Value, json};
use service_error::ServiceError;
use test_support::{admin, customer, seller};

use crate::harness::{CatalogTest, reason};

pub(crate) const SAID: [&str; 2] = [CATEGORY_CHANGED, CATALOG_ADMIN_ACTION];

pub(crate) fn jewels() -> CreateCategoryRequest {
    CreateCategoryRequest {
        slug: "jewels-2".to_owned(),
        name_fr: "Bijoux".to_owned(),
        name_ar: "مجوهرات".to_owned(),
        is_active: true,
        ..CreateCategoryRequest::default()
    }
}

pub(crate) async fn create(catalog: &CatalogTest, request: CreateCategoryRequest) -> Result<Category, ServiceError> {
    catalog.as_account(&admin()).create_category(request).await
}

/// The slugs that are offered, in their order.
pub(crate) async fn offered(catalog: &CatalogTest) -> Vec<String> {
    let list = catalog.as_guest().list_categories(ListCategoriesRequest {}).await.unwrap();
    list.categories.into_iter().map(|category| category.slug).collect()
}

#[tokio::test]
async fn a_category_is_offered_last_and_told() {
    let catalog = CatalogTest::start().await.expecting(SAID);
    let boss = admin();
    let made = catalog.as_account(&boss).create_category(jewels()).await.unwrap();
    let shown = (made.slug.as_str(), made.name_en.as_str(), made.display_order, made.is_active, made.products_count);
    assert_eq!(shown, ("jewels-2", "Jewels-2", 21, true, 0));
    assert_eq!(offered(&catalog).await.last().unwrap(), "jewels-2");
    catalog.insert(|product| product.category("jewels-2")).await;

    let [changed] = &catalog.said::<CategoryChanged>(CATEGORY_CHANGED).await[..] else { panic!("one event") };
    assert_eq!((changed.slug.as_str(), changed.is_active), ("jewels-2", true));
    let [action] = &catalog.said::<AdminAction>(CATALOG_ADMIN_ACTION).await[..] else { panic!("one action") };
    let told = (action.actor_id.as_str(), action.action.as_str(), action.target_type.as_str());
    assert_eq!(told, (boss.user_id.to_string().as_str(), "category.created", "category"));
    assert_eq!(action.target_id, made.id);
    let changes: Value = serde_json::from_str(&action.changes).unwrap();
    assert_eq!(changes["slug"], json!({ "from": null, "to": "jewels-2" }));
    assert_eq!(changes.as_object().unwrap().len(), 6);
}

#[tokio::test]
async fn it_stands_where_it_is_put() {
    let catalog = CatalogTest::start().await.expecting(SAID);
    let first = CreateCategoryRequest { display_order: Some(0), name_en: Some("Gems".to_owned()), ..jewels() };
    assert_eq!(create(&catalog, first).await.unwrap().name_en, "Gems");
    assert_eq!(offered(&catalog).await[0], "jewels-2");
    let very_last = CreateCategoryRequest { slug: "a".repeat(50), display_order: Some(1_000), ..jewels() };
    create(&catalog, very_last).await.unwrap();
    let after = CreateCategoryRequest { slug: "zz".to_owned(), is_active: false, ..jewels() };
    let after = create(&catalog, after).await.unwrap();
    assert_eq!((after.display_order, after.is_active), (1_000, false));
    assert!(!offered(&catalog).await.contains(&"zz".to_owned()));
}

#[tokio::test]
async fn a_slug_is_taken_once_and_free_when_its_category_is_deleted() {
    let catalog = CatalogTest::start().await.expecting(SAID);
    let made = create(&catalog, jewels()).await.unwrap();
    assert_eq!(reason(create(&catalog, jewels()).await), "CATEGORY_EXISTS");
    let inactive = CreateCategoryRequest { slug: "home".to_owned(), is_active: false, ..jewels() };
    assert_eq!(reason(create(&catalog, inactive).await), "CATEGORY_EXISTS");
    assert_eq!(catalog.said::<CategoryChanged>(CATEGORY_CHANGED).await.len(), 1);

    let delete = DeleteCategoryRequest { id: made.id.clone() };
    catalog.as_account(&admin()).delete_category(delete).await.unwrap();
    let again = create(&catalog, CreateCategoryRequest { name_fr: "Joaillerie".to_owned(), ..jewels() }).await.unwrap();
    assert_ne!(again.id, made.id);
    assert_eq!((again.name_fr.as_str(), offered(&catalog).await.len()), ("Joaillerie", 21));
}

#[tokio::test]
async fn what_is_out_of_its_limits_is_refused() {
    let catalog = CatalogTest::start().await;
    let wrong = [
        ("slug", CreateCategoryRequest { slug: "Bijoux".to_owned(), ..jewels() }),
        ("slug", CreateCategoryRequest { slug: "b".to_owned(), ..jewels() }),
        ("name_fr", CreateCategoryRequest { name_fr: " ".to_owned(), ..jewels() }),
        ("name_ar", CreateCategoryRequest { name_ar: "ا".repeat(101), ..jewels() }),
        ("display_order", CreateCategoryRequest { display_order: Some(-1), ..jewels() }),
    ];
    for (field, request) in wrong {
        let refused = create(&catalog, request).await.unwrap_err();
        assert_eq!((refused.reason.as_str(), refused.details[0].field.as_str()), ("VALIDATION_ERROR", field));
    }
    assert_eq!(offered(&catalog).await.len(), 20);
}

#[tokio::test]
async fn only_admins_write_categories() {
    let catalog = CatalogTest::start().await;
    assert_eq!(reason(catalog.as_guest().create_category(jewels()).await), "UNAUTHORIZED");
    for account in [customer(), seller()] {
        let caller = catalog.as_account(&account);
        assert_eq!(reason(caller.create_category(jewels()).await), "FORBIDDEN");
        assert_eq!(reason(caller.change_category(Default::default()).await), "FORBIDDEN");
        assert_eq!(reason(caller.delete_category(Default::default()).await), "FORBIDDEN");
    }
    assert_eq!(reason(catalog.as_service("ordering").create_category(jewels()).await), "FORBIDDEN");
}
