//! The bucket refuses, is slow, or cuts connections.

use std::time::{Duration, Instant};

use access_token::Caller;
use local_s3::Fault;
use protocol::media::v1::UploadKind::Image;
use protocol::media::v1::UploadStatus;
use service_error::Reason;
use test_support::{customer, eventually};

use crate::harness::{MediaTest, SOON, intent, jpeg, reason};

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_refused_at_once_while_it_is_away() {
    let media = MediaTest::start().await;
    for fault in [Fault::Refusing, Fault::Slow(Duration::from_secs(60))] {
        media.s3.set_fault(Some(fault));
        let begun = Instant::now();
        assert_eq!(reason(media.send(&customer(), intent(Image), &jpeg()).await), Reason::Unavailable);
        assert!(begun.elapsed() < Duration::from_secs(4), "{fault:?} {:?}", begun.elapsed());
    }
    media.s3.set_fault(None);
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_was_lost_leaves_nothing() {
    let media = MediaTest::start().await;
    media.s3.set_fault(Some(Fault::Cutting));
    assert_eq!(reason(media.send(&customer(), intent(Image), &jpeg()).await), Reason::Unavailable);
    media.s3.set_fault(None);
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_may_be_repeated_when_it_is_back() {
    let media = MediaTest::start().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    media.s3.set_fault(Some(Fault::Refusing));
    assert_eq!(reason(media.complete(&own, &leave.id).await), Reason::Unavailable);
    media.s3.set_fault(None);
    let pending = media.get(&Caller::Account(own.clone()), &leave.id).await.unwrap();
    assert_eq!(pending.status(), UploadStatus::Pending);
    let completed = media.complete(&own, &leave.id).await.unwrap();
    assert_eq!(media.settled(&completed).await.status(), UploadStatus::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_counted_against_a_file_while_it_is_away() {
    let media = MediaTest::start_without_workers().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    let received = media.complete(&own, &leave.id).await.unwrap();
    for fault in [Fault::Refusing, Fault::Cutting] {
        media.s3.set_fault(Some(fault));
        let before = media.s3.requests();
        let worker = media.start_worker(|_| {}).await;
        if fault == Fault::Refusing {
            // More often than a file that is at fault is taken up.
            eventually(SOON, async || media.s3.requests() > before + 10).await;
        } else {
            eventually(SOON, async || media.s3.requests() > before + 2).await;
        }
        worker.lifecycle.drain(&worker.readiness, Duration::ZERO).await;
        assert!(media.number("SELECT attempts FROM uploads").await <= 1);
    }
    media.s3.set_fault(None);
    let _worker = media.start_worker(|_| {}).await;
    assert_eq!(media.settled(&received).await.status(), UploadStatus::Ready);
    media.has_objects(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doomed_objects_are_deleted_when_it_is_back() {
    let media = MediaTest::start().await;
    let own = customer();
    let sent = media.send(&own, intent(Image), &jpeg()).await.unwrap();
    let ready = media.settled(&sent).await;
    let doomed = async || media.number("SELECT count(*) FROM doomed_objects").await;
    eventually(SOON, async || doomed().await == 0).await;
    media.s3.set_fault(Some(Fault::Refusing));
    media.delete(&Caller::Account(own), &ready.key.unwrap()).await.unwrap();
    let before = media.s3.requests();
    eventually(SOON, async || media.s3.requests() > before + 6).await;
    // Copy, thumbnail, and where it was received: whoever still has leave may have written there again.
    assert_eq!(doomed().await, 3);
    media.s3.set_fault(None);
    media.has_objects(0).await;
    eventually(SOON, async || doomed().await == 0).await;
}
