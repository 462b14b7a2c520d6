//! api.md 3, and what every answer carries (2.3, 2.11).

use reqwest::Method;

use crate::harness::shapes::{exactly, is_time};
use crate::harness::{Findings, Market};

#[tokio::test]
async fn the_market_tells_how_it_is_and_what_it_is() {
    let market = Market::start().await;
    // Nobody looks at a token here.
    let guest = market.guest().with("Authorization", "Bearer nonsense");
    for path in ["/health", "/api/health"] {
        let health = guest.get(path).await.expect(200);
        exactly(&health.body, "status timestamp uptime version");
        assert_eq!(health.body["status"], "ok");
        is_time(&health.body["timestamp"]);
        assert!(health.body["uptime"].is_u64());
        assert_eq!(health.header("x-ratelimit-limit"), None, "{path} is not counted");
    }
    let ready = guest.get("/health/ready").await.expect(200);
    exactly(&ready.body, "status checks");
    exactly(&ready.body["checks"], "identity catalog cart ordering reels media redis rabbitmq keys");
    assert!(ready.body["checks"].as_object().unwrap().values().all(|state| state == "up"), "{}", ready.body);

    let about = guest.get("/api").await.expect(200);
    exactly(&about.body, "name version description environment endpoints");
    exactly(&about.body["endpoints"], "docs openapi health");
    for link in about.body["endpoints"].as_object().unwrap().values() {
        guest.get(link.as_str().unwrap()).await.expect(200);
    }

    let docs = guest.get("/api/docs").await.expect(200);
    assert!(docs.header("content-type").unwrap().starts_with("text/html"));
    let page = String::from_utf8(docs.bytes).unwrap();
    assert!(page.contains("swagger-ui"));
    let asset = page.split('"').find(|word| word.starts_with("/api/docs/") && word.ends_with(".js")).unwrap();
    guest.get(asset).await.expect(200);
    let documents = (guest.get("/api/openapi.json").await, guest.get("/api/docs-json").await);
    assert_eq!(documents.0.bytes, documents.1.bytes);
    assert_eq!(documents.0.body["openapi"].as_str().unwrap().split('.').next(), Some("3"));
    assert!(documents.0.body["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn private_paths_and_those_of_later_operations_are_not_there() {
    let market = Market::start().await;
    let admin = market.admin("amel-saadi").await;
    let mut findings = Findings::default();
    let paths = [
        "/metrics",
        "/health/live",
        "/debug/pprof",
        "/grpc.health.v1.Health/Check",
        "/identity.v1.IdentityService/ResolveCaller",
        "/api/v1",
        "/api/v1/",
        "/api/v1/reels/feed/popular",
        "/api/v1/b2b/offers",
        "/api/v1/seller/dashboard",
        "/api/v1/favorites",
        "/api/v1/reviews",
        "/socket.io/admin?EIO=4&transport=polling",
    ];
    for path in paths {
        let authorization = format!("Authorization: Bearer {}\r\n", admin.token());
        let (status, answer) = market.raw_path("GET", path, &authorization).await;
        findings.check(status == 404, || format!("{path}: {answer}"));
    }
    let later = [(Method::POST, "/reviews"), (Method::POST, "/users/me/addresses")];
    for (method, path) in later {
        let reply = admin.send(method.clone(), path, Some("{}".to_owned())).await;
        findings.check([404, 405].contains(&reply.status), || format!("{method} {path}: {}", reply.status));
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_contract() {
    let market = Market::start().await;
    let guest = market.guest();
    let mut findings = Findings::default();
    for path in ["/health", "/api", "/products", "/products/nonsense", "/cart", "/nothing", "/categories"] {
        let path = if path == "/nothing" { "/api/v1/nothing" } else { path };
        let reply = guest.get(path).await;
        findings.equal(path, reply.header("content-type"), Some("application/json; charset=utf-8"));
        findings.equal(path, reply.header("x-content-type-options"), Some("nosniff"));
        findings.equal(path, reply.header("referrer-policy"), Some("no-referrer"));
        findings.check(reply.header("x-request-id").is_some_and(|id| id.len() >= 8), || format!("{path}: no id"));
        findings.check(reply.header("server").is_none(), || format!("{path}: names its server"));
    }
    for kept in ["a", "7f0c.A_b-9", &"x".repeat(128)] {
        let reply = guest.with("X-Request-Id", kept).get("/products").await;
        findings.equal("a good request id is kept", reply.header("x-request-id"), Some(kept));
    }
    for strange in ["with space", "ä", "a/b", "a;b", &"x".repeat(129)] {
        let bytes = reqwest::header::HeaderValue::from_bytes(strange.as_bytes()).unwrap();
        let (_, answer) = market
            .raw_path(
                "GET",
                "/api/v1/products",
                &format!("X-Request-Id: {}\r\n", String::from_utf8_lossy(bytes.as_bytes())),
            )
            .await;
        let id = answer.lines().find_map(|line| line.to_lowercase().strip_prefix("x-request-id: ").map(str::to_owned));
        findings.check(id.as_deref().is_some_and(|id| id != strange && uuid::Uuid::parse_str(id).is_ok()), || {
            format!("a strange request id {strange:?} becomes {id:?}")
        });
    }
    for (path, wanted) in [
        ("/products", "public, no-cache"),
        ("/products/search?q=x", "public, no-cache"),
        ("/sellers", "public, no-cache"),
        ("/categories", "public, max-age=300"),
        ("/shipping/wilayas", "public, max-age=300"),
    ] {
        let reply = guest.get(path).await.expect(200);
        findings.equal(path, reply.header("cache-control"), Some(wanted));
        let vary = reply.header("vary").unwrap_or_default().to_lowercase();
        for name in ["authorization", "origin", "accept-encoding"] {
            findings.check(vary.contains(name), || format!("{path}: Vary is {vary}"));
        }
        let tag = reply.header("etag").unwrap_or_default().to_owned();
        findings.check(tag.starts_with("W/\""), || format!("{path}: ETag is {tag}"));
        let again = guest.with("If-None-Match", &tag).get(path).await;
        findings.equal(path, (again.status, again.bytes.len()), (304, 0));
        findings.equal(path, again.header("etag"), Some(tag.as_str()));
        let list = guest.with("If-None-Match", &format!("\"other\", {tag}")).get(path).await;
        findings.equal(path, list.status, 304);
        findings.equal(path, guest.with("If-None-Match", "W/\"other\"").get(path).await.status, 200);
    }
    let customer = market.user("amina-haddad").await;
    for path in ["/products", "/categories", "/cart", "/auth/me", "/orders"] {
        let reply = customer.get(path).await.expect(200);
        findings.equal(path, reply.header("cache-control"), Some("private, no-cache"));
        let tag = reply.header("etag").unwrap_or_default().to_owned();
        findings.equal(path, customer.with("If-None-Match", &tag).get(path).await.status, 304);
    }
    for encoding in ["gzip", "br"] {
        let reply = guest.with("Accept-Encoding", encoding).get("/shipping/wilayas").await;
        findings.equal("more than 1 KiB on request", reply.header("content-encoding"), Some(encoding));
        let small = guest.with("Accept-Encoding", encoding).get("/products").await;
        findings.equal("less than 1 KiB", small.header("content-encoding"), None);
    }
    let head = guest.send(Method::HEAD, "/products", None).await;
    findings.equal("HEAD", (head.status, head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn only_listed_origins_may_call_from_a_page() {
    let market = Market::start().await;
    let guest = market.guest();
    let mut findings = Findings::default();
    let cors = |reply: &crate::harness::Reply| {
        reply.headers.keys().filter(|name| name.as_str().starts_with("access-control")).count()
    };
    for origin in ["https://app.zst.dz", "http://localhost:3000"] {
        let reply = guest.with("Origin", origin).get("/products").await.expect(200);
        findings.equal(origin, reply.header("access-control-allow-origin"), Some(origin));
        findings.equal(origin, reply.header("access-control-allow-credentials"), Some("true"));
        let exposed = reply.header("access-control-expose-headers").unwrap_or_default().to_lowercase();
        let names = "etag location retry-after x-request-id idempotency-replayed x-ratelimit-limit \
            x-ratelimit-remaining x-ratelimit-reset";
        for name in names.split_whitespace() {
            findings.check(exposed.split(',').any(|one| one.trim() == name), || format!("{name} is not exposed"));
        }
        let refusal = guest.with("Origin", origin).get("/products/nonsense").await.expect(400);
        findings.equal("refusals too", refusal.header("access-control-allow-origin"), Some(origin));
    }
    let look_alikes = [
        "null",
        "https://app.zst.dz.evil.com",
        "https://evil-app.zst.dz",
        "https://app.zst.dz:444",
        "http://app.zst.dz",
        "https://APP.zst.dz",
        "https://app.zst.dz/",
        "https://app.zst.d",
        "https://x@app.zst.dz",
        "http://localhost:3001",
        "*",
    ];
    for origin in look_alikes {
        let reply = guest.with("Origin", origin).get("/products").await.expect(200);
        findings.equal(origin, cors(&reply), 0);
        let (_, answer) = preflight(&market, origin, "PATCH", "authorization").await;
        findings.check(!answer.to_lowercase().contains("access-control"), || format!("{origin}: {answer}"));
    }
    let (status, answer) = preflight(&market, "https://app.zst.dz", "PATCH", "authorization, idempotency-key").await;
    let answer = answer.to_lowercase();
    findings.equal("preflight", status, 204);
    findings.check(answer.contains("access-control-max-age: 600"), || answer.clone());
    findings.check(!answer.contains("x-ratelimit-"), || format!("a preflight is counted: {answer}"));
    for word in "get head post put patch delete authorization content-type idempotency-key if-match if-none-match \
        x-request-id x-tracking-token"
        .split_whitespace()
    {
        findings.check(answer.contains(word), || format!("{word} is missing: {answer}"));
    }
}

async fn preflight(market: &Market, origin: &str, method: &str, headers: &str) -> (u16, String) {
    let headers = format!(
        "Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\nAccess-Control-Request-Headers: {headers}\r\n"
    );
    market.raw_path("OPTIONS", "/api/v1/products", &headers).await
}
