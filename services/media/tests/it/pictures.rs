//! What becomes of a picture.

use events::names::{IMAGE_READY, UPLOAD_COMPLETED};
use image::ImageFormat::{Gif, Jpeg, Png, WebP};
use protocol::media::v1::UploadKind::{Avatar, Image, OfferImage, ProductImage};
use protocol::media::v1::{ImageReady, UploadStatus};
use test_support::{customer, outbox, seller};

use crate::harness::{MediaTest, fetch, intent, jpeg, of_product, picture};

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_fetched_at_once_and_its_thumbnail_soon() {
    let media = MediaTest::start().await;
    let own = seller();
    let product = media.product_of(&own);
    let sent = media.send(&own, of_product(ProductImage, product), &jpeg()).await.unwrap();
    assert!(matches!(sent.status(), UploadStatus::Processing | UploadStatus::Ready));
    let (key, url) = (sent.key.clone().unwrap(), sent.url.clone().unwrap());
    assert!(key.starts_with(&format!("products/{product}/images/{}-", sent.id)) && key.ends_with(".jpg"), "{key}");
    assert!(key.len() <= 200 && url.ends_with(&key));
    let served = fetch(&url).await.unwrap();
    assert_ne!(served, jpeg());
    assert_eq!((sent.width, sent.height, sent.duration_ms), (Some(640), Some(480), None));
    assert_eq!((sent.content_type.as_str(), sent.size_bytes), ("image/jpeg", jpeg().len() as i64));

    let ready = media.settled(&sent).await;
    assert_eq!(ready.status(), UploadStatus::Ready);
    assert_eq!((ready.key.as_ref(), ready.url.as_ref()), (Some(&key), Some(&url)));
    let thumbnail = fetch(ready.thumbnail_url.as_ref().unwrap()).await.unwrap();
    let thumbnail = image::load_from_memory(&thumbnail).unwrap();
    assert_eq!((thumbnail.width(), thumbnail.height()), (400, 400));
    // Copy and thumbnail: what was received is gone.
    media.has_objects(2).await;
    assert!(fetch(&format!("{}/received/x", media.s3.public_url())).await.is_none());

    let mut conn = media.database.conn().await;
    assert_eq!(outbox::names(&mut conn).await, [UPLOAD_COMPLETED, IMAGE_READY]);
    let said: Vec<ImageReady> = outbox::messages(&mut conn, IMAGE_READY).await;
    assert_eq!(said[0].upload.as_ref(), Some(&ready));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_served_and_every_kind_has_its_place() {
    let media = MediaTest::start().await;
    let own = seller();
    for (kind, folder, format, content_type) in [
        (Image, "images/", Png, "image/png"),
        (Avatar, "avatars/", Gif, "image/gif"),
        (OfferImage, "offers/", Jpeg, "image/jpeg"),
        (Image, "images/", WebP, "image/png"),
    ] {
        let sent = media.send(&own, intent(kind), &picture(format, 40, 30)).await.unwrap();
        assert_eq!(sent.content_type, content_type);
        assert!(sent.key.as_ref().unwrap().starts_with(folder));
        let ready = media.settled(&sent).await;
        assert_eq!((ready.status(), ready.width, ready.height), (UploadStatus::Ready, Some(40), Some(30)));
        assert!(fetch(&ready.url.unwrap()).await.is_some() && fetch(&ready.thumbnail_url.unwrap()).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_all_served_and_each_has_one_thumbnail() {
    let media = MediaTest::start_with(None, |config| config.uploads_at_once = 40).await;
    let own = customer();
    let bytes = jpeg();
    let sent = futures::future::join_all((0..40).map(|_| media.send(&own, intent(Image), &bytes))).await;
    for upload in sent {
        media.settled(&upload.unwrap()).await;
    }
    media.has_objects(80).await;
    let ready = media.s3.keys().into_iter().filter(|key| key.ends_with("_400.jpg"));
    assert_eq!(ready.count(), 40);
    assert_eq!(media.number("SELECT count(*) FROM uploads WHERE attempts <> 1").await, 0);
    let said = outbox::names(&mut media.database.conn().await).await;
    assert_eq!(said.iter().filter(|name| *name == IMAGE_READY).count(), 40);
}
