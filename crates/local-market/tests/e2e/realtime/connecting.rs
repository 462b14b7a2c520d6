//! 7.1: transports, tokens, refusals, namespaces, origins.

use local_market::clerk::TokenRequest;
use serde_json::{Value, json};

use super::options;
use crate::harness::Market;
use crate::harness::sockets::Sockets;

const ORIGIN: &str = "https://app.zst.dz";

#[tokio::test]
async fn every_transport_connects_upgrades_and_comes_back() {
    let market = Market::start().await;
    let (sockets, amina, url) = (Sockets::start(), market.user("amina").await, market.url());
    for (transports, then) in [
        (json!(["polling"]), "polling"),
        (json!(["websocket"]), "websocket"),
        (json!(["polling", "websocket"]), "websocket"),
    ] {
        let auth = json!({ "token": amina.token() });
        let socket = sockets.open(&url, json!({ "transports": transports, "auth": auth, "reconnectionDelay": 50 }));
        let socket = socket.connected().await;
        if transports.as_array().unwrap().len() == 2 {
            assert_eq!(socket.tells("upgrade", 1).await["transport"], then);
        } else {
            assert_eq!(socket.told("connect")[0]["transport"], then);
        }
        socket.is_even().await;
        if then == "websocket" {
            socket.act(json!({ "act": "break" }));
            assert_eq!(socket.disconnected().await, "transport close");
            socket.tells("connect", 2).await;
            socket.is_even().await;
        }
        socket.act(json!({ "act": "disconnect" }));
        assert_eq!(socket.told("connect_error"), Vec::<Value>::new());
    }
}

#[tokio::test]
async fn who_comes_is_let_in_or_told_why_not() {
    let market = Market::start().await;
    let (sockets, url) = (Sockets::start(), market.url());
    let (amina, banned, gone) = (market.user("amina").await, market.user("banned").await, market.user("gone").await);
    let good = amina.token().to_owned();
    market.ban(&banned).await;
    gone.delete("/users/me").await.expect(200);
    let expired = market.clerk.token(&TokenRequest::new("amina").ttl_seconds(-60));
    let foreign = format!("{}x", &good[..good.len() - 1]);

    let connect = |auth: Value, query: Value| {
        sockets.open(&url, json!({ "transports": ["websocket"], "auth": auth, "query": query }))
    };
    // Guests, and tokens in either place.
    for (auth, query) in [
        (Value::Null, json!({})),
        (json!({}), json!({})),
        (json!({ "token": null }), json!({ "token": "" })),
        (json!({ "token": "" }), json!({})),
        (json!({ "token": good }), json!({ "token": "nonsense" })),
        (json!({}), json!({ "token": good })),
    ] {
        connect(auth, query).connected().await.is_even().await;
    }
    for (auth, query, code) in [
        (json!({ "token": expired }), json!({}), "UNAUTHORIZED"),
        (json!({ "token": foreign }), json!({}), "UNAUTHORIZED"),
        (json!({ "token": "nonsense" }), json!({}), "UNAUTHORIZED"),
        (json!({ "token": 7 }), json!({ "token": good }), "UNAUTHORIZED"),
        (json!({ "token": { "a": 1 } }), json!({}), "UNAUTHORIZED"),
        (json!({}), json!({ "token": "nonsense" }), "UNAUTHORIZED"),
        (json!({ "token": banned.token() }), json!({}), "ACCOUNT_DISABLED"),
        (json!({ "token": gone.token() }), json!({}), "UNAUTHORIZED"),
    ] {
        let socket = connect(auth.clone(), query);
        assert_eq!(socket.refused().await, code, "{auth}");
        assert_eq!(socket.told("connect_error")[0]["active"], false);
    }
    // Refused once, it fetches a fresh token and connects again over what it has.
    let socket = connect(json!({ "token": expired }), json!({}));
    assert_eq!(socket.refused().await, "UNAUTHORIZED");
    socket.act(json!({ "act": "reconnect", "auth": { "token": good } }));
    socket.connected().await.is_even().await;
}

#[tokio::test]
async fn there_is_one_namespace() {
    let market = Market::start().await;
    let (sockets, url) = (Sockets::start(), market.url());
    for namespace in ["/", "/admin", "/realtime/", "/Realtime", "/realtime2", "/realtime/orders"] {
        let socket = sockets.open_in(&format!("{url}{namespace}"), options(&market.guest()));
        assert_eq!(socket.refused().await, "Invalid namespace", "{namespace}");
    }
}

#[tokio::test]
async fn pages_that_are_not_listed_are_refused() {
    let market = Market::start().await;
    let (sockets, url) = (Sockets::start(), market.url());
    for transport in ["polling", "websocket"] {
        for (origin, is_let_in) in [(ORIGIN, true), ("https://evil.test", false), ("null", false)] {
            let headers = json!({ "origin": origin });
            let socket = sockets.open(&url, json!({ "transports": [transport], "extraHeaders": headers }));
            if is_let_in {
                socket.connected().await;
            } else {
                socket.refused().await;
                assert!(socket.told("connect").is_empty(), "{transport} {origin}");
            }
        }
    }
    let handshake = "/socket.io/?EIO=4&transport=polling";
    let (status, _) = market.raw_path("GET", handshake, "Origin: https://evil.test\r\n").await;
    assert_eq!(status, 403);
    let (status, answer) = market.raw_path("GET", handshake, &format!("Origin: {ORIGIN}\r\n")).await;
    assert_eq!(status, 200);
    assert!(answer.contains(&format!("access-control-allow-origin: {ORIGIN}")), "{answer}");
    for promised in [r#""pingInterval":25000"#, r#""pingTimeout":20000"#, r#""maxPayload":65536"#, r#"["websocket"]"#] {
        assert!(answer.contains(promised), "{promised} in {answer}");
    }
}
