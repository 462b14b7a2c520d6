//! Who may delete what, and when it stays.

use access_token::Caller;
use events::names::MEDIA_ADMIN_ACTION;
use protocol::media::v1::UploadKind::{Image, ReelVideo};
use protocol::media::v1::UploadStatus;
use protocol::types::v1::AdminAction;
use service_error::Reason;
use test_support::{admin, customer, outbox, seller};

use crate::harness::{MediaTest, fetch, intent, jpeg, of_product, reason, video};

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_with_its_thumbnail_and_record() {
    let media = MediaTest::start().await;
    let own = customer();
    let caller = Caller::Account(own.clone());
    let sent = media.send(&own, intent(Image), &jpeg()).await.unwrap();
    let ready = media.settled(&sent).await;
    let key = ready.key.clone().unwrap();
    for other in [Caller::Account(customer()), Caller::Account(seller())] {
        assert_eq!(reason(media.delete(&other, &key).await), Reason::FileNotFound);
    }
    assert_eq!(reason(media.delete(&Caller::GUEST, &key).await), Reason::Unauthorized);
    // By its own key alone.
    assert_eq!(reason(media.delete(&caller, ready.thumbnail_key.as_ref().unwrap()).await), Reason::FileNotFound);
    assert_eq!(media.delete(&caller, &key).await.unwrap(), key);
    assert_eq!(reason(media.delete(&caller, &key).await), Reason::FileNotFound);
    assert_eq!(reason(media.get(&caller, &ready.id).await), Reason::UploadNotFound);
    media.has_objects(0).await;
    assert!(fetch(&ready.url.unwrap()).await.is_none());
    // Asked in media's own name, of the copy and of the thumbnail.
    let asked = media.others.asked();
    let mut services: Vec<_> = asked.iter().map(|(service, _, urls)| (*service, *urls)).collect();
    services.sort_unstable();
    assert_eq!(services, [("catalog", 2), ("identity", 2), ("ordering", 2), ("reels", 2)]);
    for (_, token, _) in asked {
        let tokens = test_support::Tokens::new(&service_runtime::Clock::system()).access_tokens();
        assert_eq!(tokens.verify(token.strip_prefix("Bearer ").unwrap()), Ok(Caller::service("media")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_anybody_shows_stays_also_for_admins() {
    let media = MediaTest::start().await;
    let own = customer();
    let sent = media.send(&own, intent(Image), &jpeg()).await.unwrap();
    let ready = media.settled(&sent).await;
    let key = ready.key.unwrap();
    let callers = [Caller::Account(own), Caller::Account(admin())];
    for service in ["catalog", "reels", "identity", "ordering"] {
        for url in [ready.url.as_ref().unwrap(), ready.thumbnail_url.as_ref().unwrap()] {
            media.others.show(service, url);
            for caller in &callers {
                assert_eq!(reason(media.delete(caller, &key).await), Reason::FileInUse, "{service}");
            }
            media.others.show_nothing();
        }
        media.others.go_away(service);
        assert_eq!(reason(media.delete(&callers[0], &key).await), Reason::Unavailable, "{service}");
        media.others.come_back();
    }
    media.delete(&callers[1], &key).await.unwrap();
    let said: Vec<AdminAction> = outbox::messages(&mut media.database.conn().await, MEDIA_ADMIN_ACTION).await;
    assert_eq!((said.len(), said[0].action.as_str(), &said[0].target_id), (1, "file.deleted", &ready.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_upload_goes_by_where_its_bytes_are_awaited() {
    let media = MediaTest::start_without_workers().await;
    let own = customer();
    let caller = Caller::Account(own.clone());
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    assert_eq!(reason(media.delete(&Caller::Account(customer()), &leave.key).await), Reason::FileNotFound);
    media.delete(&caller, &leave.key).await.unwrap();
    assert_eq!(reason(media.complete(&own, &leave.id).await), Reason::UploadNotFound);
    // Once complete, that key is nobody's.
    let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
    media.complete(&own, &leave.id).await.unwrap();
    assert_eq!(reason(media.delete(&caller, &leave.key).await), Reason::FileNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_is_not_ready_can_go_and_no_worker_brings_it_back() {
    let media = MediaTest::start_without_workers().await;
    let own = seller();
    let product = media.product_of(&own);
    let sent = media.send(&own, of_product(ReelVideo, product), video()).await.unwrap();
    assert_eq!(sent.status(), UploadStatus::Processing);
    media.delete(&Caller::Account(own), &sent.key.unwrap()).await.unwrap();
    media.execute("UPDATE doomed_objects SET due_at = now()").await;
    let _worker = media.start_worker(|_| {}).await;
    media.has_objects(0).await;
    assert_eq!(media.number("SELECT count(*) FROM uploads").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_no_file() {
    let media = MediaTest::start_without_workers().await;
    let caller = Caller::Account(admin());
    for key in ["", "..", "images/..", "images//x", "/", "images/a\0b", "Images/x", "ünd", &"images/a".repeat(100)] {
        assert_eq!(reason(media.delete(&caller, key).await), Reason::FileNotFound, "{key:?}");
    }
    assert!(media.others.asked().is_empty());
}
