//! Any number of workers, who may die anywhere.

use std::time::Duration;

use events::names::{IMAGE_READY, UPLOAD_COMPLETED, UPLOAD_FAILED};
use local_s3::Fault;
use protocol::media::v1::UploadKind::Image;
use protocol::media::v1::UploadStatus;
use test_support::{customer, eventually, outbox};

use crate::harness::{MediaTest, SOON, fetch, intent, jpeg};

/// A file that was received, and that nobody works on.
async fn received(media: &MediaTest) -> protocol::media::v1::Upload {
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    media.complete(&own, &leave.id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_never_have_one_file() {
    let media = MediaTest::start_without_workers().await;
    let mut all = Vec::new();
    for _ in 0..20 {
        all.push(received(&media).await);
    }
    let (_one, _two) = tokio::join!(media.start_worker(|_| {}), media.start_worker(|_| {}));
    for upload in &all {
        assert_eq!(media.settled(upload).await.status(), UploadStatus::Ready);
    }
    assert_eq!(media.number("SELECT count(*) FROM uploads WHERE attempts <> 1").await, 0);
    let said = outbox::names(&mut media.database.conn().await).await;
    assert_eq!(said.iter().filter(|name| *name == IMAGE_READY).count(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_falls_silent_is_relieved_when_the_lease_runs_out() {
    let media = MediaTest::start_without_workers().await;
    let upload = received(&media).await;
    // As a worker leaves it that died.
    media.execute("UPDATE uploads SET attempts = 1, due_at = now() + interval '1 hour'").await;
    let _worker = media.start_worker(|_| {}).await;
    let other = received(&media).await;
    media.settled(&other).await;
    let waits = format!("SELECT count(*) FROM uploads WHERE id = '{}' AND status = 'processing'", upload.id);
    assert_eq!(media.number(&waits).await, 1);
    media.execute("UPDATE uploads SET due_at = now() WHERE status = 'processing'").await;
    assert_eq!(media.settled(&upload).await.status(), UploadStatus::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_work_keeps_its_file() {
    let media = MediaTest::start_without_workers().await;
    let upload = received(&media).await;
    media.s3.set_fault(Some(Fault::Slow(Duration::from_millis(700))));
    let lease = |config: &mut media::Config| config.times.lease = Duration::from_millis(500);
    let (_one, _two) = tokio::join!(media.start_worker(lease), media.start_worker(lease));
    assert_eq!(media.settled(&upload).await.status(), UploadStatus::Ready);
    assert_eq!(media.number("SELECT attempts FROM uploads").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_five_workers_died_of_is_given_up() {
    let media = MediaTest::start_without_workers().await;
    let upload = received(&media).await;
    media.execute("UPDATE uploads SET attempts = 5").await;
    let _worker = media.start_worker(|config| config.times.lease = Duration::from_millis(200)).await;
    let failed = media.settled(&upload).await;
    assert_eq!(failed.error_code.as_deref(), Some("PROCESSING_FAILED"));
    media.has_objects(0).await;
    assert_eq!(outbox::names(&mut media.database.conn().await).await, [UPLOAD_COMPLETED, UPLOAD_FAILED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_received_object_that_vanished_is_looked_for_five_times() {
    let media = MediaTest::start_without_workers().await;
    let upload = received(&media).await;
    media.execute("UPDATE uploads SET received_key = 'received/vanished'").await;
    let _worker = media.start_worker(|_| {}).await;
    assert_eq!(media.settled(&upload).await.error_code.as_deref(), Some("PROCESSING_FAILED"));
    assert_eq!(media.number("SELECT attempts FROM uploads").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_over_a_served_picture_makes_the_same_again() {
    let media = MediaTest::start().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    let ready = media.settled(&media.complete(&own, &leave.id).await.unwrap()).await;
    let (url, thumbnail_url) = (ready.url.unwrap(), ready.thumbnail_url.unwrap());
    let (copy, thumbnail) = (fetch(&url).await.unwrap(), fetch(&thumbnail_url).await.unwrap());
    media.has_objects(2).await;

    // The same row once more, as a worker left it that died before the thumbnail.
    let again = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    let back = format!(
        "DELETE FROM uploads WHERE id = '{0}'; DELETE FROM uploads WHERE id = '{1}'; \
         INSERT INTO uploads (id, owner_id, kind, status, content_type, size_bytes, secret, received_key, key, \
           served_bytes, width, height, received_at, served_at, due_at, attempts, created_at, updated_at) \
         VALUES ('{0}', '{2}', 'image', 'processing', 'image/jpeg', {3}, '{4}', '{5}', '{6}', 9, 640, 480, now(), now(), now(), \
           9, now(), now())",
        ready.id,
        again.id,
        own.user_id,
        jpeg().len(),
        &ready.key.as_ref().unwrap()[("images/".len() + 37)..][..32],
        again.key,
        ready.key.as_ref().unwrap(),
    );
    media.execute(&back).await;
    let ready = media.settled(&protocol::media::v1::Upload { id: ready.id.clone(), ..Default::default() }).await;
    assert_eq!((ready.url.as_ref(), ready.thumbnail_url.as_ref()), (Some(&url), Some(&thumbnail_url)));
    assert_eq!((fetch(&url).await.unwrap(), fetch(&thumbnail_url).await.unwrap()), (copy, thumbnail));
    media.has_objects(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_ends_lets_go_of_what_it_has() {
    let media = MediaTest::start_without_workers().await;
    let worker = media.start_worker(|_| {}).await;
    let upload = received(&media).await;
    media.settled(&upload).await;
    worker.lifecycle.drain(&worker.readiness, Duration::ZERO).await;
    assert_eq!(worker.lifecycle.failure(), None);
    let waits = received(&media).await;
    let _other = media.start_worker(|_| {}).await;
    media.settled(&waits).await;
    eventually(SOON, async || media.s3.keys().len() == 4).await;
}
