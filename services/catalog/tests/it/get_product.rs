//! `GetProduct`.

use protocol::catalog::v1::GetProductRequest;
use protocol::catalog::v1::get_product_request::By;
use test_support::{admin, customer, seller};

use crate::harness::{CatalogTest, reason};

fn by_id(id: impl ToString) -> GetProductRequest {
    GetProductRequest { by: Some(By::Id(id.to_string())) }
}

#[tokio::test]
async fn a_product_on_sale_is_shown_to_everybody_by_id_and_slug() {
    let catalog = CatalogTest::start().await;
    let id = catalog.insert(|product| product.images(&["https://p.example.com/1", "https://p.example.com/2"])).await;

    let product = catalog.as_guest().get_product(by_id(id)).await.unwrap();
    assert_eq!((product.stock, product.in_stock, product.stock_version), (10, true, None));
    assert_eq!(product.price.clone().unwrap().centimes, 100_000);
    let images: Vec<_> = product.images.iter().map(|image| (image.image_url.as_str(), image.is_primary)).collect();
    assert_eq!(images, [("https://p.example.com/1", true), ("https://p.example.com/2", false)]);

    let slug = GetProductRequest { by: Some(By::Slug(product.slug.clone())) };
    assert_eq!(catalog.as_guest().get_product(slug).await.unwrap(), product);
}

#[tokio::test]
async fn what_is_not_on_sale_is_shown_to_its_seller_and_to_admins_alone() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let draft = catalog.insert(|product| product.seller(&owner).status("draft")).await;
    let off = catalog.insert(|product| product.seller_off()).await;

    for id in [draft, off] {
        for stranger in [customer(), seller()] {
            let answer = catalog.as_account(&stranger).get_product(by_id(id)).await;
            assert_eq!(reason(answer), "PRODUCT_NOT_FOUND");
        }
        assert_eq!(reason(catalog.as_guest().get_product(by_id(id)).await), "PRODUCT_NOT_FOUND");
        let product = catalog.as_account(&admin()).get_product(by_id(id)).await.unwrap();
        assert_eq!(product.stock_version, Some(1));
    }
    assert_eq!(catalog.as_account(&owner).get_product(by_id(draft)).await.unwrap().stock_version, Some(1));
}

#[tokio::test]
async fn what_is_missing_or_of_a_stranger_answers_alike() {
    let catalog = CatalogTest::start().await;
    let missing = catalog.as_guest().get_product(by_id("0192f6a2-7c1e-7b3a-9f00-0123456789ab")).await.unwrap_err();
    let draft = catalog.insert(|product| product.status("draft")).await;
    let hidden = catalog.as_guest().get_product(by_id(draft)).await.unwrap_err();
    assert_eq!((missing.reason, &missing.message), (hidden.reason, &hidden.message));

    for slug in ["%' OR true --", "\0", ""] {
        let slug = GetProductRequest { by: Some(By::Slug(slug.to_owned())) };
        assert_eq!(reason(catalog.as_guest().get_product(slug).await), "PRODUCT_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_call_without_a_token_is_refused() {
    let catalog = CatalogTest::start().await;
    let answer = catalog.without_token().get_product(by_id("0192f6a2-7c1e-7b3a-9f00-0123456789ab")).await;
    assert_eq!(answer.unwrap_err().code(), tonic::Code::Unauthenticated);
}
