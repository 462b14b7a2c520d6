//! What becomes of sent files where they are shown: reels of videos, thumbnails and pictures of products.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::harness::databases::execute;
use crate::harness::files::{Form, fetch, jpeg, video};
use crate::harness::sockets::Sockets;
use crate::harness::{Caller, Findings, Market, eventually};
use crate::realtime::socket;
use test_support::eventually_some;

const SOON: Duration = Duration::from_secs(60);

async fn send(caller: &Caller, path: &str, bytes: &[u8]) -> Value {
    caller.post_as(path, Form::CONTENT_TYPE, Form::of("file", bytes).whole()).await.expect(201).body
}

/// The upload once it is ready.
async fn ready(caller: &Caller, sent: &Value) -> Value {
    let path = format!("/storage/uploads/{}", sent["upload_id"].as_str().unwrap());
    eventually_some(SOON, async || {
        let upload = caller.get(&path).await.expect(200).body;
        (upload["status"] == "ready").then_some(upload)
    })
    .await
}

#[tokio::test]
async fn a_video_becomes_one_reel_that_follows_it() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let (rym, other) = (market.seller("rym", "grossiste").await, market.seller("karim", "grossiste").await);
    let listening = socket(&sockets, &market, &rym).await;
    let deaf = socket(&sockets, &market, &other).await;
    let product = market.product_id(&rym, json!({})).await;
    let sent = send(&rym, &format!("/storage/reels/{product}/video"), video()).await;

    // At once, while it is worked on, from several phones: one of them makes it.
    let new = json!({ "product_id": product, "upload_id": sent["upload_id"], "caption": "Un tapis" });
    let all = join_all((0..4).map(|_| rym.post("/reels", new.clone()))).await;
    let (made, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(made.len(), 1);
    for reply in refused {
        reply.refused(409, "UPLOAD_ALREADY_USED");
    }
    let reel = made[0].text("id");
    assert!(["processing", "ready"].contains(&made[0].text("status").as_str()));
    let path = format!("/reels/{reel}");
    eventually(SOON, async || market.guest().get(&path).await.status == 200).await;
    let shown = market.guest().get(&path).await.expect(200).body;
    let upload = ready(&rym, &sent).await;
    for (of_reel, of_upload) in [
        ("video_url", "url"),
        ("video_storage_path", "key"),
        ("thumbnail_url", "thumbnail_url"),
        ("thumbnail_storage_path", "thumbnail_key"),
        ("width", "width"),
        ("height", "height"),
        ("duration_seconds", "duration_seconds"),
    ] {
        assert_eq!(shown[of_reel], upload[of_upload], "{of_reel}");
    }
    assert_eq!((&shown["status"], &shown["caption"]), (&json!("ready"), &json!("Un tapis")));
    let told = listening.event("reel:ready", 1).await;
    assert_eq!((&told["reelId"], &told["videoUrl"]), (&shown["id"], &upload["url"]));
    assert_eq!(market.guest().get("/reels").await.data().len(), 1);

    // A reel shows it: it stays.
    let file = format!("/storage/files/{}", upload["key"].as_str().unwrap());
    rym.delete(&file).await.refused(409, "FILE_IN_USE");
    rym.delete(&path).await.expect(200);
    assert!(deaf.events("reel:ready").is_empty());
    assert_eq!(listening.events("reel:ready").len(), 1);
}

