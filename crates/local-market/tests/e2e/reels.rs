//! Part 2, 3: reels, what is shown of them, and what people make of them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::number;
use crate::harness::shapes::{PUBLIC_USER, REEL, REEL_COMMENT, REEL_LIKE, REEL_PRODUCT, and, exactly};
use crate::harness::{Caller, Findings, Market, Reply, eventually, unique};

const SOON: Duration = Duration::from_secs(5);
const LIMITS: [(&str, &str); 3] =
    [("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("GATEWAY_LIMIT_LIKE", "1000"), ("GATEWAY_LIMIT_COMMENT", "1000")];

async fn like(caller: &Caller, reel: &str) -> Reply {
    caller.send(Method::POST, &format!("/reels/{reel}/like"), None).await
}

async fn unlike(caller: &Caller, reel: &str) -> Reply {
    caller.delete(&format!("/reels/{reel}/like")).await
}

async fn comment(caller: &Caller, reel: &str, content: &str) -> Reply {
    caller.post(&format!("/reels/{reel}/comments"), json!({ "content": content })).await
}

/// A seller with a product, and a reel of it.
async fn shop(market: &Market) -> (Caller, String, String) {
    let seller = market.seller("maison-rym", "grossiste").await;
    let product = market.product_id(&seller, json!({ "name": "Tapis berbère", "stock": 5 })).await;
    let reel = market.reel(&seller, &product).await;
    (seller, product, reel)
}

#[tokio::test]
async fn a_reel_is_shown_as_the_contract_says() {
    let market = Market::start_with(&LIMITS).await;
    let mut findings = Findings::default();
    let (seller, product, reel) = shop(&market).await;
    let (guest, amina) = (market.guest(), market.user("amina-haddad").await);

    let shown = guest.get(&format!("/reels/{reel}")).await.expect(200).body;
    exactly(&shown, REEL);
    exactly(&shown["product"], REEL_PRODUCT);
    exactly(&shown["seller"], PUBLIC_USER);
    findings.equal("duration", shown["duration_seconds"].clone(), json!(8.0));
    findings.equal("size", shown["file_size_bytes"].clone(), json!(90_000));
    findings.equal("product", shown["product"]["name"].clone(), json!("Tapis berbère"));
    let own = seller.get(&format!("/reels/{reel}")).await.expect(200).body;
    exactly(&own, &and(REEL, "error"));
    findings.equal("no error", own["error"].clone(), Value::Null);

    let liked = like(&amina, &reel).await.expect(200).body;
    exactly(&liked, "message reelId likesCount isLiked");
    findings.equal("liked", (liked["likesCount"].clone(), liked["isLiked"].clone()), (json!(1), json!(true)));
    findings.equal("again", like(&amina, &reel).await.expect(200).body["likesCount"].clone(), json!(1));
    let likes = amina.get(&format!("/reels/{reel}/likes")).await.expect(200);
    exactly(&likes.data()[0], REEL_LIKE);
    exactly(&likes.body["meta"], "page limit total totalPages nextCursor");
    let guests = guest.get(&format!("/reels/{reel}/likes")).await.expect(200);
    findings.equal("names are for accounts", guests.data().len(), 0);
    findings.equal("the number is for all", guests.body["meta"]["total"].clone(), json!(1));
    let mine = amina.get("/users/me/likes").await.expect(200);
    exactly(&mine.data()[0], &and(REEL, "liked_at"));
    findings.equal("is_liked", mine.data()[0]["is_liked"].clone(), json!(true));
    findings.equal("unliked", unlike(&amina, &reel).await.expect(200).body["likesCount"].clone(), json!(0));
    findings.equal("again", unlike(&amina, &reel).await.expect(200).body["isLiked"].clone(), json!(false));

    let said = comment(&amina, &reel, "  Magnifique 😍  ").await.expect(201).body;
    exactly(&said, "message comment commentsCount");
    exactly(&said["comment"], REEL_COMMENT);
    findings.equal("trimmed", said["comment"]["content"].clone(), json!("Magnifique 😍"));
    for nothing in ["", "   ", "\u{200b}\u{200d}", &"a".repeat(501)] {
        findings.refused("nothing to see", &comment(&amina, &reel, nothing).await, 400, "VALIDATION_ERROR");
    }
    let id = said["comment"]["id"].as_str().unwrap();
    let path = format!("/reels/comments/{id}");
    let changed = amina.patch(&path, json!({ "content": "Très beau" })).await.expect(200).body;
    exactly(&changed, "message comment");
    let listed = guest.get(&format!("/reels/{reel}/comments")).await.expect(200);
    findings.equal("changed", listed.data()[0]["content"].clone(), json!("Très beau"));
    let deleted = seller.delete(&path).await.expect(200).body;
    exactly(&deleted, "message commentId reelId commentsCount");
    findings.equal("none left", deleted["commentsCount"].clone(), json!(0));

    let view = guest.send(Method::POST, &format!("/reels/{reel}/view"), None).await.expect(200).body;
    exactly(&view, "reelId viewCount counted");
    findings.equal("counted", (view["viewCount"].clone(), view["counted"].clone()), (json!(1), json!(true)));
    let changes = json!({ "caption": null });
    let plain = seller.patch(&format!("/reels/{reel}"), changes).await.expect(200).body;
    findings.equal("no caption", plain["caption"].clone(), Value::Null);
    let other = market.product_id(&seller, json!({ "name": "Nappe", "stock": 0 })).await;
    let moved = seller.patch(&format!("/reels/{reel}"), json!({ "product_id": other })).await.expect(200).body;
    findings.equal("of another product", moved["product"]["in_stock"].clone(), json!(false));
    let foreign = market.product_id(&market.seller("souk", "grossiste").await, json!({})).await;
    let refused = seller.patch(&format!("/reels/{reel}"), json!({ "product_id": foreign })).await;
    findings.refused("another's product", &refused, 404, "PRODUCT_NOT_FOUND");
    seller.delete(&format!("/reels/{reel}")).await.expect(200);
    findings.refused("gone", &guest.get(&format!("/reels/{reel}")).await, 404, "REEL_NOT_FOUND");
    findings.equal("its product is not", guest.get(&format!("/products/{product}")).await.status, 200);
}

#[tokio::test]
async fn nobody_has_an_upload_yet() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (seller, product, _) = shop(&market).await;
    let upload = "0192f6a2-0000-7000-8000-000000000000";
    let url = "https://media.zst.dz/a.mp4";
    for (body, status, code) in [
        (json!({ "product_id": product, "upload_id": upload }), 404, "UPLOAD_NOT_FOUND"),
        (json!({ "product_id": product, "video_url": url, "video_storage_path": "a.mp4" }), 404, "FILE_NOT_FOUND"),
        (json!({ "product_id": upload, "upload_id": upload }), 404, "PRODUCT_NOT_FOUND"),
        (json!({ "product_id": product }), 400, "VALIDATION_ERROR"),
        (json!({ "product_id": product, "video_url": url }), 400, "VALIDATION_ERROR"),
        (
            json!({ "product_id": product, "upload_id": upload, "video_url": url, "video_storage_path": "a.mp4" }),
            400,
            "VALIDATION_ERROR",
        ),
        (json!({ "product_id": product, "upload_id": upload, "duration": 301 }), 400, "VALIDATION_ERROR"),
        (json!({ "product_id": product, "upload_id": upload, "status": "ready" }), 400, "VALIDATION_ERROR"),
    ] {
        findings.refused(&body.to_string(), &seller.post("/reels", body.clone()).await, status, code);
    }
    assert_eq!(number(&market.databases.reels, "SELECT count(*) FROM reels").await, 1);
}

#[tokio::test]
async fn feeds_go_on_by_cursors() {
    let market = Market::start_with(&LIMITS).await;
    let mut findings = Findings::default();
    let (seller, product, first) = shop(&market).await;
    let mut made = vec![first];
    for _ in 0..4 {
        made.insert(0, market.reel(&seller, &product).await);
    }
    let guest = market.guest();
    let page = guest.get("/reels?limit=2").await.expect(200);
    findings.equal("total", page.body["meta"]["total"].clone(), json!(5));
    let mut seen: Vec<String> = page.data().iter().map(|reel| reel["id"].as_str().unwrap().to_owned()).collect();
    let mut cursor = page.body["meta"]["nextCursor"].clone();
    while let Some(text) = cursor.as_str() {
        let page = guest.get(&format!("/reels?limit=2&cursor={text}")).await.expect(200);
        exactly(&page.body["meta"], "limit nextCursor");
        seen.extend(page.data().iter().map(|reel| reel["id"].as_str().unwrap().to_owned()));
        cursor = page.body["meta"]["nextCursor"].clone();
    }
    findings.equal("each once, newest first", seen, made);
    let cursor = page.body["meta"]["nextCursor"].as_str().unwrap();
    for path in [
        format!("/reels?cursor={cursor}&page=1"),
        format!("/reels?cursor={cursor}&product_id={product}"),
        format!("/reels?cursor={cursor}A"),
        "/reels?cursor=%27%20OR%201%3D1".to_owned(),
    ] {
        findings.refused(&path, &guest.get(&path).await, 400, "INVALID_CURSOR");
    }
    let nothing = "0192f6a2-0000-7000-8000-000000000000";
    for path in [format!("/reels?product_id={nothing}"), format!("/reels?seller_id={nothing}")] {
        findings.equal(&path, guest.get(&path).await.expect(200).data().len(), 0);
    }
    findings.queries(&guest, "/reels", &[("limit", "limit=51"), ("page", "page=0"), ("sort", "sort=likes")]).await;
}

#[tokio::test]
async fn a_reel_comes_and_goes_with_its_product_and_its_seller() {
    let market = Market::start_with(&LIMITS).await;
    let (seller, product, reel) = shop(&market).await;
    let (guest, amina) = (market.guest(), market.user("amina-haddad").await);
    let path = format!("/reels/{reel}");
    let shows = async |status: u16| {
        eventually(SOON, async || guest.get(&path).await.status == status).await;
    };
    like(&amina, &reel).await.expect(200);
    seller.patch(&format!("/products/{product}"), json!({ "status": "archived" })).await.expect(200);
    shows(404).await;
    like(&amina, &reel).await.refused(404, "REEL_NOT_FOUND");
    assert_eq!(amina.get("/users/me/likes").await.expect(200).data().len(), 0);
    assert_eq!(seller.get("/seller/reels").await.expect(200).data().len(), 1);
    seller.patch(&format!("/products/{product}"), json!({ "status": "active", "price": 999 })).await.expect(200);
    shows(200).await;
    assert_eq!(guest.get(&path).await.body["product"]["price"], json!(999));
    assert_eq!(guest.get(&path).await.body["likes_count"], json!(1));

    // Sold out does not matter; it is shown.
    seller.patch(&format!("/seller/products/{product}/stock"), json!({ "delta": -5 })).await.expect(200);
    eventually(SOON, async || guest.get(&path).await.body["product"]["in_stock"] == json!(false)).await;

    market.ban(&seller).await;
    shows(404).await;
    market.change_account(&seller, json!({ "is_active": true })).await;
    shows(200).await;
    seller.delete(&format!("/products/{product}")).await.expect(200);
    shows(404).await;
    eventually(SOON, async || number(&market.databases.reels, "SELECT count(*) FROM reels").await == 0).await;
}

#[tokio::test]
async fn an_account_likes_ten_times_and_speaks_five_times_a_minute() {
    let market = Market::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000")]).await;
    let (_, _, reel) = shop(&market).await;
    let (amina, yacine) = (market.user("amina-haddad").await, market.user("yacine").await);
    for _ in 0..10 {
        like(&amina, &reel).await.expect(200);
    }
    like(&amina, &reel).await.refused(429, "RATE_LIMITED");
    // Unlikes are not counted, and everybody has their own.
    unlike(&amina, &reel).await.expect(200);
    like(&yacine, &reel).await.expect(200);
    for _ in 0..5 {
        comment(&amina, &reel, &unique("bravo")).await.expect(201);
    }
    comment(&amina, &reel, "bravo").await.refused(429, "RATE_LIMITED");
    comment(&yacine, &reel, "bravo").await.expect(201);
}

#[tokio::test]
async fn an_admins_deletions_are_audited_once() {
    let market = Market::start_with(&LIMITS).await;
    let (_, _, reel) = shop(&market).await;
    let (admin, amina) = (market.admin("amel-saadi").await, market.user("amina-haddad").await);
    let said = comment(&amina, &reel, "bravo").await.expect(201).body;
    let id = said["comment"]["id"].as_str().unwrap();
    admin.delete(&format!("/reels/comments/{id}")).await.expect(200);
    admin.delete(&format!("/reels/{reel}")).await.expect(200);
    for (action, target) in [("comment.deleted", id), ("reel.deleted", &reel)] {
        let audit = async || admin.get(&format!("/admin/audit?action={action}")).await.expect(200);
        eventually(SOON, async || audit().await.data().len() == 1).await;
        assert_eq!(audit().await.data()[0]["target_id"], json!(target));
    }
}
