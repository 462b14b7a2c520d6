//! `LinkImage`.

use access_token::Account;
use commerce_types::ProductId;
use events::names;
use futures::future::join_all;
use protocol::catalog::v1::{DeleteImageRequest, LinkImageRequest, Product, ProductChanged};
use protocol::media::v1::{Upload, UploadIntent, UploadKind};
use service_runtime::Ids;
use test_support::seller;
use uuid::Uuid;

use crate::harness::{CatalogTest, reason};

/// One that media knows; what makes it another kind is the test's to change.
fn upload(owner: &Account, product_id: ProductId) -> Upload {
    let id: Uuid = Ids.next();
    let intent = UploadIntent {
        kind: UploadKind::ProductImage.into(),
        product_id: Some(product_id.to_string()),
        ..UploadIntent::default()
    };
    Upload {
        id: id.to_string(),
        owner_id: owner.user_id.to_string(),
        intent: Some(intent),
        url: Some(format!("https://media.zst.dz/{id}.jpg")),
        ..Upload::default()
    }
}

fn link(upload: &Upload) -> LinkImageRequest {
    LinkImageRequest { upload_id: upload.id.clone() }
}

fn shown(product: &Product) -> Vec<(String, bool, i32)> {
    let image =
        |image: &protocol::catalog::v1::ProductImage| (image.image_url.clone(), image.is_primary, image.display_order);
    product.images.iter().map(image).collect()
}

#[tokio::test]
async fn a_picture_is_shown_once_where_it_was_wished() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    let (first, second) = (upload(&owner, id), upload(&owner, id));
    let mut third = upload(&owner, id);
    let place = third.intent.as_mut().unwrap();
    (place.is_primary, place.display_order) = (Some(true), Some(0));
    let seller = catalog.as_account(&owner);
    for upload in [&first, &second, &third] {
        catalog.media.knows(upload.clone());
        seller.link_image(link(upload)).await.unwrap();
    }
    // Twice at once, and once more: nothing changes.
    for again in join_all((0..4).map(|_| seller.link_image(link(&second)))).await {
        let product = again.unwrap().product.unwrap();
        let url = |upload: &Upload| upload.url.clone().unwrap();
        let wanted = [(url(&first), false, 0), (url(&third), true, 0), (url(&second), false, 1)];
        assert_eq!((shown(&product), product.version), (wanted.to_vec(), 4));
    }
    assert_eq!(catalog.said::<ProductChanged>(names::PRODUCT_CHANGED).await.len(), 3);
}

#[tokio::test]
async fn a_picture_that_was_taken_off_does_not_come_back() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    let upload = upload(&owner, id);
    catalog.media.knows(upload.clone());
    let seller = catalog.as_account(&owner);
    let linked = seller.link_image(link(&upload)).await.unwrap().product.unwrap();
    let request = DeleteImageRequest {
        product_id: id.to_string(),
        image_id: linked.images[0].id.clone(),
        expected_version: None,
    };
    seller.delete_image(request).await.unwrap();
    let again = seller.link_image(link(&upload)).await.unwrap().product.unwrap();
    assert!(again.images.is_empty());
}

#[tokio::test]
async fn what_is_not_the_callers_or_no_picture_of_a_product_is_refused() {
    let catalog = CatalogTest::start().await;
    let (owner, other) = (seller(), seller());
    let id = catalog.insert(|product| product.seller(&owner)).await;
    let own = upload(&owner, id);
    let (mut video, mut unserved) = (upload(&owner, id), upload(&owner, id));
    video.intent.as_mut().unwrap().kind = UploadKind::ReelVideo.into();
    unserved.url = None;
    let elsewhere = upload(&owner, Ids.next());
    let foreign = upload(&other, id);
    for upload in [&own, &video, &unserved, &elsewhere, &foreign] {
        catalog.media.knows(upload.clone());
    }
    let (seller, stranger) = (catalog.as_account(&owner), catalog.as_account(&other));
    assert_eq!(reason(stranger.link_image(link(&own)).await), "UPLOAD_NOT_FOUND");
    assert_eq!(reason(stranger.link_image(link(&foreign)).await), "PRODUCT_NOT_FOUND");
    assert_eq!(reason(seller.link_image(link(&upload(&owner, id))).await), "UPLOAD_NOT_FOUND");
    assert_eq!(reason(seller.link_image(link(&elsewhere)).await), "PRODUCT_NOT_FOUND");
    assert_eq!(reason(seller.link_image(link(&video)).await), "UPLOAD_NOT_USABLE");
    assert_eq!(reason(seller.link_image(link(&unserved)).await), "UPLOAD_NOT_USABLE");
    assert_eq!(reason(catalog.as_guest().link_image(link(&own)).await), "UNAUTHORIZED");
}

#[tokio::test]
async fn the_twenty_first_finds_no_room_now_or_later() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_CHANGED]);
    let owner = seller();
    let urls: Vec<String> = (0..20).map(|n| format!("https://p.example.com/{n}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let id = catalog.insert(|product| product.seller(&owner).images(&urls)).await;
    let upload = upload(&owner, id);
    catalog.media.knows(upload.clone());
    let seller = catalog.as_account(&owner);
    assert_eq!(reason(seller.link_image(link(&upload)).await), "TOO_MANY_IMAGES");
    catalog.database_execute("DELETE FROM product_images WHERE NOT is_primary").await;
    assert_eq!(
        reason(seller.link_image(link(&upload)).await),
        "TOO_MANY_IMAGES",
        "its sender was told that it is not shown"
    );
    assert_eq!(catalog.database.number("SELECT count(*) FROM product_images").await, 1);
}
