//! The operations, through the client that the services use.

use std::sync::atomic::{AtomicUsize, Ordering};

use local_s3::LocalS3;
use s3::error::S3Error;
use s3::serde_types::{ObjectIdentifier, Part};

use super::{bucket, bucket_with};

/// The least size of a part.
const PART: usize = 5 * 1024 * 1024;

fn status<T: std::fmt::Debug>(answer: Result<T, S3Error>) -> u16 {
    match answer.unwrap_err() {
        S3Error::HttpFailWithBody(status, _) => status,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_written() {
    let s3 = LocalS3::temporary().unwrap();
    let bucket = bucket(&s3);
    bucket
        .put_object_builder("a/ä 1.jpg", b"0123456789")
        .with_content_type("image/jpeg")
        .with_cache_control("no-cache")
        .unwrap()
        .with_header("content-disposition", "inline")
        .unwrap()
        .execute()
        .await
        .unwrap();

    let (head, _) = bucket.head_object("a/ä 1.jpg").await.unwrap();
    assert_eq!(head.content_length, Some(10));
    assert_eq!(head.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(head.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(head.content_disposition.as_deref(), Some("inline"));
    // What `md5sum` says of it.
    assert_eq!(head.e_tag.as_deref(), Some("\"781e5e245d69b566979b86e28d23f2c7\""));
    assert_eq!(bucket.get_object("a/ä 1.jpg").await.unwrap().as_slice(), b"0123456789");
    assert_eq!(bucket.get_object_range("a/ä 1.jpg", 2, Some(4)).await.unwrap().as_slice(), b"234");
    assert_eq!(status(bucket.get_object_range("a/ä 1.jpg", 10, Some(11)).await), 416);
    assert_eq!(status(bucket.get_object("a/ä 2.jpg").await), 404);
}

#[tokio::test]
async fn a_copy_is_an_object_of_its_own() {
    let s3 = LocalS3::temporary().unwrap();
    let bucket = bucket(&s3);
    bucket.put_object_with_content_type("from", b"bytes", "text/plain").await.unwrap();
    bucket.copy_object_internal("from", "to").await.unwrap();
    bucket.copy_object_internal("to", "to").await.unwrap();
    bucket.delete_object("from").await.unwrap();

    assert_eq!(bucket.get_object("to").await.unwrap().as_slice(), b"bytes");
    assert_eq!(bucket.head_object("to").await.unwrap().0.content_type.as_deref(), Some("text/plain"));
    assert_eq!(status(bucket.copy_object_internal("from", "to").await), 404);
}

#[tokio::test]
async fn what_is_deleted_twice_is_gone() {
    let s3 = LocalS3::temporary().unwrap();
    let bucket = bucket(&s3);
    for key in ["a", "b", "c"] {
        bucket.put_object(key, b"x").await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(bucket.delete_object("a").await.unwrap().status_code(), 204);
    }
    let gone: Vec<_> = ["b", "never"].into_iter().map(ObjectIdentifier::new).collect();
    bucket.delete_objects(gone).await.unwrap();
    assert_eq!(s3.keys(), ["c"]);
}

#[tokio::test]
async fn a_listing_shows_keys_in_their_order_page_by_page() {
    let s3 = LocalS3::temporary().unwrap();
    let bucket = bucket(&s3);
    for key in ["b/2", "a", "b/1", "c", "b/3", "b"] {
        bucket.put_object(key, b"x").await.unwrap();
    }
    let mut pages = Vec::new();
    let mut token = None;
    loop {
        let (page, _) = bucket.list_page("b/".to_owned(), None, token, None, Some(2)).await.unwrap();
        pages.push(page.contents.into_iter().map(|object| object.key).collect::<Vec<_>>());
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec!["b/1", "b/2"], vec!["b/3"]]);
    let (all, _) = bucket.list_page(String::new(), None, None, Some("b/1".to_owned()), None).await.unwrap();
    assert_eq!(all.contents.iter().map(|object| object.key.as_str()).collect::<Vec<_>>(), ["b/2", "b/3", "c"]);
    assert!(!all.is_truncated);
}

#[tokio::test]
async fn parts_become_one_object() {
    let s3 = LocalS3::temporary().unwrap();
    let bucket = bucket(&s3);
    let upload = bucket.initiate_multipart_upload("big", "video/mp4").await.unwrap().upload_id;
    assert_eq!(s3.open_uploads(), 1);
    let mut parts: Vec<Part> = Vec::new();
    for (number, bytes) in [(1, vec![1; PART]), (2, vec![2; 10])] {
        parts.push(bucket.put_multipart_chunk(bytes, "big", number, &upload, "video/mp4").await.unwrap());
    }
    assert!(s3.keys().is_empty());
    let other = Part { part_number: 2, etag: parts[0].etag.clone() };
    assert_eq!(status(bucket.complete_multipart_upload("big", &upload, vec![other]).await), 400);
    bucket.complete_multipart_upload("big", &upload, parts).await.unwrap();

    assert_eq!(bucket.head_object("big").await.unwrap().0.content_length, Some(PART as i64 + 10));
    let border = bucket.get_object_range("big", PART as u64 - 1, Some(PART as u64)).await.unwrap();
    assert_eq!(border.as_slice(), [1, 2]);

    let upload = bucket.initiate_multipart_upload("other", "video/mp4").await.unwrap().upload_id;
    let small = bucket.put_multipart_chunk(vec![1; 10], "other", 1, &upload, "video/mp4").await.unwrap();
    let last = bucket.put_multipart_chunk(vec![1; 10], "other", 2, &upload, "video/mp4").await.unwrap();
    assert_eq!(status(bucket.complete_multipart_upload("other", &upload, vec![small, last]).await), 400);
    bucket.abort_upload("other", &upload).await.unwrap();
    assert_eq!(s3.open_uploads(), 0);
    assert_eq!(s3.keys(), ["big"]);
}

#[tokio::test]
async fn a_wrong_key_may_do_nothing() {
    let s3 = LocalS3::temporary().unwrap();
    let wrong = bucket_with(s3.options(), "another");
    assert_eq!(status(wrong.put_object("a", b"x").await), 403);
    assert_eq!(status(wrong.list_page(String::new(), None, None, None, None).await), 403);
    let mut unknown = s3.options().clone();
    unknown.access_key = "somebody".to_owned();
    assert_eq!(status(bucket_with(&unknown, &s3.options().secret_key).get_object("a").await), 403);
    let mut elsewhere = s3.options().clone();
    elsewhere.bucket = "another".to_owned();
    assert_eq!(status(bucket_with(&elsewhere, &s3.options().secret_key).get_object("a").await), 404);
}

#[tokio::test]
async fn many_writers_make_an_object_once() {
    let s3 = LocalS3::temporary().unwrap();
    let written = AtomicUsize::new(0);
    let writers = (0..16_u8).map(|number| {
        let (bucket, written) = (bucket(&s3), &written);
        async move {
            let new = bucket.put_object_builder("once", &[number]).with_header("if-none-match", "*").unwrap();
            match new.execute().await {
                Ok(_) => drop(written.fetch_add(1, Ordering::SeqCst)),
                Err(S3Error::HttpFailWithBody(412, _)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    });
    futures::future::join_all(writers).await;
    assert_eq!(written.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn objects_outlive_the_process_and_halves_do_not() {
    let folder = std::env::temp_dir().join(format!("local-s3-{:032x}", rand::random::<u128>()));
    let first = LocalS3::temporary().unwrap();
    let options = local_s3::Options { folder: folder.clone(), ..first.options().clone() };
    drop(first);
    {
        let s3 = LocalS3::start(options.clone()).unwrap();
        let bucket = bucket(&s3);
        bucket.put_object("a", b"old").await.unwrap();
        bucket.put_object_with_content_type("a", b"new", "text/plain").await.unwrap();
        bucket.put_object("b", b"x").await.unwrap();
        bucket.delete_object("b").await.unwrap();
        let upload = bucket.initiate_multipart_upload("c", "video/mp4").await.unwrap().upload_id;
        bucket.put_multipart_chunk(vec![1; 10], "c", 1, &upload, "video/mp4").await.unwrap();
    }
    std::fs::write(folder.join("objects/stray"), b"x").unwrap();
    std::fs::write(folder.join("objects/torn"), [b"{\"key\": \"torn\"}", &1_000_u32.to_le_bytes()[..]].concat())
        .unwrap();
    let s3 = LocalS3::start(options).unwrap();
    assert_eq!(s3.keys(), ["a"]);
    let read = bucket(&s3).get_object("a").await.unwrap();
    assert_eq!((read.as_slice(), &read.headers()["content-type"][..]), (&b"new"[..], "text/plain"));
    // What was no object is gone.
    let files = |name: &str| std::fs::read_dir(folder.join(name)).unwrap().count();
    assert_eq!((files("objects"), files("drafts")), (1, 0));
    drop(s3);
    std::fs::remove_dir_all(folder).unwrap();
}
