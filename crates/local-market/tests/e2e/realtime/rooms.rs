//! 7.2: client events, who may join what, and what every refusal says.

use commerce_types::Approval;
use serde_json::{Value, json};

use super::{id_of, join, order, socket};
use crate::harness::shapes::exactly;
use crate::harness::sockets::Sockets;
use crate::harness::{Findings, Market};

const NOBODYS: &str = "0192f6a2-0000-7000-8000-000000000000";

#[tokio::test]
async fn who_may_is_in_and_hears_so_twice() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let (amina, admin, guest) = (market.user("amina").await, market.admin("amel").await, market.guest());
    let pot = market.product_id(&seller, json!({})).await;
    let placed = order(&amina, &pot).await;
    let order_id = id_of(&placed);
    let of_guest = order(&guest, &pot).await;
    let (guest_order, token) = (id_of(&of_guest), of_guest["tracking_token"].as_str().unwrap().to_owned());

    for (caller, event, argument, reply, member, room) in [
        (&guest, "product:join", json!(pot), "product:joined", "productId", format!("product:{pot}")),
        (&amina, "product:join", json!({ "productId": pot }), "product:joined", "productId", format!("product:{pot}")),
        (&amina, "order:subscribe", json!(order_id), "order:subscribed", "orderId", format!("order:{order_id}")),
        (
            &seller,
            "order:subscribe",
            json!({ "orderId": order_id }),
            "order:subscribed",
            "orderId",
            format!("order:{order_id}"),
        ),
        (&admin, "order:subscribe", json!(order_id), "order:subscribed", "orderId", format!("order:{order_id}")),
        (
            &guest,
            "order:subscribe",
            json!({ "orderId": guest_order, "tracking_token": token }),
            "order:subscribed",
            "orderId",
            format!("order:{guest_order}"),
        ),
        (
            &seller,
            "seller:subscribe",
            json!(seller.id),
            "seller:subscribed",
            "sellerId",
            format!("seller:{}", seller.id),
        ),
    ] {
        let socket = socket(&sockets, &market, caller).await;
        // Twice does no harm.
        for time in 1..=2 {
            let answer = socket.ask(event, json!([argument])).await;
            exactly(&answer, &format!("ok roomName {member}"));
            assert_eq!((&answer["ok"], &answer["roomName"]), (&json!(true), &json!(room)), "{event}");
            let said = socket.event(reply, time).await;
            exactly(&said, &format!("roomName {member} eventId timestamp"));
            assert_eq!((&said[member], &said["roomName"]), (&answer[member], &json!(room)));
        }
    }
    let socket = socket(&sockets, &market, &seller).await;
    let answer = socket.ask("seller:subscribe", json!([])).await;
    assert_eq!((&answer["ok"], &answer["sellerId"]), (&json!(true), &json!(seller.id)));
    for (event, reply, member) in [
        ("reel:leave", "reel:left", "reelId"),
        ("order:unsubscribe", "order:unsubscribed", "orderId"),
        ("product:leave", "product:left", "productId"),
        ("offer:unsubscribe", "offer:unsubscribed", "offerId"),
    ] {
        let answer = socket.ask(event, json!([NOBODYS])).await;
        exactly(&answer, &format!("ok {member}"));
        exactly(&socket.event(reply, 1).await, &format!("{member} eventId timestamp"));
    }
    exactly(&socket.ask("ping", json!([])).await, "ok timestamp");
    exactly(&socket.event("pong", 1).await, "eventId timestamp");
}

