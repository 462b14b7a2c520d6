//! Addresses that carry their own leave, used as an app uses them.

use std::time::{Duration, Instant};

use http::HeaderMap;
use local_s3::LocalS3;
use reqwest::{RequestBuilder, StatusCode};
use tokio::io::AsyncWriteExt;

use super::{bucket, plain};

const TYPE: &str = "image/png";
/// Until a condition is taken to be never met.
const LONG: Duration = Duration::from_secs(10);

/// Leave to write four bytes.
async fn leave(s3: &LocalS3, key: &str, seconds: u32) -> String {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", TYPE.parse().unwrap());
    headers.insert("content-length", "4".parse().unwrap());
    headers.insert("if-none-match", "*".parse().unwrap());
    bucket(s3).presign_put(key, seconds, Some(headers), None).await.unwrap()
}

fn put(url: &str) -> RequestBuilder {
    plain().put(url).header("content-type", TYPE).header("if-none-match", "*")
}

async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn what_was_agreed_is_written_once() {
    let s3 = LocalS3::temporary().unwrap();
    let url = leave(&s3, "received/1", 60).await;
    assert_eq!(status(put(&url).body("four")).await, 200);
    assert_eq!(status(put(&url).body("FOUR")).await, 412);
    let read = bucket(&s3).get_object("received/1").await.unwrap();
    assert_eq!((read.as_slice(), &read.headers()["content-type"][..]), (&b"four"[..], TYPE));
    // It may be written again when it is gone.
    bucket(&s3).delete_object("received/1").await.unwrap();
    assert_eq!(status(put(&url).body("four")).await, 200);
}

#[tokio::test]
async fn anything_else_is_refused() {
    let s3 = LocalS3::temporary().unwrap();
    let url = leave(&s3, "received/1", 60).await;
    let refused = [
        (
            "another type",
            plain().put(&url).header("content-type", "text/html").header("if-none-match", "*").body("four"),
        ),
        ("no type", plain().put(&url).header("if-none-match", "*").body("four")),
        ("over another", plain().put(&url).header("content-type", TYPE).body("four")),
        ("longer", put(&url).body("longer")),
        ("shorter", put(&url).body("one")),
        ("nothing", put(&url)),
        ("another key", put(&url.replace("received/1", "received/2")).body("four")),
        ("for longer", put(&url.replace("X-Amz-Expires=60", "X-Amz-Expires=600")).body("four")),
        ("without a signature", put(url.split("&X-Amz-Signature").next().unwrap()).body("four")),
        ("without anything", put(url.split('?').next().unwrap()).body("four")),
        ("a read", plain().get(&url)),
        ("a deletion", plain().delete(&url)),
        ("too late", put(&leave(&s3, "received/1", 0).await).body("four")),
    ];
    for (what, request) in refused {
        let status = status(request).await;
        assert!(matches!(status.as_u16(), 400 | 403), "{what}: {status}");
    }
    assert!(s3.keys().is_empty());
}

#[tokio::test]
async fn a_body_without_a_length_is_refused() {
    let s3 = LocalS3::temporary().unwrap();
    let url = leave(&s3, "received/1", 60).await;
    let chunks = futures::stream::iter(["fo", "ur"].map(Ok::<_, std::io::Error>));
    let status = status(put(&url).body(reqwest::Body::wrap_stream(chunks))).await;
    assert!(status.is_client_error(), "{status}");
    assert!(s3.keys().is_empty());
}

/// Half a body came.
#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let s3 = LocalS3::temporary().unwrap();
    let url = leave(&s3, "received/1", 60).await;
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("PUT /{path} HTTP/1.1\r\nhost: {address}\r\n");
    let headers = format!("content-type: {TYPE}\r\ncontent-length: 4\r\nif-none-match: *\r\n\r\n");
    connection.write_all(format!("{head}{headers}fo").as_bytes()).await.unwrap();
    let drafts = || std::fs::read_dir(s3.options().folder.join("drafts")).unwrap().count();
    let begun = Instant::now();
    while drafts() == 0 {
        assert!(begun.elapsed() < LONG, "the first half was not taken");
        tokio::task::yield_now().await;
    }
    drop(connection);
    while drafts() > 0 {
        assert!(begun.elapsed() < LONG, "the first half was kept");
        tokio::task::yield_now().await;
    }
    assert!(s3.keys().is_empty());
}

#[tokio::test]
async fn leave_to_read_is_good_for_reading() {
    let s3 = LocalS3::temporary().unwrap();
    bucket(&s3).put_object("received/1", b"0123456789").await.unwrap();
    let url = bucket(&s3).presign_get("received/1", 60, None).await.unwrap();
    assert_eq!(plain().get(&url).send().await.unwrap().text().await.unwrap(), "0123456789");
    let part = plain().get(&url).header("range", "bytes=-3").send().await.unwrap();
    assert_eq!((part.status(), &part.text().await.unwrap()[..]), (StatusCode::PARTIAL_CONTENT, "789"));
    let late = bucket(&s3).presign_get("received/1", 0, None).await.unwrap();
    assert_eq!(status(plain().get(late)).await, 403);
    assert_eq!(status(plain().get(url.split('?').next().unwrap())).await, 403);
}

#[tokio::test]
async fn a_page_of_another_origin_may_use_them() {
    let s3 = LocalS3::temporary().unwrap();
    let url = leave(&s3, "received/1", 60).await;
    let origin = "https://shop.example.com";
    let asked = plain()
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "content-type,if-none-match");
    let allowed = asked.send().await.unwrap();
    assert_eq!(allowed.status(), 204);
    assert_eq!(allowed.headers()["access-control-allow-origin"], origin);
    assert_eq!(allowed.headers()["access-control-allow-headers"], "content-type,if-none-match");
    assert!(allowed.headers()["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
    let written = put(&url).header("origin", origin).body("four").send().await.unwrap();
    assert_eq!(
        (written.status(), &written.headers()["access-control-allow-origin"]),
        (StatusCode::OK, &origin.parse().unwrap())
    );
}
