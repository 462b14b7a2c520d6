//! Part 2, section 4: files sent as forms or straight to the bucket, what they become, what they leave behind.

use std::time::Duration;

use image::ImageFormat;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::databases::number;
use crate::harness::files::{Form, black, fetch, jpeg, picture, put, video};
use crate::harness::{Caller, Findings, Market, Reply, eventually, unique};
use test_support::eventually_some;

const SOON: Duration = Duration::from_secs(60);
const FORM: &str = Form::CONTENT_TYPE;

async fn send(caller: &Caller, path: &str, form: Form) -> Reply {
    caller.post_as(path, FORM, form.whole()).await
}

/// The upload once it is ready or failed.
async fn settled(caller: &Caller, id: &str) -> Value {
    eventually_some(SOON, async || {
        let upload = caller.get(&format!("/storage/uploads/{id}")).await.expect(200).body;
        ["ready", "failed"].contains(&upload["status"].as_str().unwrap()).then_some(upload)
    })
    .await
}

fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_else(|| panic!("no text {member} in {body:#}"))
}

/// Neither record nor object.
async fn has_nothing(market: &Market) {
    assert_eq!(number(&market.databases.media, "SELECT count(*) FROM uploads").await, 0);
    eventually(SOON, async || market.bucket.keys().is_empty()).await;
}

#[tokio::test]
async fn a_picture_is_there_when_its_sender_is_answered() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    for (path, name) in
        [("/storage/upload-image", "image"), ("/storage/upload-image", "file"), ("/storage/upload", "anything at all")]
    {
        let sent = send(&amina, path, Form::of(name, &jpeg())).await.expect(201).body;
        assert_eq!((&sent["success"], &sent["width"], &sent["height"]), (&json!(true), &json!(640), &json!(480)));
        // However quick a worker is: the thumbnail comes later.
        assert_eq!((&sent["status"], &sent["thumbnailUrl"]), (&json!("processing"), &Value::Null));
        let served = image::load_from_memory(&fetch(text(&sent, "url")).await.unwrap()).unwrap();
        assert_eq!((served.width(), served.height()), (640, 480));
        let ready = settled(&amina, text(&sent, "upload_id")).await;
        assert_eq!((&ready["status"], &ready["url"], &ready["kind"]), (&json!("ready"), &sent["url"], &json!("image")));
        let thumbnail = fetch(text(&ready, "thumbnail_url")).await.unwrap();
        assert_eq!(image::guess_format(&thumbnail).unwrap(), ImageFormat::Jpeg);
        let thumbnail = image::load_from_memory(&thumbnail).unwrap();
        assert_eq!((thumbnail.width(), thumbnail.height()), (400, 400));

        let key = text(&sent, "key");
        // Slashes may be written either way.
        let written = if name == "file" { key.replace('/', "%2F") } else { key.to_owned() };
        let other = market.user("rym").await;
        other.delete(&format!("/storage/files/{written}")).await.refused(404, "FILE_NOT_FOUND");
        let deleted = amina.delete(&format!("/storage/files/{written}")).await.expect(200);
        assert_eq!(deleted.text("key"), key);
        amina.delete(&format!("/storage/files/{written}")).await.refused(404, "FILE_NOT_FOUND");
        amina.get(&format!("/storage/uploads/{}", text(&sent, "upload_id"))).await.refused(404, "UPLOAD_NOT_FOUND");
    }
    has_nothing(&market).await;
}

