//! Files that are written straight to the bucket: leave, the bytes, and `complete`.

use access_token::Caller;
use events::names::{IMAGE_READY, UPLOAD_COMPLETED, UPLOAD_FAILED};
use protocol::media::v1::UploadKind::{Avatar, Image, ProductImage, ReelVideo};
use protocol::media::v1::{UploadIntent, UploadStatus};
use service_error::Reason;
use test_support::{admin, customer, outbox, seller};

use crate::harness::{MediaTest, detail, fetch, intent, jpeg, of_product, picture, put, reason, video};

const MAX_IMAGE: i64 = 10 * 1024 * 1024;
const MAX_VIDEO: i64 = 100 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_written_completed_and_served() {
    let media = MediaTest::start().await;
    let own = seller();
    let product = media.product_of(&own);
    let wanted = UploadIntent { is_primary: Some(true), display_order: Some(3), ..of_product(ProductImage, product) };
    let bytes = jpeg();
    let leave = media.create(&own, wanted.clone(), ("image/jpeg", bytes.len() as i64)).await.unwrap();
    assert!(leave.key.starts_with(&format!("received/{}-", leave.id)));
    let caller = Caller::Account(own.clone());
    let pending = media.get(&caller, &leave.id).await.unwrap();
    assert_eq!((pending.status(), pending.intent.as_ref()), (UploadStatus::Pending, Some(&wanted)));
    assert_eq!((pending.size_bytes, pending.content_type.as_str()), (bytes.len() as i64, "image/jpeg"));
    assert!(pending.key.is_none() && pending.url.is_none());
    let (created, expires) = (pending.created_at.unwrap().seconds, pending.expires_at.unwrap().seconds);
    assert_eq!((expires - created, leave.expires_at.unwrap()), (900, pending.expires_at.unwrap()));
    assert_eq!(reason(media.complete(&own, &leave.id).await), Reason::UploadNotReceived);

    assert_eq!(put(&leave, bytes).await, 200);
    let completed = media.complete(&own, &leave.id).await.unwrap();
    assert!(matches!(completed.status(), UploadStatus::Processing | UploadStatus::Ready));
    let ready = media.settled(&completed).await;
    assert!(ready.expires_at.is_none() && fetch(ready.url.as_ref().unwrap()).await.is_some());
    assert!(!ready.key.as_ref().unwrap().contains(leave.key.rsplit('-').next().unwrap()));
    // Repeated it answers what is, and nothing is done twice.
    assert_eq!(media.complete(&own, &leave.id).await.unwrap(), ready);
    media.has_objects(2).await;
    assert_eq!(outbox::names(&mut media.database.conn().await).await, [UPLOAD_COMPLETED, IMAGE_READY]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_is_held_against_its_kind() {
    let media = MediaTest::start().await;
    let own = seller();
    let video_of = of_product(ReelVideo, media.product_of(&own));
    for (wanted, content_type, size, refusal) in [
        (intent(Avatar), "image/jpeg", 0, Some(Reason::ValidationError)),
        (intent(Avatar), "image/jpeg", -5, Some(Reason::ValidationError)),
        (intent(Avatar), "image/webp", 1, None),
        (intent(Avatar), "image/gif", MAX_IMAGE, None),
        (intent(Avatar), "image/png", MAX_IMAGE + 1, Some(Reason::FileTooLarge)),
        (intent(Avatar), "image/svg+xml", 5, Some(Reason::UnsupportedMediaType)),
        (intent(Avatar), "video/mp4", 5, Some(Reason::UnsupportedMediaType)),
        (video_of.clone(), "video/quicktime", MAX_VIDEO, None),
        (video_of.clone(), "video/webm", MAX_VIDEO + 1, Some(Reason::FileTooLarge)),
        (video_of.clone(), "image/jpeg", 5, Some(Reason::UnsupportedMediaType)),
        (of_product(ProductImage, media.product_of(&seller())), "text/html", 5, Some(Reason::ProductNotFound)),
    ] {
        let answer = media.create(&own, wanted, (content_type, size)).await;
        match refusal {
            Some(refusal) => assert_eq!(reason(answer), refusal, "{content_type} {size}"),
            None => assert_eq!(answer.unwrap().headers[0].value, content_type),
        }
    }
    assert_eq!(media.number("SELECT count(*) FROM uploads").await, 3);
    let full = media.product_of(&own);
    media.others.add_product(full, own.user_id, 20);
    let refused = media.create(&own, of_product(ProductImage, full), ("image/png", 5)).await;
    assert_eq!(reason(refused), Reason::TooManyImages);
    assert_eq!(reason(media.create(&customer(), video_of, ("video/mp4", 5)).await), Reason::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_decides_what_it_meets() {
    let media = MediaTest::start().await;
    let own = seller();
    let video_of = of_product(ReelVideo, media.product_of(&own));
    let mut flood = picture(image::ImageFormat::Png, 4, 4);
    flood[16..24].copy_from_slice(&[0, 0, 0xfa, 0xfa, 0, 0, 0xfa, 0xfa]);
    for (wanted, content_type, bytes, refusal) in [
        (intent(Image), "image/png", b"%PDF-1.7 ".to_vec(), Reason::UnsupportedMediaType),
        (intent(Image), "image/png", video().to_vec(), Reason::UnsupportedMediaType),
        (video_of, "video/mp4", jpeg(), Reason::UnsupportedMediaType),
        (intent(Image), "image/png", flood, Reason::UnprocessableMedia),
        (intent(Image), "image/jpeg", jpeg()[..80].to_vec(), Reason::UnprocessableMedia),
    ] {
        let leave = media.write(&own, wanted, content_type, &bytes).await;
        assert_eq!(reason(media.complete(&own, &leave.id).await), refusal);
        let failed = media.complete(&own, &leave.id).await.unwrap();
        assert_eq!((failed.status(), failed.error_code.as_deref()), (UploadStatus::Failed, Some(refusal.as_str())));
    }
    let said = outbox::names(&mut media.database.conn().await).await;
    assert!(said.len() == 5 && said.iter().all(|name| name == UPLOAD_FAILED), "{said:?}");
    media.execute("UPDATE doomed_objects SET due_at = now()").await;
    media.has_objects(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_size_than_declared_fails() {
    let media = MediaTest::start().await;
    let own = customer();
    // The signature holds the client to its size: these rows say another one than was signed.
    for (declared, refusal) in [(7, Reason::UnprocessableMedia), (MAX_IMAGE, Reason::UnprocessableMedia)] {
        let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
        media.execute(&format!("UPDATE uploads SET size_bytes = {declared} WHERE id = '{}'", leave.id)).await;
        let refused = media.complete(&own, &leave.id).await;
        assert_eq!(detail(refused.clone(), "problem"), "size_mismatch");
        assert_eq!(reason(refused), refusal);
        assert_eq!(media.complete(&own, &leave.id).await.unwrap().error_code.as_deref(), Some("UNPROCESSABLE_MEDIA"));
    }
    let too_large = vec![0; MAX_IMAGE as usize + 1];
    let video_of = of_product(ReelVideo, {
        let seller = seller();
        let product = media.product_of(&seller);
        let leave = media.write(&seller, of_product(ReelVideo, product), "video/mp4", &too_large).await;
        media.execute(&format!("UPDATE uploads SET kind = 'image', product_id = NULL WHERE id = '{}'", leave.id)).await;
        let refused = media.complete(&seller, &leave.id).await;
        assert_eq!(detail(refused, "limit_bytes"), MAX_IMAGE);
        product
    });
    assert_eq!(video_of.kind(), ReelVideo);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_are_one() {
    let media = MediaTest::start().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    let answers = futures::future::join_all((0..10).map(|_| media.complete(&own, &leave.id))).await;
    for answer in answers {
        assert!(matches!(answer.unwrap().status(), UploadStatus::Processing | UploadStatus::Ready));
    }
    let upload = media.get(&Caller::Account(own), &leave.id).await.unwrap();
    media.settled(&upload).await;
    assert_eq!(media.number("SELECT count(*) FROM receipts").await, 1);
    assert_eq!(outbox::names(&mut media.database.conn().await).await, [UPLOAD_COMPLETED, IMAGE_READY]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_afterwards_changes_nothing() {
    let media = MediaTest::start_without_workers().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    let mut other = jpeg();
    let last = other.len() - 40;
    other[last..].fill(0);
    assert_eq!(put(&leave, other.clone()).await, 412);
    let completed = media.complete(&own, &leave.id).await.unwrap();
    assert_eq!(put(&leave, other.clone()).await, 412);
    let _worker = media.start_worker(|_| {}).await;
    let ready = media.settled(&completed).await;
    let served = fetch(ready.url.as_ref().unwrap()).await.unwrap();
    media.has_objects(2).await;
    // The leave is still good, and what it writes is nobody's.
    assert_eq!(put(&leave, other).await, 200);
    assert_eq!(media.complete(&own, &leave.id).await.unwrap(), ready);
    assert_eq!(fetch(ready.url.as_ref().unwrap()).await.unwrap(), served);
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_fifty_are_pending_at_a_time() {
    let media = MediaTest::start_without_workers().await;
    let own = customer();
    let leave = |_| media.create(&own, intent(Image), ("image/png", 5));
    let answers = futures::future::join_all((0..60).map(leave)).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 50);
    assert_eq!(media.number("SELECT count(*) FROM uploads WHERE status = 'pending'").await, 50);
    let refused = answers.into_iter().find(Result::is_err).unwrap();
    assert_eq!(reason(refused), Reason::RateLimited);
    assert!(media.create(&customer(), intent(Image), ("image/png", 5)).await.is_ok());
    // The other way leaves none pending.
    media.check(&Caller::Account(own), intent(Image)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_quota_counts_what_was_written() {
    let media = MediaTest::start().await;
    let own = customer();
    let bytes = jpeg();
    let left = 2_i64 * 1024 * 1024 * 1024 - bytes.len() as i64;
    let leaves = [
        media.write(&own, intent(Image), "image/jpeg", &bytes).await,
        media.write(&own, intent(Image), "image/jpeg", &bytes).await,
    ];
    media.execute(&format!("INSERT INTO receipts VALUES (gen_random_uuid(), '{}', {left}, now())", own.user_id)).await;
    assert!(media.complete(&own, &leaves[0].id).await.is_ok());
    assert_eq!(reason(media.complete(&own, &leaves[1].id).await), Reason::RateLimited);
    let waits = media.get(&Caller::Account(own.clone()), &leaves[1].id).await.unwrap();
    assert_eq!(waits.status(), UploadStatus::Pending);
    media.execute("UPDATE receipts SET received_at = now() - interval '25 hours'").await;
    assert!(media.complete(&own, &leaves[1].id).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_uploader_completes_it_and_admins_see_it() {
    let media = MediaTest::start().await;
    let own = customer();
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    for other in [customer(), admin()] {
        assert_eq!(reason(media.complete(&other, &leave.id).await), Reason::UploadNotFound);
    }
    assert!(media.get(&Caller::Account(own.clone()), &leave.id).await.is_ok());
    assert!(media.get(&Caller::Account(admin()), &leave.id).await.is_ok());
    assert_eq!(reason(media.get(&Caller::Account(customer()), &leave.id).await), Reason::UploadNotFound);
    assert_eq!(reason(media.get(&Caller::GUEST, &leave.id).await), Reason::Unauthorized);
    assert_eq!(reason(media.complete(&own, "0192f6a2-7c1e-7b3a-9f00-0123456789ab").await), Reason::UploadNotFound);
}
