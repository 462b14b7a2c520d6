//! Which uploads own ids, keys and addresses.

use access_token::Caller;
use protocol::media::v1::FindUploadsRequest;
use protocol::media::v1::UploadKind::Image;
use service_error::Reason;
use test_support::{admin, customer, service};

use crate::harness::{MediaTest, intent, jpeg, reason};

#[tokio::test(flavor = "multi_thread")]
async fn services_find_all_and_accounts_their_own() {
    let media = MediaTest::start().await;
    let (own, other) = (customer(), customer());
    let mut ready = Vec::new();
    for owner in [&own, &own, &own, &other] {
        let sent = media.send(owner, intent(Image), &jpeg()).await.unwrap();
        ready.push(media.settled(&sent).await);
    }
    let wanted = FindUploadsRequest {
        ids: vec![ready[0].id.clone(), "nobody".to_owned(), own.user_id.to_string()],
        keys: vec![ready[1].key.clone().unwrap(), "images/nobody".to_owned(), "\0".to_owned()],
        urls: vec![
            ready[2].thumbnail_url.clone().unwrap(),
            ready[3].url.clone().unwrap(),
            "https://elsewhere.dz/images/x.jpg".to_owned(),
        ],
    };
    for (caller, expected) in [
        (service("catalog"), vec![0, 1, 2, 3]),
        (Caller::Account(own), vec![0, 1, 2]),
        (Caller::Account(other), vec![3]),
        (Caller::Account(customer()), vec![]),
        (Caller::Account(admin()), vec![]),
    ] {
        let mut found = media.find(&caller, wanted.clone()).await.unwrap();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        let expected: Vec<_> = expected.into_iter().map(|index: usize| ready[index].clone()).collect();
        assert_eq!(found, expected, "{caller:?}");
    }
    assert_eq!(reason(media.find(&Caller::GUEST, wanted).await), Reason::Unauthorized);
    let many = FindUploadsRequest { keys: vec!["images/x".to_owned(); 201], ..FindUploadsRequest::default() };
    assert!(media.find(&service("catalog"), many).await.is_err());
}