#[tokio::test]
async fn a_product_shows_what_its_seller_sends() {
    let market = Market::start().await;
    let (rym, customer) = (market.seller("maison-rym", "grossiste").await, market.user("amina").await);
    let product = market.product_id(&rym, json!({ "images": [] })).await;
    let (path, shown) = (format!("/storage/products/{product}/images"), format!("/products/{product}"));

    let first = send(&rym, &path, Form::of("file", &jpeg())).await.expect(201).body;
    assert_eq!((&first["image"]["is_primary"], &first["image"]["display_order"]), (&json!(true), &json!(0)));
    assert_eq!(first["image"]["image_url"], first["url"]);
    // What is said of a file may follow it.
    let form =
        Form::of("file", &picture(ImageFormat::Png, 90, 60)).text("is_primary", "true").text("display_order", "7");
    let second = send(&rym, &path, form).await.expect(201).body;
    assert_eq!((&second["image"]["is_primary"], &second["image"]["display_order"]), (&json!(true), &json!(7)));
    let images = customer.get(&shown).await.expect(200).body["images"].clone();
    let marks: Vec<&Value> = images.as_array().unwrap().iter().map(|image| &image["is_primary"]).collect();
    assert_eq!(marks.iter().filter(|mark| ***mark == json!(true)).count(), 1, "{images:#}");

    // Written straight to the bucket it is shown once it is ready, with its thumbnail.
    let leave = json!({ "kind": "product_image", "product_id": product, "content_type": "image/jpeg",
        "size_bytes": jpeg().len() });
    let leave = rym.post("/storage/uploads", leave).await.expect(201).body;
    assert_eq!(put(&leave, jpeg()).await, 200);
    complete(&rym, &leave).await.expect(200);
    let ready = settled(&rym, text(&leave, "upload_id")).await;
    let images = || async { customer.get(&shown).await.expect(200).body["images"].as_array().unwrap().clone() };
    eventually(SOON, async || images().await.len() == 3).await;
    let third = images().await.into_iter().find(|image| image["image_url"] == ready["url"]).unwrap();
    assert_eq!((&third["thumbnail_url"], &third["display_order"]), (&ready["thumbnail_url"], &json!(8)));
    eventually(SOON, async || images().await.iter().all(|image| image["thumbnail_url"].is_string())).await;

    let key = text(&first, "key");
    rym.delete(&format!("/storage/files/{key}")).await.refused(409, "FILE_IN_USE");
    market.admin("amel").await.delete(&format!("/storage/files/{key}")).await.refused(409, "FILE_IN_USE");
    rym.delete(&format!("/products/{product}/images/{}", text(&first["image"], "id"))).await.expect(200);
    // It may be gone from the page only once nothing of it is on its way any more.
    settled(&rym, text(&first, "upload_id")).await;
    rym.delete(&format!("/storage/files/{key}")).await.expect(200);
    assert!(fetch(text(&second, "url")).await.is_some());

    // Whose it is not learns nothing, whatever the file.
    let other = market.seller("atelier-karim", "grossiste").await;
    send(&other, &path, Form::of("file", b"no picture")).await.refused(404, "PRODUCT_NOT_FOUND");
    send(&customer, &path, Form::of("file", &jpeg())).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_product_has_twenty_pictures_at_most() {
    let market = Market::start().await;
    let rym = market.seller("maison-rym", "grossiste").await;
    let images: Vec<String> = (0..19).map(|n| format!("https://cdn.example.com/{n}.jpg")).collect();
    let product = market.product_id(&rym, json!({ "images": images })).await;
    let path = format!("/storage/products/{product}/images");
    let leave = json!({ "kind": "product_image", "product_id": product, "content_type": "image/jpeg",
        "size_bytes": jpeg().len() });
    let leave = rym.post("/storage/uploads", leave).await.expect(201).body;
    // At once: one of them is the twentieth.
    let all = futures::future::join_all((0..4).map(|_| send(&rym, &path, Form::of("file", &jpeg())))).await;
    let taken: Vec<u16> = all.iter().map(|reply| reply.status).collect();
    assert_eq!(taken.iter().filter(|status| **status == 201).count(), 1, "{taken:?}");
    for refused in all.into_iter().filter(|reply| reply.status != 201) {
        refused.refused(409, "TOO_MANY_IMAGES");
    }
    send(&rym, &path, Form::of("file", &jpeg())).await.refused(409, "TOO_MANY_IMAGES");
    let again =
        json!({ "kind": "product_image", "product_id": product, "content_type": "image/jpeg", "size_bytes": 9 });
    rym.post("/storage/uploads", again).await.refused(409, "TOO_MANY_IMAGES");
    // One leave that was given before, and one file that is shown.
    eventually(SOON, async || number(&market.databases.media, "SELECT count(*) FROM uploads").await == 2).await;

    // Who had leave before it was full sends a file that stays unlinked.
    assert_eq!(put(&leave, jpeg()).await, 200);
    complete(&rym, &leave).await.expect(200);
    let ready = settled(&rym, text(&leave, "upload_id")).await;
    assert_eq!(ready["status"], "ready");
    eventually(SOON, async || !market.is_busy().await).await;
    assert_eq!(rym.get(&format!("/products/{product}")).await.body["images"].as_array().unwrap().len(), 20);
    rym.delete(&format!("/storage/files/{}", text(&ready, "key"))).await.expect(200);
}

async fn complete(caller: &Caller, leave: &Value) -> Reply {
    let path = format!("/storage/uploads/{}/complete", text(leave, "upload_id"));
    caller.send(reqwest::Method::POST, &path, None).await
}

#[tokio::test]
async fn what_is_no_picture_leaves_nothing() {
    let market = Market::start().await;
    let rym = market.seller("maison-rym", "grossiste").await;
    let product = market.product_id(&rym, json!({})).await;
    let image = "/storage/upload-image";
    let (images, reel) = (format!("/storage/products/{product}/images"), format!("/storage/reels/{product}/video"));
    let (jpeg, svg) = (jpeg(), b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice());
    let largest = 10 * 1024 * 1024;
    let mut too_large = jpeg.clone();
    too_large.resize(largest + 1, 0);
    let bomb = black(40_001, 1_000);
    let mut findings = Findings::default();
    let invalid = (400, "VALIDATION_ERROR");
    let unsupported = (415, "UNSUPPORTED_MEDIA_TYPE");
    for (what, path, form, (status, code)) in [
        ("a drawing in text", image, Form::of("image", svg), unsupported),
        ("a page", image, Form::of("image", b"<!doctype html><title>x</title>"), unsupported),
        ("a video", image, Form::of("image", video()), unsupported),
        ("half a picture", image, Form::of("image", &jpeg[..200]), (422, "UNPROCESSABLE_MEDIA")),
        ("too many pixels", image, Form::of("image", &bomb), (422, "UNPROCESSABLE_MEDIA")),
        ("one byte more", image, Form::of("image", &too_large), (413, "FILE_TOO_LARGE")),
        ("an empty one", image, Form::of("image", b""), invalid),
        ("none", image, Form::new(), invalid),
        ("two", image, Form::of("image", &jpeg).file("file", ("b.jpg", "image/jpeg"), &jpeg), invalid),
        ("another name", image, Form::of("picture", &jpeg), invalid),
        ("a part more", image, Form::of("image", &jpeg).text("is_primary", "true"), invalid),
        ("no mark", &images, Form::of("file", &jpeg).text("is_primary", "yes"), invalid),
        ("no place", &images, Form::of("file", &jpeg).text("display_order", "1001"), invalid),
        ("two places", &images, Form::of("file", &jpeg).text("display_order", "1").text("display_order", "2"), invalid),
        ("a picture", &reel, Form::of("file", &jpeg), unsupported),
        ("a playlist", &reel, Form::of("file", b"#EXTM3U\n/etc/passwd\n"), unsupported),
    ] {
        findings.refused(what, &send(&rym, path, form).await, status, code);
    }
    let broken = rym.post_as(image, FORM, Form::of("image", &jpeg).broken_off()).await;
    findings.refused("a form without end", &broken, invalid.0, invalid.1);
    let json = rym.post("/storage/upload", json!({ "file": "aGVsbG8=" })).await;
    findings.refused("base64", &json, unsupported.0, unsupported.1);
    let unnamed = rym.post_as(image, "multipart/form-data", Form::of("image", &jpeg).whole()).await;
    findings.refused("no boundary", &unnamed, invalid.0, invalid.1);
    drop(findings);
    has_nothing(&market).await;
    assert_eq!(rym.get(&format!("/products/{product}")).await.body["images"], json!([]));

    // Exactly the limit passes: a picture may have anything behind its end, which is not served.
    too_large.truncate(largest);
    let sent = send(&rym, image, Form::of("image", &too_large)).await.expect(201).body;
    assert_eq!(sent["size_bytes"], largest);
    assert!(fetch(text(&sent, "url")).await.unwrap().len() < largest / 4);
}

#[tokio::test]
async fn odd_forms_are_refused_and_leave_nothing() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    let (path, jpeg) = ("/storage/upload-image", jpeg());
    let mut many = Form::new();
    for _ in 0..10_000 {
        many = many.text("image", "x");
    }
    let mut findings = Findings::default();
    let nested = "multipart/mixed; boundary=inner";
    for (what, form, status) in [
        ("ten thousand parts", many, 400),
        ("a form in a form", Form::new().file("image", ("a", nested), b"--inner\r\n\r\nx\r\n--inner--\r\n"), 400),
        ("a part without a name", Form::of("", &jpeg), 400),
    ] {
        let reply = send(&amina, path, form).await;
        findings.check(reply.status == status, || format!("{what}: {}", reply.body));
    }
    // A length that ends within the form, and a sender who goes away.
    let whole = Form::of("image", &jpeg).whole();
    for (length, sent) in [(whole.len() - 100, &whole[..]), (whole.len(), &whole[..900])] {
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: zst\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: {FORM}\r\nContent-Length: {length}\r\n\r\n",
            amina.token(),
        );
        let stream = tokio::net::TcpStream::connect(market.gateway()).await.unwrap();
        let (mut answer, mut request) = stream.into_split();
        request.write_all(head.as_bytes()).await.unwrap();
        request.write_all(sent).await.unwrap();
        request.shutdown().await.unwrap();
        let mut said = Vec::new();
        // Whoever hung up may be told nothing.
        drop(answer.read_to_end(&mut said).await);
        let said = String::from_utf8_lossy(&said);
        findings.check(!said.starts_with("HTTP/1.1 201"), || format!("{length}: {said}"));
    }
    drop(findings);
    has_nothing(&market).await;
}

