//! What holds for every request, seen through the public port.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use test_support::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{GatewayTest, header};

/// What the port answers to bytes.
async fn raw(gateway: &GatewayTest, request: &str) -> String {
    let mut stream = TcpStream::connect(gateway.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn liveness_and_readiness_answer_without_any_service() {
    let gateway = GatewayTest::start().await;
    for path in ["/health", "/api/health"] {
        let body: Value = gateway.get(path).await.json().await.unwrap();
        assert_eq!(body["status"], "ok");
        assert_eq!(body["timestamp"].as_str().unwrap().len(), 24, "{body}");
    }
    eventually(Duration::from_secs(5), async || {
        let ready = gateway.get("/health/ready").await;
        let body: Value = ready.json().await.unwrap();
        let names = "cart catalog identity keys media ordering rabbitmq redis reels";
        assert_eq!(body["checks"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "), names);
        let checks = &body["checks"];
        body["status"] == "degraded"
            && checks["keys"] == "up"
            && checks["redis"] == "up"
            && checks["identity"] == "down"
    })
    .await;
}

#[tokio::test]
async fn a_draining_gateway_is_not_ready_and_then_gone() {
    let gateway = GatewayTest::start().await;
    eventually(Duration::from_secs(5), async || gateway.get("/health/ready").await.status() == StatusCode::OK).await;
    let process = gateway.process.clone();
    let drained = async { process.lifecycle.drain(&process.readiness, Duration::from_millis(300)).await };
    let seen = async {
        eventually(Duration::from_secs(2), async || {
            let ready = gateway.get("/health/ready").await;
            ready.status() == StatusCode::SERVICE_UNAVAILABLE
        })
        .await;
    };
    tokio::join!(drained, seen);
    assert!(gateway.request(Method::GET, "/health").send().await.is_err());
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let gateway = GatewayTest::start().await;
    let answer = gateway.request(Method::GET, "/health").header("X-Request-Id", "mine-1").send().await.unwrap();
    assert_eq!(header(&answer, "x-request-id"), "mine-1");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
    assert_eq!(header(&answer, "content-type"), "application/json; charset=utf-8");
    assert_eq!(header(&answer, "strict-transport-security"), "");
    for bad in ["", "a b", "x;y", &"x".repeat(129)] {
        let answer = gateway.request(Method::GET, "/health").header("X-Request-Id", bad).send().await.unwrap();
        assert_eq!(header(&answer, "x-request-id").len(), 36, "{bad:?}");
    }
}

#[tokio::test]
async fn paths_are_exact() {
    let gateway = GatewayTest::start().await;
    for path in ["/Health", "/health/", "//health", "/api/health%2Fready", "/nothing", "/metrics", "/api/v1"] {
        let answer = raw(&gateway, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("\"code\":\"NOT_FOUND\""), "{path}: {answer}");
    }
    let answer = gateway.request(Method::POST, "/health").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (405, "GET, HEAD"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        (body["code"].as_str(), body["error"].as_str()),
        (Some("METHOD_NOT_ALLOWED"), Some("Method Not Allowed"))
    );
    let overridden = gateway.request(Method::GET, "/health").header("X-HTTP-Method-Override", "DELETE").send().await;
    assert_eq!(overridden.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let gateway = GatewayTest::start().await;
    let head = gateway.request(Method::HEAD, "/api").send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert!(header(&head, "content-length").parse::<usize>().unwrap() > 0);
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn only_listed_origins_may_ask() {
    let gateway = GatewayTest::start_with(&[("GATEWAY_ALLOWED_ORIGINS", "https://shop.test")]).await;
    let ask = async |origin: &str| {
        let request = gateway.request(Method::OPTIONS, "/health").header("Origin", origin);
        request.header("Access-Control-Request-Method", "GET").send().await.unwrap()
    };
    let listed = ask("https://shop.test").await;
    assert_eq!(listed.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&listed, "access-control-allow-origin"), "https://shop.test");
    assert_eq!(header(&listed, "access-control-allow-credentials"), "true");
    assert_eq!(header(&listed, "access-control-max-age"), "600");
    assert!(header(&listed, "access-control-allow-headers").contains("X-Tracking-Token"));
    for origin in ["null", "https://shop.test.evil.test", "http://shop.test"] {
        let other = ask(origin).await;
        assert_eq!((other.status(), header(&other, "access-control-allow-origin")), (StatusCode::NO_CONTENT, ""));
        assert!(other.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    }
    let read = gateway.request(Method::GET, "/health").header("Origin", "https://shop.test").send().await.unwrap();
    assert!(header(&read, "access-control-expose-headers").contains("X-RateLimit-Reset"));
    assert!(header(&read, "vary").contains("Origin"));
}

#[tokio::test]
async fn heads_too_large_and_broken_framing_are_refused() {
    let gateway = GatewayTest::start().await;
    let large = format!("GET /health HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "y".repeat(17_000));
    assert!(raw(&gateway, &large).await.starts_with("HTTP/1.1 431"));
    let broken = [
        "GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost : x\r\n\r\n",
    ];
    for request in broken {
        let answer = raw(&gateway, request).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{request:?}: {answer}");
    }
}

#[tokio::test]
async fn the_document_names_every_route_and_no_other() {
    let gateway = GatewayTest::start().await;
    let document: Value = gateway.get("/api/openapi.json").await.json().await.unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut named: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        named.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let mut routes: Vec<String> =
        gateway::http::table::routes().iter().map(|route| format!("{} {}", route.method, route.pattern)).collect();
    named.sort();
    routes.sort();
    assert_eq!(named, routes);
    let again: Value = gateway.get("/api/docs-json").await.json().await.unwrap();
    assert_eq!(again, document);
}

#[tokio::test]
async fn swagger_ui_and_its_assets_are_served() {
    let gateway = GatewayTest::start().await;
    let page = gateway.get("/api/docs").await;
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    let page = page.text().await.unwrap();
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/api/docs/")).collect();
    assert!(assets.len() >= 4, "{page}");
    assert!(!page.contains("\"./"), "{page}");
    for asset in assets {
        assert_eq!(gateway.get(asset).await.status(), StatusCode::OK, "{asset}");
    }
    let initializer = gateway.get("/api/docs/swagger-initializer.js").await.text().await.unwrap();
    assert!(initializer.contains("/api/openapi.json"), "{initializer}");
    let without = GatewayTest::start_with(&[("GATEWAY_DOCS", "false")]).await;
    assert_eq!(without.get("/api/docs").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_asks() {
    let gateway = GatewayTest::start().await;
    for encoding in ["gzip", "br"] {
        let answer = gateway.request(Method::GET, "/api/openapi.json").header("Accept-Encoding", encoding).send().await;
        assert_eq!(header(&answer.unwrap(), "content-encoding"), encoding);
    }
    let small = gateway.request(Method::GET, "/health").header("Accept-Encoding", "br").send().await.unwrap();
    assert_eq!(header(&small, "content-encoding"), "");
}

#[tokio::test]
async fn answers_on_one_connection_stay_apart() {
    let gateway = GatewayTest::start().await;
    let one = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    let last = "GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = raw(&gateway, &format!("{one}{one}{last}")).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 404").count(), 1, "{answer}");
}