#[tokio::test]
async fn a_reel_is_made_of_an_own_video_of_its_product_alone() {
    let market = Market::start().await;
    let (rym, other) = (market.seller("rym", "grossiste").await, market.seller("karim", "grossiste").await);
    let (product, second) = (market.product_id(&rym, json!({})).await, market.product_id(&rym, json!({})).await);
    let sent = send(&rym, &format!("/storage/reels/{product}/video"), video()).await;
    let picture = send(&rym, "/storage/upload", &jpeg()).await;
    let foreign = market.product_id(&other, json!({})).await;
    let theirs = send(&other, &format!("/storage/reels/{foreign}/video"), video()).await;
    let leave = json!({ "kind": "reel_video", "product_id": product, "content_type": "video/mp4", "size_bytes": 9 });
    let pending = rym.post("/storage/uploads", leave).await.expect(201).body;
    let (url, key) = (&sent["url"], &sent["key"]);
    let nothing = "0192f6a2-0000-7000-8000-000000000000";

    let mut findings = Findings::default();
    for (what, body, status, code) in [
        ("another's", json!({ "upload_id": theirs["upload_id"] }), 404, "UPLOAD_NOT_FOUND"),
        ("none", json!({ "upload_id": nothing }), 404, "UPLOAD_NOT_FOUND"),
        ("a picture", json!({ "upload_id": picture["upload_id"] }), 400, "VALIDATION_ERROR"),
        ("pending", json!({ "upload_id": pending["upload_id"] }), 409, "UPLOAD_NOT_USABLE"),
        (
            "of another product",
            json!({ "upload_id": sent["upload_id"], "product_id": second }),
            400,
            "VALIDATION_ERROR",
        ),
        (
            "both",
            json!({ "upload_id": sent["upload_id"], "video_url": url, "video_storage_path": key }),
            400,
            "VALIDATION_ERROR",
        ),
        (
            "another's key",
            json!({ "video_url": theirs["url"], "video_storage_path": theirs["key"] }),
            404,
            "FILE_NOT_FOUND",
        ),
        (
            "another's address",
            json!({ "video_url": theirs["url"], "video_storage_path": key }),
            400,
            "VALIDATION_ERROR",
        ),
        (
            "their frame",
            json!({ "upload_id": sent["upload_id"], "thumbnail_url": theirs["url"] }),
            400,
            "VALIDATION_ERROR",
        ),
        ("their product", json!({ "upload_id": sent["upload_id"], "product_id": foreign }), 404, "PRODUCT_NOT_FOUND"),
    ] {
        let body = crate::harness::bodies::with(json!({ "product_id": product }), body);
        findings.refused(what, &rym.post("/reels", body).await, status, code);
    }
    drop(findings);

    // The original form, with a frame of the seller's own, twice with one key.
    let new = json!({ "product_id": product, "video_url": url, "video_storage_path": key,
        "thumbnail_url": picture["url"], "duration": 7 });
    let made = rym.with_key("one-reel").post("/reels", new.clone()).await.expect(201).body;
    let again = rym.with_key("one-reel").post("/reels", new.clone()).await.expect(201);
    assert_eq!((&again.body["id"], again.header("idempotency-replayed")), (&made["id"], Some("true")));
    rym.post("/reels", new).await.refused(409, "UPLOAD_ALREADY_USED");
    let path = format!("/reels/{}", made["id"].as_str().unwrap());
    eventually(SOON, async || market.guest().get(&path).await.status == 200).await;
    let shown = market.guest().get(&path).await.body;
    assert_eq!((&shown["thumbnail_url"], &shown["video_url"]), (&picture["url"], url));
    assert!(shown["duration_seconds"].as_f64().unwrap() < 3.0, "the measured one wins");

    // What fails, fails for its seller alone.
    let mut broken = video()[..64].to_vec();
    broken.resize(5_000, 7);
    let broken = send(&rym, &format!("/storage/reels/{second}/video"), &broken).await;
    let body = json!({ "product_id": second, "upload_id": broken["upload_id"] });
    let reply = rym.post("/reels", body).await;
    // It may be known by now that nothing can come of it.
    if reply.status != 409 {
        let path = format!("/reels/{}", reply.expect(201).text("id"));
        eventually(SOON, async || rym.get(&path).await.body["status"] == "failed").await;
        assert_eq!(rym.get(&path).await.body["error"]["code"], "UNPROCESSABLE_MEDIA");
        market.guest().get(&path).await.refused(404, "REEL_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_reel_that_heard_nothing_of_its_video_asks() {
    let market = Market::start().await;
    let rym = market.seller("rym", "grossiste").await;
    let product = market.product_id(&rym, json!({})).await;
    let sent = send(&rym, &format!("/storage/reels/{product}/video"), video()).await;
    let upload = ready(&rym, &sent).await;
    // Its reel, and that of a video which is gone, as they are when an event was lost.
    let known = market.reel(&rym, &product).await;
    let waiting = |id: &str, upload: &str| {
        format!(
            "INSERT INTO reels (id, product_id, seller_id, status, is_public, created_at, updated_at, upload_id) \
             SELECT '{id}', product_id, seller_id, 'processing', false, now() - interval '1 minute', now(), '{upload}' \
             FROM reels WHERE id = '{known}'; INSERT INTO reel_counts (reel_id) VALUES ('{id}')"
        )
    };
    let ids = [0, 1].map(|_| service_runtime::Ids.next::<uuid::Uuid>().to_string());
    let gone = service_runtime::Ids.next::<uuid::Uuid>().to_string();
    for (id, upload) in ids.iter().zip([sent["upload_id"].as_str().unwrap(), gone.as_str()]) {
        execute(&market.databases.reels, &waiting(id, upload)).await;
    }
    let reel = async |id: &str| rym.get(&format!("/reels/{id}")).await.expect(200).body;
    eventually(SOON, async || reel(&ids[0]).await["status"] == "ready").await;
    assert_eq!(reel(&ids[0]).await["video_url"], upload["url"]);
    eventually(SOON, async || reel(&ids[1]).await["status"] == "failed").await;
    assert_eq!(reel(&ids[1]).await["error"]["code"], "PROCESSING_FAILED");
}

#[tokio::test]
async fn a_video_that_a_product_names_makes_its_reel() {
    let market = Market::start().await;
    let (rym, other) = (market.seller("rym", "grossiste").await, market.seller("karim", "grossiste").await);
    let product = market.product(&rym, json!({})).await;
    let id = product["id"].as_str().unwrap().to_owned();
    let sent = send(&rym, &format!("/storage/reels/{id}/video"), video()).await;
    let path = format!("/products/{id}");
    rym.patch(&path, json!({ "video_url": sent["url"] })).await.expect(200);
    let feed = || async { market.guest().get("/reels").await.data().clone() };
    eventually(SOON, async || feed().await.len() == 1).await;
    let reel = feed().await[0].clone();
    assert_eq!((&reel["video_url"], &reel["caption"]), (&sent["url"], &product["name"]));

    // Its seller takes it off: the next change of the product does not bring it back.
    rym.delete(&format!("/reels/{}", reel["id"].as_str().unwrap())).await.expect(200);
    rym.patch(&path, json!({ "description": "Tout neuf" })).await.expect(200);
    // What is off sale names none.
    let resting = market.product_id(&rym, json!({})).await;
    let its_own = send(&rym, &format!("/storage/reels/{resting}/video"), video()).await;
    let its_path = format!("/products/{resting}");
    rym.patch(&its_path, json!({ "status": "archived" })).await.expect(200);
    rym.patch(&its_path, json!({ "video_url": its_own["url"] })).await.expect(200);
    // Another's video, and somebody's address, are only kept.
    let foreign = market.product_id(&other, json!({ "video_url": sent["url"] })).await;
    market.product_id(&rym, json!({ "video_url": "https://www.youtube.com/watch?v=1" })).await;
    let theirs = send(&other, &format!("/storage/reels/{foreign}/video"), video()).await;
    other.patch(&format!("/products/{foreign}"), json!({ "video_url": theirs["url"] })).await.expect(200);
    // The last one that was named is made; so those before it were looked at.
    eventually(SOON, async || feed().await.iter().any(|reel| reel["video_url"] == theirs["url"])).await;
    assert_eq!(feed().await.len(), 1);
    rym.patch(&its_path, json!({ "status": "active" })).await.expect(200);
    eventually(SOON, async || feed().await.iter().any(|reel| reel["video_url"] == its_own["url"])).await;
}

#[tokio::test]
async fn a_product_shows_small_pictures_when_they_are_made() {
    let market = Market::start().await;
    let rym = market.seller("rym", "grossiste").await;
    let first = send(&rym, "/storage/upload", &jpeg()).await;
    let upload = ready(&rym, &first).await;
    let images = json!([first["url"], "https://cdn.example.com/1.jpg"]);
    // What is made already is there in the answer.
    let product = market.product(&rym, json!({ "images": images })).await;
    assert_eq!(product["images"][0]["thumbnail_url"], upload["thumbnail_url"]);
    assert_eq!(product["images"][1]["thumbnail_url"], Value::Null);

    // What is not comes later, for all who look, and makes no new version.
    let path = format!("/products/{}", product["id"].as_str().unwrap());
    let second = send(&rym, "/storage/upload", &jpeg()).await;
    let changed = rym.patch(&path, json!({ "images": [first["url"], second["url"]] })).await.expect(200).body;
    let upload = ready(&rym, &second).await;
    for caller in [&rym, &market.guest()] {
        eventually(SOON, async || {
            let product = caller.get(&path).await.expect(200).body;
            product["images"][1]["thumbnail_url"] == upload["thumbnail_url"]
        })
        .await;
    }
    assert!(fetch(upload["thumbnail_url"].as_str().unwrap()).await.is_some());
    assert_eq!(rym.get(&path).await.body["updated_at"], changed["updated_at"]);
}
