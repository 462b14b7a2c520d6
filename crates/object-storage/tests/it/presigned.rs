//! Leave for clients.

use std::time::Duration;

use object_storage::{Error, Presigned};

use super::Test;

const MINUTE: Duration = Duration::from_secs(60);

async fn put(presigned: &Presigned, body: &'static str) -> u16 {
    let mut request = reqwest::Client::builder().no_proxy().build().unwrap().put(&presigned.url).body(body);
    for (name, value) in &presigned.headers {
        request = request.header(*name, value);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_client_writes_what_it_announced_once() {
    let test = Test::start();
    let presigned = test.storage.presign_put("received/1", "image/png", 4, MINUTE).await.unwrap();
    assert_eq!(presigned.headers, [("content-type", "image/png".to_owned()), ("if-none-match", "*".to_owned())]);
    assert_eq!(put(&presigned, "longer").await, 403);
    assert_eq!(put(&presigned, "one").await, 403);
    let mut other = presigned.clone();
    other.headers[0].1 = "text/html".to_owned();
    assert_eq!(put(&other, "four").await, 403);
    assert!(test.s3.keys().is_empty());
    assert_eq!(put(&presigned, "four").await, 200);
    assert_eq!(put(&presigned, "FOUR").await, 412);
    let head = test.storage.head("received/1").await.unwrap().unwrap();
    assert_eq!((head.size_bytes, head.content_type.as_deref()), (4, Some("image/png")));
}

#[tokio::test]
async fn leave_ends() {
    let test = Test::start();
    let late = test.storage.presign_put("received/1", "image/png", 4, Duration::ZERO).await.unwrap();
    assert_eq!(put(&late, "four").await, 403);
    let week = Duration::from_secs(7 * 24 * 60 * 60 + 1);
    assert!(matches!(test.storage.presign_put("a", "image/png", 4, week).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn neither_leave_nor_keys_are_written_into_logs() {
    let test = Test::start();
    let presigned = test.storage.presign_put("received/1", "image/png", 4, MINUTE).await.unwrap();
    let config = super::config(&test.s3, &test.spool);
    let logged = format!("{presigned:?} {:?} {config:?}", test.storage);
    assert!(!logged.contains("X-Amz-Signature") && !logged.contains(&test.s3.options().secret_key), "{logged}");
}
