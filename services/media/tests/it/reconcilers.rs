//! What is due again and again.

use std::time::Duration;

use access_token::Caller;
use chrono::TimeDelta;
use events::names::UPLOAD_FAILED;
use object_storage::{Audience, NewObject, Storage, Timeouts};
use protocol::media::v1::UploadKind::{Image, ReelVideo};
use protocol::media::v1::UploadStatus;
use service_error::Reason;
use service_runtime::Service;
use test_support::{customer, eventually, outbox, seller};

use crate::harness::{MediaTest, intent, jpeg, of_product, reason, video};

fn storage(media: &MediaTest) -> Storage {
    let bucket = &media.config.bucket;
    let config = object_storage::Config {
        endpoint: bucket.endpoint.clone(),
        region: bucket.region.clone(),
        bucket: bucket.name.clone(),
        access_key: bucket.access_key.clone(),
        secret_key: bucket.secret_key.clone(),
        spool: media.spool.path().to_owned(),
    };
    Storage::new(&config, Timeouts::default()).unwrap()
}

async fn put(storage: &Storage, key: &str) {
    let new = NewObject { key, content_type: "image/jpeg", audience: Audience::Private };
    storage.put(&new, bytes::Bytes::from_static(b"x")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_not_complete_within_an_hour_has_failed() {
    let media = MediaTest::start().await;
    let own = customer();
    let caller = Caller::Account(own.clone());
    let (late, young) = (
        media.write(&own, intent(Image), "image/jpeg", &jpeg()).await,
        media.create(&own, intent(Image), ("image/jpeg", 5)).await.unwrap(),
    );
    media
        .execute(&format!("UPDATE uploads SET created_at = now() - interval '59 minutes' WHERE id = '{}'", young.id))
        .await;
    media
        .execute(&format!("UPDATE uploads SET created_at = now() - interval '61 minutes' WHERE id = '{}'", late.id))
        .await;
    let upload = media.get(&caller, &late.id).await.unwrap();
    let failed = media.settled(&upload).await;
    assert_eq!((failed.status(), failed.error_code.as_deref()), (UploadStatus::Failed, Some("UPLOAD_EXPIRED")));
    assert!(failed.expires_at.is_none());
    // Repeating `complete` answers what is.
    assert_eq!(media.complete(&own, &late.id).await.unwrap(), failed);
    assert_eq!(reason(media.complete(&own, &young.id).await), Reason::UploadNotReceived);
    assert_eq!(outbox::names(&mut media.database.conn().await).await, [UPLOAD_FAILED]);
    media.execute("UPDATE doomed_objects SET due_at = now()").await;
    media.has_objects(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_is_too_late_after_an_hour_also_where_nobody_looked() {
    let media = MediaTest::start_without_workers().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    media.execute("UPDATE uploads SET created_at = now() - interval '61 minutes'").await;
    let failed = media.complete(&own, &leave.id).await.unwrap();
    assert_eq!((failed.status(), failed.error_code.as_deref()), (UploadStatus::Failed, Some("UPLOAD_EXPIRED")));
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_belong_to_nothing_are_swept_and_no_others() {
    let media = MediaTest::start().await;
    let own = seller();
    let ready = media.send(&own, intent(Image), &jpeg()).await.unwrap();
    let ready = media.settled(&ready).await;
    media.has_objects(2).await;
    let served = media.s3.keys();
    let pending = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    let storage = storage(&media);
    let stem = ready.key.as_ref().unwrap().strip_suffix(".jpg").unwrap().to_owned();
    let (stranger, secret) = ("0192f6a2-7c1e-7b3a-9f00-0123456789ab", "0".repeat(32));
    // Left over: of nobody, of a ready one's received bytes, under another name of a ready one.
    let left_over = [
        format!("received/{stranger}-{secret}"),
        format!("received/{}-{secret}", ready.id),
        format!("reels/{stranger}/{stranger}-{secret}.mp4"),
        format!("images/{stranger}-{secret}_400.jpg"),
        format!("{stem}.png"),
    ];
    // Not of our making.
    let others = ["demo/dune.mp4".to_owned(), format!("images/{stranger}.jpg"), "reels/dune.mp4".to_owned()];
    for key in left_over.iter().chain(&others) {
        put(&storage, key).await;
    }
    let worker = media.start_worker(|config| config.times.sweep_every = Duration::from_millis(50)).await;
    worker.clock.advance(TimeDelta::minutes(121));
    let swept = |keys: usize| media.has_objects(keys);
    let all = served.len() + 1 + others.len() + left_over.len();
    swept(all - 2).await;
    worker.clock.advance(TimeDelta::hours(22));
    swept(all - left_over.len()).await;
    let mut expected: Vec<String> = served.into_iter().chain(others).chain([pending.key]).collect();
    expected.sort();
    assert_eq!(media.s3.keys(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeping_touches_nothing_that_is_being_sent() {
    let media = MediaTest::start_with(None, |config| config.times.sweep_every = Duration::from_millis(5)).await;
    let own = customer();
    let bytes = jpeg();
    for _ in 0..5 {
        let sent = futures::future::join_all((0..4).map(|_| media.send(&own, intent(Image), &bytes))).await;
        for upload in sent {
            assert_eq!(media.settled(&upload.unwrap()).await.status(), UploadStatus::Ready);
        }
    }
    media.has_objects(40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_needs_goes_when_nobody_shows_it() {
    let media = MediaTest::start().await;
    let own = customer();
    let mut ready = Vec::new();
    for _ in 0..2 {
        let sent = media.send(&own, intent(Image), &jpeg()).await.unwrap();
        ready.push(media.settled(&sent).await);
    }
    media.others.show("ordering", ready[0].thumbnail_url.as_ref().unwrap());
    media.others.go_away("identity");
    media.execute("UPDATE uploads SET ask_at = now()").await;
    // While one does not say nothing goes.
    eventually(crate::harness::SOON, async || media.others.asked().len() > 12).await;
    assert_eq!(media.number("SELECT count(*) FROM uploads").await, 2);
    media.others.come_back();
    media.has_objects(2).await;
    let caller = Caller::Account(own);
    assert!(media.get(&caller, &ready[0].id).await.is_ok());
    assert_eq!(reason(media.get(&caller, &ready[1].id).await), Reason::UploadNotFound);
    // It is asked about the next day.
    let later =
        "SELECT count(*) FROM uploads WHERE ask_at BETWEEN now() + interval '23 hours' AND now() + interval '25 hours'";
    assert_eq!(media.number(later).await, 1);
    media.others.show_nothing();
    media.execute("UPDATE uploads SET ask_at = now()").await;
    media.has_objects(0).await;
    assert_eq!(media.number("SELECT count(*) FROM uploads").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_self_check_finds_what_is_missing() {
    let media = MediaTest::start_with_broker().await;
    let own = seller();
    let sent = media.send(&own, intent(Image), &jpeg()).await.unwrap();
    let ready = media.settled(&sent).await;
    let found = async || media::Media::check(&media.config).await.unwrap();
    assert_eq!(found().await.findings(), 0);
    storage(&media).delete(ready.thumbnail_key.as_ref().unwrap()).await.unwrap();
    assert_eq!(found().await.findings(), 1);
    let product = media.product_of(&own);
    let video = media.send(&own, of_product(ReelVideo, product), video()).await.unwrap();
    media.settled(&video).await;
    let late = "INSERT INTO uploads SELECT (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(), \
                  'status', 'processing', 'thumbnail_key', NULL, 'key', NULL, 'served_at', NULL, 'received_key', 'received/late', \
                  'due_at', now() + interval '1 hour', 'received_at', now() - interval '2 hours'))).* \
                FROM uploads AS u WHERE kind = 'reel_video'";
    media.execute(late).await;
    assert_eq!(found().await.findings(), 2);
}
