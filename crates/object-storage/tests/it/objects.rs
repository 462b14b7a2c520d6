//! Small objects.

use bytes::Bytes;
use object_storage::{Error, Listed};

use super::{Test, private, public};

const CAP: u64 = 1000;

#[tokio::test]
async fn a_public_object_may_be_kept_by_every_cache() {
    let test = Test::start();
    test.storage.put(&public("a/1.jpg", "image/jpeg"), Bytes::from_static(b"0123456789")).await.unwrap();

    let url = format!("{}/a/1.jpg", test.s3.public_url());
    let shown = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/jpeg");
    assert_eq!(shown.text().await.unwrap(), "0123456789");
    let url = bucket(&test).presign_get("a/1.jpg", 60, None).await.unwrap();
    let kept = reqwest::get(url).await.unwrap();
    assert_eq!(kept.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(kept.headers()["content-disposition"], "inline");
}

#[tokio::test]
async fn a_private_object_says_nothing_of_caches() {
    let test = Test::start();
    test.storage.put(&private("received/1", "image/jpeg"), Bytes::new()).await.unwrap();
    let url = bucket(&test).presign_get("received/1", 60, None).await.unwrap();
    let kept = reqwest::get(url).await.unwrap();
    assert_eq!((kept.headers().get("cache-control"), kept.content_length()), (None, Some(0)));
}

/// The client itself, for what the crate does not tell.
fn bucket(test: &Test) -> Box<s3::Bucket> {
    let options = test.s3.options();
    let (key, secret) = (Some(options.access_key.as_str()), Some(options.secret_key.as_str()));
    let credentials = s3::creds::Credentials::new(key, secret, None, None, None).unwrap();
    let region = s3::Region::Custom { region: "auto".to_owned(), endpoint: test.s3.endpoint() };
    s3::Bucket::new(&options.bucket, region, credentials).unwrap().with_path_style()
}

#[tokio::test]
async fn bytes_are_read_whole_or_in_part_but_never_more_than_allowed() {
    let test = Test::start();
    test.storage.put(&private("a", "text/plain"), Bytes::from_static(b"0123456789")).await.unwrap();
    assert_eq!(test.storage.get("a", 10).await.unwrap(), "0123456789");
    assert!(matches!(test.storage.get("a", 9).await, Err(Error::TooLarge)));
    assert_eq!(test.storage.get_range("a", 0, 3).await.unwrap(), "0123");
    assert_eq!(test.storage.get_range("a", 8, 99).await.unwrap(), "89");
    assert!(matches!(test.storage.get("b", CAP).await, Err(Error::Missing)));
    assert!(matches!(test.storage.get_range("b", 0, 3).await, Err(Error::Missing)));
}

#[tokio::test]
async fn a_head_tells_size_and_type() {
    let test = Test::start();
    assert_eq!(test.storage.head("a").await.unwrap(), None);
    let before = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    test.storage.put(&public("a", "video/mp4"), Bytes::from_static(b"0123456789")).await.unwrap();
    let head = test.storage.head("a").await.unwrap().unwrap();
    assert_eq!((head.size_bytes, head.content_type.as_deref()), (10, Some("video/mp4")));
    assert_eq!(head.etag.as_deref(), Some("\"781e5e245d69b566979b86e28d23f2c7\""));
    // Told in whole seconds.
    assert!((before - head.last_modified.unwrap()).num_seconds().abs() <= 1);
}

#[tokio::test]
async fn a_copy_keeps_what_was_said_of_the_object() {
    let test = Test::start();
    test.storage.put(&public("a", "video/mp4"), Bytes::from_static(b"bytes")).await.unwrap();
    test.storage.copy("a", "b").await.unwrap();
    test.storage.delete("a").await.unwrap();
    assert_eq!(test.storage.get("b", CAP).await.unwrap(), "bytes");
    assert_eq!(test.storage.head("b").await.unwrap().unwrap().content_type.as_deref(), Some("video/mp4"));
    assert!(matches!(test.storage.copy("a", "b").await, Err(Error::Missing)));
}

#[tokio::test]
async fn what_is_not_there_may_be_deleted() {
    let test = Test::start();
    test.storage.put(&public("a", "video/mp4"), Bytes::from_static(b"bytes")).await.unwrap();
    for _ in 0..2 {
        test.storage.delete("a").await.unwrap();
    }
    assert!(test.s3.keys().is_empty());
}

#[tokio::test]
async fn a_listing_goes_on_after_a_key() {
    let test = Test::start();
    for key in ["b/2", "a", "b/1", "b/3", "c"] {
        test.storage.put(&public(key, "text/plain"), Bytes::from_static(b"xy")).await.unwrap();
    }
    let keys = |objects: &[Listed]| objects.iter().map(|object| object.key.clone()).collect::<Vec<_>>();
    let first = test.storage.list("b/", None, 2).await.unwrap();
    assert_eq!((keys(&first.objects), first.next.as_deref()), (vec!["b/1".to_owned(), "b/2".to_owned()], Some("b/2")));
    assert_eq!(first.objects[0].size_bytes, 2);
    assert!(first.objects[0].last_modified.is_some());
    let last = test.storage.list("b/", first.next.as_deref(), 2).await.unwrap();
    assert_eq!((keys(&last.objects), last.next), (vec!["b/3".to_owned()], None));
    assert!(test.storage.list("d/", None, 2).await.unwrap().objects.is_empty());
}
