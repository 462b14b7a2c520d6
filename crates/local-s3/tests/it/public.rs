//! Objects as everybody sees them.

use local_s3::LocalS3;
use reqwest::{Response, StatusCode};

use super::{bucket, plain};

async fn with_a_video() -> LocalS3 {
    let s3 = LocalS3::temporary().unwrap();
    bucket(&s3).put_object_with_content_type("reels/1.mp4", b"0123456789", "video/mp4").await.unwrap();
    bucket(&s3).put_object("received/1", b"as it came").await.unwrap();
    s3
}

async fn get(s3: &LocalS3, path: &str, range: Option<&str>) -> Response {
    let mut request = plain().get(format!("{}/{path}", s3.public_url()));
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn an_object_is_shown_for_ever_as_what_it_is() {
    let s3 = with_a_video().await;
    let shown = get(&s3, "reels/1.mp4", None).await;
    assert_eq!(shown.status(), 200);
    for (name, value) in [
        ("content-type", "video/mp4"),
        ("content-length", "10"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline"),
        ("access-control-allow-origin", "*"),
        ("accept-ranges", "bytes"),
        ("etag", "\"781e5e245d69b566979b86e28d23f2c7\""),
    ] {
        assert_eq!(shown.headers()[name], value, "{name}");
    }
    let etag = shown.headers()["etag"].clone();
    assert_eq!(shown.text().await.unwrap(), "0123456789");
    let url = format!("{}/reels/1.mp4", s3.public_url());
    let head = plain().head(&url).send().await.unwrap();
    assert_eq!((head.status(), &head.headers()["content-length"]), (StatusCode::OK, &"10".parse().unwrap()));
    let known = plain().get(&url).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    assert_eq!(plain().put(&url).body("x").send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_player_may_ask_for_a_part() {
    let s3 = with_a_video().await;
    for (range, place, bytes) in [
        ("bytes=0-", "bytes 0-9/10", "0123456789"),
        ("bytes=3-5", "bytes 3-5/10", "345"),
        ("bytes=3-99", "bytes 3-9/10", "3456789"),
        ("bytes=-2", "bytes 8-9/10", "89"),
    ] {
        let part = get(&s3, "reels/1.mp4", Some(range)).await;
        assert_eq!(
            (part.status(), &part.headers()["content-range"]),
            (StatusCode::PARTIAL_CONTENT, &place.parse().unwrap())
        );
        assert_eq!(part.text().await.unwrap(), bytes, "{range}");
    }
    for range in ["bytes=1-2,4-5", "lines=1-2", "bytes=5-3"] {
        assert_eq!(get(&s3, "reels/1.mp4", Some(range)).await.status(), 200, "{range}");
    }
    let beyond = get(&s3, "reels/1.mp4", Some("bytes=10-")).await;
    assert_eq!((beyond.status().as_u16(), &beyond.headers()["content-range"]), (416, &"bytes */10".parse().unwrap()));
    let url = format!("{}/reels/1.mp4", s3.public_url());
    let of_another =
        plain().get(url).header("range", "bytes=3-5").header("if-range", "\"other\"").send().await.unwrap();
    assert_eq!(of_another.status(), 200);
}

#[tokio::test]
async fn what_was_received_is_not_shown() {
    let s3 = with_a_video().await;
    for path in [
        "",
        "reels",
        "reels/2.mp4",
        "received/1",
        "%72eceived/1",
        "received%2f1",
        "/received/1",
        "reels/%2e%2e/received/1",
    ] {
        let missing = get(&s3, path, None).await;
        assert_eq!(
            (missing.status().as_u16(), &missing.headers()["cache-control"]),
            (404, &"no-store".parse().unwrap()),
            "{path}"
        );
    }
}
