//! `ListBrands`.

use protocol::catalog::v1::{ListBrandsRequest, ListBrandsResponse};
use protocol::types::v1::Page;

use crate::harness::{CatalogTest, reason};

fn request(search: &str, category: &str, number: u32, limit: u32) -> ListBrandsRequest {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    ListBrandsRequest { search: text(search), category: text(category), page: Some(Page { number, limit }) }
}

fn named(list: &ListBrandsResponse) -> Vec<(&str, i64)> {
    list.brands.iter().map(|brand| (brand.name.as_str(), brand.products_count)).collect()
}

async fn market(catalog: &CatalogTest) {
    for brand in ["Nivéa", "NIVEA", "nivea", "Nivéa", "L'Oréal", "L’Oréal", "دار الطِّيب", "دار الطيب", "Ifri"]
    {
        catalog.insert(|product| product.brand(brand).category("skincare")).await;
    }
    for brand in ["Ifri", "Ifri", "Zeta"] {
        catalog.insert(|product| product.brand(brand).category("food")).await;
    }
    // Neither on sale nor a brand.
    catalog.insert(|product| product.brand("Nivea").status("draft")).await;
    catalog.insert(|product| product.brand("Zeta").seller_off()).await;
    catalog.insert(|product| product.brand("\u{200b}")).await;
    catalog.insert(|product| product).await;
}

#[tokio::test]
async fn equal_brands_are_one_in_their_most_frequent_spelling() {
    let catalog = CatalogTest::start().await;
    market(&catalog).await;
    let list = catalog.as_guest().list_brands(request("", "", 1, 20)).await.unwrap();
    let expected = [("Nivéa", 4), ("Ifri", 3), ("L'Oréal", 2), ("دار الطيب", 2), ("Zeta", 1)];
    assert_eq!((named(&list), list.total), (expected.to_vec(), 5));

    let food = catalog.as_guest().list_brands(request("", "food", 1, 20)).await.unwrap();
    assert_eq!((named(&food), food.total), (vec![("Ifri", 2), ("Zeta", 1)], 2));
}

#[tokio::test]
async fn pages_have_the_exact_total() {
    let catalog = CatalogTest::start().await;
    market(&catalog).await;
    let mut names = Vec::new();
    for number in 1..=4 {
        let page = catalog.as_guest().list_brands(request("", "", number, 2)).await.unwrap();
        assert_eq!(page.total, 5, "page {number}");
        names.extend(page.brands.into_iter().map(|brand| brand.name));
    }
    assert_eq!(names, ["Nivéa", "Ifri", "L'Oréal", "دار الطيب", "Zeta"]);
}

#[tokio::test]
async fn a_search_looks_at_words_of_brands_alone() {
    let catalog = CatalogTest::start().await;
    market(&catalog).await;
    catalog.insert(|product| product.name("Crème Nivea").brand("Zeta")).await;
    let cases = [
        ("niv", vec![("Nivéa", 4)]),
        ("IVÉA", vec![("Nivéa", 4)]),
        ("oreal l", vec![("L'Oréal", 2)]),
        ("طيب", vec![("دار الطيب", 2)]),
        ("الطيب دار", vec![("دار الطيب", 2)]),
        ("i", vec![("Ifri", 3)]),
        // Typos are for products.
        ("nivia", vec![]),
        ("fr", vec![]),
        ("%", vec![]),
        ("niv:* | ifri", vec![]),
    ];
    for (search, expected) in cases {
        let list = catalog.as_guest().list_brands(request(search, "", 1, 20)).await.unwrap();
        assert_eq!((named(&list), list.total), (expected.clone(), expected.len() as u64), "{search}");
    }
    let both = catalog.as_guest().list_brands(request("ifri", "food", 1, 20)).await.unwrap();
    assert_eq!(named(&both), [("Ifri", 2)]);
}

#[tokio::test]
async fn a_category_must_be_offered() {
    let catalog = CatalogTest::start().await;
    for category in ["spaceships", "Food", "food\0"] {
        assert_eq!(reason(catalog.as_guest().list_brands(request("", category, 1, 20)).await), "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn counts_are_kept_for_a_while_and_counted_again_without_redis() {
    let kept = CatalogTest::start().await;
    let away = CatalogTest::start_with(None, |config| {
        config.redis_url = "redis://127.0.0.1:1".to_owned();
        config.brands_kept = std::time::Duration::ZERO;
    })
    .await;
    for (catalog, expected) in [(&kept, 1), (&away, 2)] {
        for _ in 0..2 {
            catalog.insert(|product| product.brand("Ifri")).await;
            catalog.as_guest().list_brands(request("", "", 1, 20)).await.unwrap();
        }
        let list = catalog.as_guest().list_brands(request("", "", 1, 20)).await.unwrap();
        assert_eq!(named(&list), [("Ifri", expected)]);
    }
}

#[tokio::test]
async fn a_brand_that_changes_its_signs_is_known_as_it_is_now() {
    let changed = [events::names::PRODUCT_CHANGED];
    let catalog = CatalogTest::start_with(None, |config| config.brands_kept = std::time::Duration::ZERO).await;
    let catalog = catalog.expecting(changed);
    let owner = test_support::seller();
    let id = catalog.insert(|product| product.seller(&owner).brand("Sans marque")).await.to_string();
    for brand in ["Sans-marque", "Ifri"] {
        let change = crate::change_product::change(&catalog, &owner, &id, |changes| {
            changes.brand = Some(protocol::types::v1::TextChange { value: Some(brand.to_owned()) });
        });
        change.await.unwrap();
        let list = catalog.as_guest().list_brands(request(brand, "", 1, 20)).await.unwrap();
        assert_eq!(named(&list), [(brand, 1)]);
    }
    let before = catalog.as_guest().list_brands(request("marque", "", 1, 20)).await.unwrap();
    assert_eq!(before.total, 0);
}
