//! What a reel's room is told: likes, comments and views, each with the count after it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::facts::is_fact;
use super::{join, socket};
use crate::harness::shapes::{REEL_COMMENT, and, exactly};
use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{Market, eventually};

const LONG: Duration = Duration::from_secs(30);

/// The names of all that a room was told of a reel, in order.
fn names(socket: &Socket<'_>) -> Vec<String> {
    let told = socket.told("event").into_iter().map(|event| event["name"].as_str().unwrap().to_owned());
    told.filter(|name| !["reel:joined", "reel:ready", "pong"].contains(&name.as_str())).collect()
}

#[tokio::test]
async fn likes_comments_and_views_are_told_to_the_room_with_their_counts() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let (amina, rym) = (market.user("amina").await, market.user("rym").await);
    let product = market.product_id(&seller, json!({})).await;
    let reel = market.reel(&seller, &product).await;
    let ready = json!({ "reelId": reel, "productId": product });
    let watching = socket(&sockets, &market, &market.guest()).await;
    let polling = json!({ "transports": ["polling"], "auth": { "token": amina.token() } });
    let also_watching = sockets.open(&market.url(), polling).connected().await;
    let own = socket(&sockets, &market, &seller).await;
    let elsewhere = socket(&sockets, &market, &rym).await;
    for socket in [&watching, &also_watching, &own] {
        eventually(LONG, async || socket.ask("reel:join", json!([{ "reelId": reel }])).await["ok"] == true).await;
    }
    let path = format!("/reels/{reel}");

    for (method, caller) in
        [(Method::POST, &amina), (Method::POST, &amina), (Method::POST, &rym), (Method::DELETE, &rym)]
    {
        caller.send(method, &format!("{path}/like"), None).await.expect(200);
    }
    let said = amina.post(&format!("{path}/comments"), json!({ "content": "Magnifique" })).await.expect(201).body;
    let comment = said["comment"]["id"].as_str().unwrap().to_owned();
    // An edit sends nothing.
    let edited = format!("/reels/comments/{comment}");
    amina.patch(&edited, json!({ "content": "Très beau" })).await.expect(200);
    amina.delete(&edited).await.expect(200);
    watching.event("reel:comment-deleted", 1).await;
    market.guest().send(Method::POST, &format!("{path}/view"), None).await.expect(200);

    for socket in [&watching, &also_watching, &own] {
        socket.event("reel:view", 1).await;
        let wanted =
            ["reel:liked", "reel:liked", "reel:unliked", "reel:commented", "reel:comment-deleted", "reel:view"];
        assert_eq!(names(socket), wanted);
        let counts: Vec<Value> = socket.events("reel:liked").iter().map(|said| said["likesCount"].clone()).collect();
        assert_eq!(counts, [1, 2]);
        assert_eq!(socket.events("reel:liked")[1]["userId"], rym.id.as_str());
        assert_eq!(socket.events("reel:unliked")[0]["likesCount"], 1);
        is_fact(&socket.events("reel:liked")[0], "reelId userId likesCount");
        is_fact(&socket.events("reel:unliked")[0], "reelId userId likesCount");
        is_fact(&socket.events("reel:view")[0], "reelId viewCount");
        assert_eq!(socket.events("reel:view")[0]["viewCount"], 1);
        let deleted = socket.events("reel:comment-deleted").remove(0);
        is_fact(&deleted, "reelId commentId commentsCount");
        assert_eq!((&deleted["commentId"], &deleted["commentsCount"]), (&json!(comment), &json!(0)));
        let told = socket.events("reel:commented").remove(0);
        exactly(&told, "reelId comment commentsCount eventId timestamp");
        exactly(&told["comment"], &and(REEL_COMMENT, "commentsCount"));
        assert_eq!((&told["comment"]["content"], &told["commentsCount"]), (&json!("Magnifique"), &json!(1)));
        assert_eq!((&told["reelId"], &told["comment"]["commentsCount"]), (&json!(reel), &json!(1)));
    }
    // Made a moment ago; its seller may have been there in time to hear so.
    for said in own.events("reel:ready") {
        is_fact(&said, "reelId productId videoUrl thumbnailUrl durationSeconds");
        assert_eq!((&said["reelId"], &said["productId"]), (&ready["reelId"], &ready["productId"]));
        assert_eq!(said["durationSeconds"], 8.0);
    }
    elsewhere.is_even().await;
    assert!(names(&elsewhere).is_empty());

    // Hidden with its product: only its seller stays.
    seller.patch(&format!("/products/{product}"), json!({ "status": "archived" })).await.expect(200);
    eventually(LONG, async || market.guest().get(&path).await.status == 404).await;
    assert_eq!(watching.ask("reel:join", json!([reel])).await["code"], "REEL_NOT_FOUND");
    join(&own, "reel:join", &reel).await;
    // Shown again, those who left have to join again.
    seller.patch(&format!("/products/{product}"), json!({ "status": "active" })).await.expect(200);
    eventually(LONG, async || market.guest().get(&path).await.status == 200).await;
    rym.send(Method::POST, &format!("{path}/like"), None).await.expect(200);
    own.event("reel:liked", 3).await;
    watching.is_even().await;
    assert_eq!(watching.events("reel:liked").len(), 2);
    join(&watching, "reel:join", &reel).await;
    assert_eq!(watching.ask("reel:leave", json!([reel])).await["ok"], true);
}