#[tokio::test]
async fn what_a_file_is_called_matters_to_nobody() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    let long = "x".repeat(10_000);
    for name in
        ["../../etc/passwd", "%2e%2e%2fx", "a%0d%0aSet-Cookie: x=1", "page.html", "\u{202e}gpj.exe", long.as_str()]
    {
        let form = Form::new().file("image", (name, "text/html"), &jpeg());
        let sent = send(&amina, "/storage/upload-image", form).await.expect(201).body;
        let (key, id) = (text(&sent, "key"), text(&sent, "upload_id"));
        let secret = key.strip_prefix(&format!("images/{id}-")).and_then(|rest| rest.strip_suffix(".jpg"));
        assert!(secret.is_some_and(|secret| secret.bytes().all(|byte| byte.is_ascii_hexdigit())), "{name}: {key}");
        let served = reqwest::get(text(&sent, "url")).await.unwrap();
        let headers = served.headers();
        assert_eq!(headers["content-type"], "image/jpeg");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers.get("content-disposition").is_none_or(|said| said == "inline"), "{name}: {headers:?}");
    }
}

#[tokio::test]
async fn a_file_is_written_straight_to_the_bucket_once() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    let jpeg = jpeg();
    let new = json!({ "kind": "avatar", "content_type": "image/jpeg", "size_bytes": jpeg.len() });
    let leave = amina.post("/storage/uploads", new.clone()).await.expect(201).body;
    complete(&amina, &leave).await.refused(409, "UPLOAD_NOT_RECEIVED");
    assert_eq!(put(&leave, jpeg[1..].to_vec()).await, 403, "another length than was signed");
    let mut other = leave.clone();
    other["url"] = json!(text(&leave, "url").replace("received/", "images/"));
    assert_eq!(put(&other, jpeg.clone()).await, 403, "another key than was signed");
    assert_eq!(put(&leave, jpeg.clone()).await, 200);
    assert_eq!(put(&leave, jpeg.iter().rev().copied().collect()).await, 412, "a second time");
    let public = format!("{}/{}", market.bucket.public_url(), text(&leave, "key"));
    assert_eq!(fetch(&public).await, None, "received bytes are public");

    let id = text(&leave, "upload_id");
    let [first, second] = [complete(&amina, &leave).await.expect(200), complete(&amina, &leave).await.expect(200)];
    assert_eq!((first.text("id"), second.text("id")), (id.to_owned(), id.to_owned()));
    let ready = settled(&amina, id).await;
    assert_eq!((&ready["status"], &ready["kind"], &ready["width"]), (&json!("ready"), &json!("avatar"), &json!(640)));
    assert_ne!(ready["key"], leave["key"]);

    // Its owner shows it, and then it stays.
    amina.patch("/users/me", json!({ "avatar_url": ready["url"] })).await.expect(200);
    let file = format!("/storage/files/{}", text(&ready, "key"));
    amina.delete(&file).await.refused(409, "FILE_IN_USE");
    amina.patch("/users/me", json!({ "avatar_url": null })).await.expect(200);
    amina.delete(&file).await.expect(200);

    let mut findings = Findings::default();
    for (change, status, code) in [
        (json!({ "kind": "image" }), 400, "VALIDATION_ERROR"),
        (json!({ "kind": "product_image" }), 400, "VALIDATION_ERROR"),
        (json!({ "is_primary": true }), 400, "VALIDATION_ERROR"),
        (json!({ "size_bytes": 0 }), 400, "VALIDATION_ERROR"),
        (json!({ "size_bytes": 10 * 1024 * 1024 + 1 }), 413, "FILE_TOO_LARGE"),
        (json!({ "content_type": "image/svg+xml" }), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (json!({ "content_type": "video/mp4" }), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (json!({ "kind": "offer_image" }), 403, "FORBIDDEN"),
    ] {
        let body = crate::harness::bodies::with(new.clone(), change.clone());
        findings.refused(&change.to_string(), &amina.post("/storage/uploads", body).await, status, code);
    }

    // What was announced and what came are two things.
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let announced = json!({ "kind": "avatar", "content_type": "image/png", "size_bytes": page.len() });
    let leave = amina.post("/storage/uploads", announced).await.expect(201).body;
    assert_eq!(put(&leave, page).await, 200);
    complete(&amina, &leave).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let failed = settled(&amina, text(&leave, "upload_id")).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("UNSUPPORTED_MEDIA_TYPE")));
    // What may still be being written is deleted later; nothing of it was ever public.
    eventually(SOON, async || market.bucket.keys().iter().all(|key| key.starts_with("received/"))).await;
}

