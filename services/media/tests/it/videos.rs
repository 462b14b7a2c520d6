//! What becomes of a video.

use events::names::{UPLOAD_COMPLETED, UPLOAD_FAILED, VIDEO_READY};
use protocol::media::v1::UploadKind::ReelVideo;
use protocol::media::v1::UploadStatus;
use test_support::{outbox, seller};

use crate::harness::{MediaTest, fetch, of_product, video};

#[tokio::test(flavor = "multi_thread")]
async fn its_address_is_final_and_works_when_it_is_ready() {
    let media = MediaTest::start_without_workers().await;
    let own = seller();
    let product = media.product_of(&own);
    let sent = media.send(&own, of_product(ReelVideo, product), video()).await.unwrap();
    assert_eq!(sent.status(), UploadStatus::Processing);
    let (key, url) = (sent.key.clone().unwrap(), sent.url.clone().unwrap());
    assert!(key.starts_with(&format!("reels/{product}/{}-", sent.id)) && key.ends_with(".mp4"), "{key}");
    assert!(sent.thumbnail_key.is_none() && sent.width.is_none() && fetch(&url).await.is_none());

    let _worker = media.start_worker(|_| {}).await;
    let ready = media.settled(&sent).await;
    assert_eq!((ready.status(), ready.key.as_ref(), ready.url.as_ref()), (UploadStatus::Ready, Some(&key), Some(&url)));
    assert_eq!((ready.width, ready.height, ready.content_type.as_str()), (Some(320), Some(240), "video/mp4"));
    assert_eq!(ready.duration_ms.map(|ms| (ms + 50) / 100), Some(20));
    let served = fetch(&url).await.unwrap();
    assert!(!served.windows(6).any(|bytes| bytes == b"Secret"), "its title is served");
    let thumbnail = image::load_from_memory(&fetch(&ready.thumbnail_url.unwrap()).await.unwrap()).unwrap();
    assert_eq!((thumbnail.width(), thumbnail.height()), (400, 400));
    media.has_objects(2).await;
    assert!(media.spooled().is_empty());
    assert_eq!(outbox::names(&mut media.database.conn().await).await, [UPLOAD_COMPLETED, VIDEO_READY]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_one_is_taken_and_fails() {
    let media = MediaTest::start().await;
    let own = seller();
    let product = media.product_of(&own);
    let mut broken = video()[..64].to_vec();
    broken.resize(5_000, 7);
    let sent = media.send(&own, of_product(ReelVideo, product), &broken).await.unwrap();
    let failed = media.settled(&sent).await;
    assert_eq!(failed.error_code.as_deref(), Some("UNPROCESSABLE_MEDIA"));
    assert!(failed.key.is_none() && failed.url.is_none() && failed.thumbnail_key.is_none());
    media.has_objects(0).await;
    assert!(media.spooled().is_empty());
    assert_eq!(outbox::names(&mut media.database.conn().await).await, [UPLOAD_COMPLETED, UPLOAD_FAILED]);
}
