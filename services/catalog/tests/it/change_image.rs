//! `ChangeImage` and `DeleteImage`.

use access_token::Account;
use commerce_types::ProductId;
use events::names;
use protocol::catalog::v1::{
    ChangeImageRequest, DeleteImageRequest, GetProductRequest, Product, ProductChanged, get_product_request,
};
use test_support::seller;

use crate::harness::{CatalogTest, reason};

const A: &str = "https://p.example.com/a";
const B: &str = "https://p.example.com/b";

async fn product(catalog: &CatalogTest, id: ProductId) -> Product {
    let request = GetProductRequest { by: Some(get_product_request::By::Id(id.to_string())) };
    catalog.as_guest().get_product(request).await.unwrap()
}

fn shown(product: &Product) -> Vec<(&str, bool)> {
    product.images.iter().map(|image| (image.image_url.as_str(), image.is_primary)).collect()
}

async fn with_two_images(catalog: &CatalogTest, owner: &Account) -> (ProductId, Vec<String>) {
    let id = catalog.insert(|product| product.seller(owner).images(&[A, B])).await;
    (id, product(catalog, id).await.images.into_iter().map(|image| image.id).collect())
}

#[tokio::test]
async fn an_image_becomes_primary_and_moves() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let (id, images) = with_two_images(&catalog, &owner).await;
    let request = ChangeImageRequest {
        product_id: id.to_string(),
        image_id: images[0].clone(),
        display_order: Some(9),
        ..ChangeImageRequest::default()
    };
    let moved = catalog.as_account(&owner).change_image(request.clone()).await.unwrap().product.unwrap();
    assert_eq!(shown(&moved), [(B, false), (A, true)]);
    let request =
        ChangeImageRequest { image_id: images[1].clone(), make_primary: true, display_order: None, ..request };
    let primary = catalog.as_account(&owner).change_image(request).await.unwrap().product.unwrap();
    assert_eq!((shown(&primary), primary.version), (vec![(B, true), (A, false)], 3));
    assert_eq!(shown(&product(&catalog, id).await), [(B, true), (A, false)]);
    assert_eq!(catalog.said::<ProductChanged>(names::PRODUCT_CHANGED).await.len(), 2);
}

#[tokio::test]
async fn when_the_primary_image_goes_the_first_left_takes_its_place() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let (id, images) = with_two_images(&catalog, &owner).await;
    let request =
        DeleteImageRequest { product_id: id.to_string(), image_id: images[0].clone(), expected_version: Some(1) };
    catalog.as_account(&owner).delete_image(request.clone()).await.unwrap();
    assert_eq!(shown(&product(&catalog, id).await), [(B, true)]);
    assert_eq!(reason(catalog.as_account(&owner).delete_image(request).await), "IMAGE_NOT_FOUND");
}

#[tokio::test]
async fn images_of_other_products_and_strangers_are_not_there() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let (id, images) = with_two_images(&catalog, &owner).await;
    let (_, others) = with_two_images(&catalog, &owner).await;
    let delete = |image_id: &String, expected_version| DeleteImageRequest {
        product_id: id.to_string(),
        image_id: image_id.clone(),
        expected_version,
    };
    assert_eq!(reason(catalog.as_account(&owner).delete_image(delete(&others[0], None)).await), "IMAGE_NOT_FOUND");
    assert_eq!(reason(catalog.as_account(&seller()).delete_image(delete(&images[0], None)).await), "PRODUCT_NOT_FOUND");
    assert_eq!(reason(catalog.as_account(&owner).delete_image(delete(&images[0], Some(4))).await), "VERSION_CONFLICT");
    let far = ChangeImageRequest {
        product_id: id.to_string(),
        image_id: images[0].clone(),
        display_order: Some(1_001),
        ..ChangeImageRequest::default()
    };
    assert_eq!(reason(catalog.as_account(&owner).change_image(far).await), "VALIDATION_ERROR");
}
