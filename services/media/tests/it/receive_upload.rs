//! Files that come chunk by chunk: the limits, what is refused, and what stays of it.

use access_token::Caller;
use events::names::UPLOAD_COMPLETED;
use protocol::media::v1::UploadKind::{Avatar, Image, ProductImage, ReelVideo};
use protocol::media::v1::{UploadCompleted, UploadIntent, UploadStatus};
use service_error::Reason;
use std::time::Duration;
use test_support::{customer, eventually, outbox, seller};
use tokio_stream::wrappers::ReceiverStream;

use crate::harness::{MediaTest, SOON, detail, intent, jpeg, of_product, parts, reason, video};

const MAX_IMAGE: usize = 10 * 1024 * 1024;
const MAX_VIDEO: usize = 100 * 1024 * 1024;

/// Padding after the end is no fault of a JPEG.
fn jpeg_of(size: usize) -> Vec<u8> {
    let mut bytes = jpeg();
    bytes.resize(size, 0);
    bytes
}

/// A box of free space makes a video as long as one likes.
fn video_of(size: usize) -> Vec<u8> {
    let mut bytes = video().to_vec();
    let free = size - bytes.len();
    bytes.extend((free as u32).to_be_bytes());
    bytes.extend(b"free");
    bytes.resize(size, 0);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
    let media = MediaTest::start().await;
    let own = customer();
    let taken = media.send(&own, intent(Image), &jpeg_of(MAX_IMAGE)).await.unwrap();
    assert_eq!(taken.size_bytes, MAX_IMAGE as i64);
    media.settled(&taken).await;
    let refused = media.send(&own, intent(Image), &jpeg_of(MAX_IMAGE + 1)).await;
    assert_eq!(detail(refused, "limit_bytes"), MAX_IMAGE);
    assert_eq!(media.number("SELECT count(*) FROM uploads").await, 1);
    media.has_objects(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_a_video() {
    let media = MediaTest::start_without_workers().await;
    let own = seller();
    let video = of_product(ReelVideo, media.product_of(&own));
    let refused = media.send(&own, video.clone(), &video_of(MAX_VIDEO + 1)).await;
    assert_eq!(detail(refused, "limit_bytes"), MAX_VIDEO);
    media.assert_nothing_stored().await;
    let taken = media.send(&own, video, &video_of(MAX_VIDEO)).await.unwrap();
    assert_eq!((taken.size_bytes, taken.status()), (MAX_VIDEO as i64, UploadStatus::Processing));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_while_more_would_come() {
    let media = MediaTest::start().await;
    let (more, rest) = tokio::sync::mpsc::channel(1);
    let request = media.by(&Caller::Account(customer()), ReceiverStream::new(rest));
    let mut client = media.client.clone();
    let sending = async {
        let mut sent = 0;
        for part in parts(intent(Image), &vec![0; MAX_IMAGE + 200_000]) {
            sent += 1;
            if more.send(part).await.is_err() {
                break;
            }
        }
        sent
    };
    // The stream stays open.
    let (answer, sent) = futures::join!(client.receive_upload(request), sending);
    assert_eq!(reason(answer), Reason::FileTooLarge);
    assert!(sent > 150);
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_or_no_video_is_refused_and_nothing_stays() {
    let media = MediaTest::start().await;
    let own = seller();
    let product = media.product_of(&own);
    let (picture, video_of) = (intent(Image), of_product(ReelVideo, product));
    for refused in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"%PDF-1.7", b"MZ\x90\0", b"#EXTM3U\n", video()]
    {
        assert_eq!(reason(media.send(&own, picture.clone(), refused).await), Reason::UnsupportedMediaType);
    }
    for refused in [&jpeg()[..], b"#EXTM3U\nhttp://127.0.0.1/", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"] {
        assert_eq!(reason(media.send(&own, video_of.clone(), refused).await), Reason::UnsupportedMediaType);
    }
    let mut flood = crate::harness::picture(image::ImageFormat::Png, 4, 4);
    flood[16..24].copy_from_slice(&[0, 0, 0xfa, 0xfa, 0, 0, 0xfa, 0xfa]);
    for broken in [&jpeg()[..100], &flood, b"GIF89a"] {
        assert_eq!(reason(media.send(&own, picture.clone(), broken).await), Reason::UnprocessableMedia);
    }
    assert_eq!(reason(media.send(&own, picture, b"").await), Reason::ValidationError);
    media.assert_nothing_stored().await;
    assert!(outbox::names(&mut media.database.conn().await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_decoding_finds_is_refused_all_the_same() {
    let media = MediaTest::start().await;
    let mut bytes = crate::harness::picture(image::ImageFormat::Png, 64, 64);
    // Within the compressed pixels: the chunk's sum is wrong, and so is what it inflates to.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40].fill(0xa5);
    let refused = media.send(&customer(), intent(Image), &bytes).await;
    assert_eq!(reason(refused), Reason::UnprocessableMedia);
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_product_it_is_goes_before_what_is_sent() {
    let media = MediaTest::start().await;
    let product = media.product_of(&seller());
    for kind in [ProductImage, ReelVideo] {
        let refused = media.send(&seller(), of_product(kind, product), b"%PDF-1.7").await;
        assert_eq!(reason(refused), Reason::ProductNotFound);
    }
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_in_the_middle_leaves_nothing() {
    let media = MediaTest::start().await;
    let own = Caller::Account(customer());
    for _ in 0..20 {
        let (more, rest) = tokio::sync::mpsc::channel(1);
        let request = media.by(&own, ReceiverStream::new(rest));
        let mut client = media.client.clone();
        let sending = async {
            for part in parts(intent(Image), &jpeg_of(400_000)).into_iter().take(4) {
                more.send(part).await.unwrap();
            }
        };
        tokio::select! {
            answer = client.receive_upload(request) => panic!("it is not over: {answer:?}"),
            () = sending => {}
        }
    }
    media.assert_nothing_stored().await;
    // All their places are free again.
    assert!(media.send(&customer(), intent(Image), &jpeg()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_sending_is_given_up() {
    let media = MediaTest::start_with(None, |config| config.times.stall = Duration::from_millis(200)).await;
    let (more, rest) = tokio::sync::mpsc::channel(8);
    let request = media.by(&Caller::Account(customer()), ReceiverStream::new(rest));
    for part in parts(intent(Image), &jpeg_of(400_000)).into_iter().take(3) {
        more.send(part).await.unwrap();
    }
    let refused = media.client.clone().receive_upload(request).await;
    assert_eq!(reason(refused), Reason::ValidationError);
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_for_ever_is_given_up() {
    let media = MediaTest::start_with(None, |config| config.times.upload_longest = Duration::from_millis(300)).await;
    let (more, rest) = tokio::sync::mpsc::channel(1);
    let request = media.by(&Caller::Account(customer()), ReceiverStream::new(rest));
    let drips = async move {
        let mut head = parts(intent(Image), &jpeg());
        head.pop();
        let byte = parts(intent(Image), b"x").remove(1);
        let mut drip = tokio::time::interval(Duration::from_millis(20));
        for part in head.into_iter().chain(std::iter::repeat(byte)) {
            drip.tick().await;
            if more.send(part).await.is_err() {
                return;
            }
        }
    };
    let mut client = media.client.clone();
    let (answer, ()) = futures::join!(client.receive_upload(request), drips);
    assert_eq!(reason(answer), Reason::ValidationError);
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_its_intent_at_both_ends() {
    let media = MediaTest::start().await;
    let all = parts(intent(Image), &jpeg());
    let (first, bytes, last) = (&all[..1], &all[1..all.len() - 1], &all[all.len() - 1..]);
    let other = &parts(intent(Avatar), b"")[..1];
    for messages in [
        [bytes, last, &[], &[]].concat(),
        vec![],
        [first, &[], &[], &[]].concat(),
        // It broke off: whoever sent it may have been given up.
        [first, bytes, &[], &[]].concat(),
        [first, last, bytes, last].concat(),
        [first, bytes, last, last].concat(),
        [first, bytes, other, &[]].concat(),
        [first, last, &[], &[]].concat(),
    ] {
        let request = media.by(&Caller::Account(customer()), tokio_stream::iter(messages));
        assert!(media.client.clone().receive_upload(request).await.is_err());
    }
    media.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_after_the_file_counts() {
    let media = MediaTest::start().await;
    let own = seller();
    let wanted = of_product(ProductImage, media.product_of(&own));
    let mut messages = parts(wanted.clone(), &jpeg());
    let told = UploadIntent { is_primary: Some(true), display_order: Some(7), ..wanted };
    *messages.last_mut().unwrap() = parts(told.clone(), b"").remove(0);
    let request = media.by(&Caller::Account(own.clone()), tokio_stream::iter(messages.clone()));
    let sent = media.client.clone().receive_upload(request).await.unwrap().into_inner();
    assert_eq!(sent.intent.as_ref(), Some(&told));

    let wrong = UploadIntent { display_order: Some(1_001), ..told };
    *messages.last_mut().unwrap() = parts(wrong, b"").remove(0);
    let request = media.by(&Caller::Account(own), tokio_stream::iter(messages));
    assert_eq!(reason(media.client.clone().receive_upload(request).await), Reason::ValidationError);
    assert_eq!(media.number("SELECT count(*) FROM uploads").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_works_on_in_time_is_given_up() {
    let media = MediaTest::start_with(None, |config| {
        config.role = media::Role::Api;
        config.times.served_within = Duration::from_millis(100);
    })
    .await;
    assert_eq!(reason(media.send(&customer(), intent(Image), &jpeg()).await), Reason::Unavailable);
    let failed = "SELECT count(*) FROM uploads WHERE status = 'failed' AND error_code = 'PROCESSING_FAILED'";
    assert_eq!(media.number(failed).await, 1);
    media.execute("UPDATE doomed_objects SET due_at = now()").await;
    let worker = media.start_worker(|_| {}).await;
    media.has_objects(0).await;
    assert_eq!(worker.lifecycle.failure(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_at_a_time_are_refused_and_the_quota_is_exact() {
    let media = MediaTest::start_with(None, |config| config.uploads_at_once = 2).await;
    let own = customer();
    let bytes = jpeg();
    let left = 3 * bytes.len() as i64;
    media
        .execute(&format!(
            "INSERT INTO receipts VALUES (gen_random_uuid(), '{}', {}, now())",
            own.user_id,
            2_i64 * 1024 * 1024 * 1024 - left
        ))
        .await;
    let answers = futures::future::join_all((0..12).map(|_| async {
        loop {
            let answer = media.send(&own, intent(Image), &bytes).await;
            let crowded = answer.as_ref().is_err_and(|status| status.code() == tonic::Code::Unavailable);
            if !crowded {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    }))
    .await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (3, 9));
    for answer in refused {
        assert_eq!(reason(answer), Reason::RateLimited);
    }
    eventually(SOON, async || media.s3.keys().len() == 6).await;
    let said: Vec<UploadCompleted> = outbox::messages(&mut media.database.conn().await, UPLOAD_COMPLETED).await;
    assert_eq!(said.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_all_here_waits_for_a_busy_database() {
    let media = MediaTest::start_with(None, |config| config.times.retry_pause = Duration::from_millis(500)).await;
    let own = customer();
    let mut other = media.database.conn().await;
    let held = format!("SELECT pg_advisory_lock(hashtextextended('{}', 0))", own.user_id);
    diesel_async::SimpleAsyncConnection::batch_execute(&mut other, &held).await.unwrap();
    let waits = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                 WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";
    let waiting = async || media.number(waits).await;
    let released = async {
        eventually(SOON, async || waiting().await > 0).await;
        // The first try was in vain.
        eventually(SOON, async || waiting().await == 0).await;
        drop(other);
    };
    let picture = jpeg();
    let (sent, ()) = futures::future::join(media.send(&own, intent(Image), &picture), released).await;
    media.settled(&sent.unwrap()).await;
    media.has_objects(2).await;
}