#[tokio::test]
async fn who_may_not_is_told_why_and_is_nowhere() {
    let market = Market::start().await;
    let (sockets, mut findings) = (Sockets::start(), Findings::default());
    let seller = market.seller("maison-one", "grossiste").await;
    let other = market.seller("maison-two", "grossiste").await;
    let waiting = market.seller("maison-importe", "importateur").await;
    market.approve(&waiting, Approval::Pending).await;
    let (amina, rym, admin, guest) =
        (market.user("amina").await, market.user("rym").await, market.admin("amel").await, market.guest());
    let pot = market.product_id(&seller, json!({})).await;
    let draft = market.product_id(&seller, json!({ "status": "draft" })).await;
    let placed = order(&amina, &pot).await;
    let mine = id_of(&placed);
    let token = placed["tracking_token"].clone();
    let unsure = json!({ "orderId": mine, "tracking_token": "x".repeat(43) });

    for (who, caller, event, argument, code) in [
        ("guest", &guest, "order:subscribe", json!(mine), "ORDER_NOT_FOUND"),
        ("guest", &guest, "order:subscribe", unsure, "ORDER_NOT_FOUND"),
        ("other customer", &rym, "order:subscribe", json!(mine), "ORDER_NOT_FOUND"),
        ("other seller", &other, "order:subscribe", json!(mine), "ORDER_NOT_FOUND"),
        ("guest", &guest, "order:subscribe", json!(NOBODYS), "ORDER_NOT_FOUND"),
        ("guest", &guest, "product:join", json!(NOBODYS), "PRODUCT_NOT_FOUND"),
        ("guest", &guest, "product:join", json!(draft), "PRODUCT_NOT_FOUND"),
        ("other seller", &other, "product:join", json!(draft), "PRODUCT_NOT_FOUND"),
        ("guest", &guest, "reel:join", json!(NOBODYS), "REEL_NOT_FOUND"),
        ("guest", &guest, "seller:subscribe", json!(seller.id), "UNAUTHORIZED"),
        ("customer", &amina, "seller:subscribe", json!(amina.id), "FORBIDDEN"),
        ("admin", &admin, "seller:subscribe", json!(seller.id), "FORBIDDEN"),
        ("other seller", &other, "seller:subscribe", json!(seller.id), "FORBIDDEN"),
        ("waiting seller", &waiting, "seller:subscribe", json!(waiting.id), "SELLER_NOT_APPROVED"),
        ("guest", &guest, "offer:subscribe", json!(NOBODYS), "UNAUTHORIZED"),
        ("customer", &amina, "offer:subscribe", json!(NOBODYS), "FORBIDDEN"),
        ("seller", &seller, "offer:subscribe", json!(NOBODYS), "OFFER_NOT_FOUND"),
        ("admin", &admin, "offer:subscribe", json!(NOBODYS), "OFFER_NOT_FOUND"),
        ("guest", &guest, "product:join", json!("product:*"), "INVALID_ID"),
        ("guest", &guest, "order:subscribe", json!(""), "INVALID_ID"),
        ("guest", &guest, "offer:subscribe", json!("1"), "INVALID_ID"),
        ("guest", &guest, "product:join", json!(7), "VALIDATION_ERROR"),
        ("guest", &guest, "product:join", json!([pot]), "VALIDATION_ERROR"),
        ("guest", &guest, "product:join", json!({ "productId": pot, "room": "x" }), "VALIDATION_ERROR"),
        ("guest", &guest, "ping", json!(1), "VALIDATION_ERROR"),
        ("guest", &guest, "order:status-updated", json!({ "orderId": mine }), "UNKNOWN_EVENT"),
        ("guest", &guest, "order:new", json!({}), "UNKNOWN_EVENT"),
        ("guest", &guest, "user:join", json!(amina.id), "UNKNOWN_EVENT"),
    ] {
        let socket = socket(&sockets, &market, caller).await;
        let answer = socket.ask(event, json!([argument])).await;
        findings.equal(&format!("{who}: {event} {argument}"), answer["code"].clone(), json!(code));
        findings.check(answer["error"].is_string(), || format!("no sentence: {answer}"));
        findings.equal("members", answer.as_object().unwrap().len(), 2);
        socket.is_even().await;
        let said: Vec<Value> = socket.told("event").into_iter().filter(|event| event["name"] != "pong").collect();
        findings.equal(&format!("{who}: {event}"), said, Vec::new());
        socket.act(json!({ "act": "disconnect" }));
    }
    // The owner sees a draft, and so does the token's holder an order.
    let owner = socket(&sockets, &market, &seller).await;
    join(&owner, "product:join", &draft).await;
    if token.is_string() {
        let holder = socket(&sockets, &market, &guest).await;
        let answer = holder.ask("order:subscribe", json!([{ "orderId": mine, "tracking_token": token }])).await;
        findings.equal("a token", answer["ok"].clone(), json!(true));
    }
}