#[tokio::test]
async fn a_video_plays_when_it_is_ready() {
    let market = Market::start().await;
    let rym = market.seller(&unique("maison-rym"), "grossiste").await;
    let product = market.product_id(&rym, json!({})).await;
    let path = format!("/storage/reels/{product}/video");
    let form = Form::new().file("file", ("IMG_0042.MOV", "video/quicktime"), video());
    let sent = send(&rym, &path, form).await.expect(201).body;
    assert_eq!((&sent["status"], &sent["thumbnailUrl"]), (&json!("processing"), &Value::Null));
    let ready = settled(&rym, text(&sent, "upload_id")).await;
    assert_eq!(
        (&ready["status"], &ready["url"], &ready["kind"]),
        (&json!("ready"), &sent["url"], &json!("reel_video"))
    );
    assert_eq!(
        (&ready["width"], &ready["height"], &ready["content_type"]),
        (&json!(320), &json!(240), &json!("video/mp4"))
    );
    let served = fetch(text(&ready, "url")).await.unwrap();
    assert!(!served.windows(6).any(|bytes| bytes == b"Secret"), "its title is served");
    let poster = image::load_from_memory(&fetch(text(&ready, "thumbnail_url")).await.unwrap()).unwrap();
    assert_eq!((poster.width(), poster.height()), (400, 400));
}
