//! api.md 2.1: paths, methods and bodies as they arrive (SEC-23, SEC-26, SEC-29).

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::number;
use crate::harness::raw::status_of;
use crate::harness::{Caller, Findings, Market, checkout};

/// A POST of these bytes with this content type.
fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len(),
    );
    [head.as_bytes(), body].concat()
}

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn a_path_is_exact_and_has_its_methods() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    for path in [
        "/api/v1/products/",
        "/api/v1//products",
        "//api/v1/products",
        "/api/v1/Products",
        "/API/v1/products",
        "/api/v1/products%2F",
        "/api/v1/products/slug/a%2Fb",
        "/api/v1/products/slug/a%2fb",
        "/api%2Fv1/products",
        "/api/v1/products;a=b",
        "/api/v1/products/slug",
        "/api/v1/products/slug/",
        "/api/v1/./products",
        "/api/v1/x/../products",
        "/api/v2/products",
        "/products",
        "/health/",
        "/",
    ] {
        let (status, answer) = market.raw_path("GET", path, "").await;
        // `slug` alone stands where an id would.
        let wanted = if path == "/api/v1/products/slug" { 400 } else { 404 };
        findings.check(status == wanted, || format!("{path}: {answer}"));
        if wanted == 404 {
            findings.check(answer.contains("\"NOT_FOUND\""), || format!("{path}: {answer}"));
        }
    }
    for (method, path, allow) in [
        ("DELETE", "/api/v1/products", vec!["GET", "HEAD", "POST"]),
        ("PUT", "/api/v1/cart", vec!["DELETE", "GET", "HEAD"]),
        ("POST", "/api/v1/categories", vec!["GET", "HEAD"]),
        ("TRACE", "/api/v1/products", vec!["GET", "HEAD", "POST"]),
        ("GET", "/api/v1/cart/merge", vec!["POST"]),
        ("get", "/api/v1/products", vec!["GET", "HEAD", "POST"]),
        ("PATCH", "/api/v1/orders", vec!["GET", "HEAD", "POST"]),
        ("POST", "/health", vec!["GET", "HEAD"]),
    ] {
        let (status, answer) = market.raw_path(method, path, "").await;
        findings
            .check(status == 405 && answer.contains("\"METHOD_NOT_ALLOWED\""), || format!("{method} {path}: {answer}"));
        let line = answer.lines().find_map(|line| line.to_lowercase().strip_prefix("allow: ").map(str::to_uppercase));
        let mut found: Vec<String> = line.unwrap_or_default().split(',').map(|one| one.trim().to_owned()).collect();
        found.sort();
        findings.equal(path, found, allow.into_iter().map(str::to_owned).collect());
    }
    let (status, _) = market.raw_path("GET", "/api/v1/products", "X-HTTP-Method-Override: DELETE\r\n").await;
    findings.equal("an override is ignored", status, 200);
    let guest = market.guest();
    for path in ["/products", "/categories", "/health", "/api/v1/cart", "/products/7"] {
        let (get, head) = (guest.get(path).await, guest.send(Method::HEAD, path, None).await);
        findings.equal(path, (head.status, head.bytes.len()), (get.status, 0));
        findings.equal(path, head.header("etag"), get.header("etag"));
    }
}

#[tokio::test]
async fn a_body_is_an_object_of_json_and_nothing_else() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({ "stock": 5 })).await;
    let good = checkout(&[(&pot, 1)]).to_string();
    let deep = |depth: usize| format!("{{\"notes\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    let repeated = good.replacen('{', "{\"notes\": \"a\", \"notes\": \"b\", ", 1);
    let nested = good.replacen("\"quantity\":1", "\"quantity\":1,\"quantity\":1", 1);
    assert_ne!(nested, good);
    let with_nul = good.replace("Amina", "Ami\\u0000na");
    let lone = good.replace("Amina", "\\ud800");
    let bad_text = [&good.as_bytes()[..20], &[0xff, 0xfe], &good.as_bytes()[20..]].concat();
    let huge = format!("{{\"notes\": \"{}\"}}", "x".repeat(256 * 1024));
    let cases: Vec<(&str, String, Vec<u8>, u16, &str)> = vec![
        ("no content type", String::new(), good.clone().into(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("text", "Content-Type: text/plain\r\n".into(), good.clone().into(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "form",
            "Content-Type: application/x-www-form-urlencoded\r\n".into(),
            b"a=b".to_vec(),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("json-like", "Content-Type: application/jsonx\r\n".into(), good.clone().into(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("empty", JSON.into(), Vec::new(), 400, "MALFORMED_JSON"),
        ("an array", JSON.into(), b"[]".to_vec(), 400, "MALFORMED_JSON"),
        ("null", JSON.into(), b"null".to_vec(), 400, "MALFORMED_JSON"),
        ("a number", JSON.into(), b"7".to_vec(), 400, "MALFORMED_JSON"),
        ("half", JSON.into(), good.as_bytes()[..30].to_vec(), 400, "MALFORMED_JSON"),
        ("two", JSON.into(), format!("{good}{good}").into(), 400, "MALFORMED_JSON"),
        ("bad UTF-8", JSON.into(), bad_text, 400, "MALFORMED_JSON"),
        ("a byte order mark", JSON.into(), format!("\u{feff}{good}").into(), 400, "MALFORMED_JSON"),
        ("NaN", JSON.into(), b"{\"notes\": NaN}".to_vec(), 400, "MALFORMED_JSON"),
        ("a comment", JSON.into(), b"{} // x".to_vec(), 400, "MALFORMED_JSON"),
        ("a trailing comma", JSON.into(), b"{\"notes\": \"x\",}".to_vec(), 400, "MALFORMED_JSON"),
        ("half a surrogate", JSON.into(), lone.into(), 400, "MALFORMED_JSON"),
        ("a raw control character", JSON.into(), b"{\"notes\": \"a\x01\"}".to_vec(), 400, "MALFORMED_JSON"),
        ("33 deep", JSON.into(), deep(33).into(), 400, "MALFORMED_JSON"),
        ("10,000 deep", JSON.into(), deep(10_000).into(), 400, "MALFORMED_JSON"),
        ("not so deep", JSON.into(), deep(20).into(), 400, "VALIDATION_ERROR"),
        ("a repeated member", JSON.into(), repeated.into(), 400, "VALIDATION_ERROR"),
        ("a repeated member of a line", JSON.into(), nested.into(), 400, "VALIDATION_ERROR"),
        ("NUL in a text", JSON.into(), with_nul.into(), 400, "VALIDATION_ERROR"),
        ("too large", JSON.into(), huge.clone().into(), 413, "PAYLOAD_TOO_LARGE"),
    ];
    for (name, headers, body, status, code) in cases {
        let began = Instant::now();
        let answer = market.raw(post("/orders", &headers, &body)).await;
        let right = status_of(&answer) == status && answer.contains(&format!("\"{code}\""));
        let shown: String = answer.chars().take(600).collect();
        findings.check(right, || format!("{name}: {shown}"));
        findings.check(began.elapsed() < Duration::from_secs(3), || format!("{name} is slow"));
    }
    // Refused while it is read: nobody waits for the rest.
    let head = format!("POST /api/v1/orders HTTP/1.1\r\nHost: zst\r\n{JSON}Content-Length: 10485760\r\n\r\n{huge}");
    let answer = market.raw(head).await;
    findings.equal("a lying length", status_of(&answer), 413);
    let chunks: String = (0..300).map(|_| format!("400\r\n{}\r\n", "x".repeat(1024))).collect();
    let chunked = format!(
        "POST /api/v1/orders HTTP/1.1\r\nHost: zst\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
    );
    findings.equal("chunks without a length", status_of(&market.raw(chunked).await), 413);

    for content_type in ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"] {
        let answer = market.raw(post("/orders", &format!("Content-Type: {content_type}\r\n"), good.as_bytes())).await;
        findings.equal(content_type, status_of(&answer), 201);
    }
    // Operations without a described body ignore one.
    let view = format!("/products/{pot}/view");
    for body in [&b"<xml>"[..], b"{\"a\":", b""] {
        let answer = market.raw(post(&view, "Content-Type: text/xml\r\n", body)).await;
        findings.equal("ignored", status_of(&answer), 200);
    }
    findings.equal("three orders", number(&market.databases.ordering, "SELECT count(*) FROM orders").await, 3);
    findings.equal("two units", number(&market.databases.ordering, "SELECT free FROM stock").await, 2);
}

#[tokio::test]
async fn what_asks_for_too_much_is_refused_at_once() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (seller, admin) = (market.seller("maison-rym", "grossiste").await, market.admin("amel").await);
    let guest = market.guest();
    // Unoptimised, 256 KiB are read in more than that.
    let at_once = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 });
    let many: Vec<Value> =
        (0..10_000).map(|_| json!({ "product_id": "0192f6a2-0000-7000-8000-000000000000", "quantity": 1 })).collect();
    let mut checkout = checkout(&[]);
    checkout["items"] = json!(many[..3_000]);
    let cases: Vec<(&Caller, Method, &str, Option<String>)> = vec![
        (&guest, Method::GET, "/products?limit=1000000000", None),
        (&guest, Method::GET, "/products?limit=-1", None),
        (&guest, Method::GET, "/products?limit=99999999999999999999", None),
        (&guest, Method::GET, "/products?page=1000000000000", None),
        (&guest, Method::GET, "/products?offset=1000000000000", None),
        (&guest, Method::GET, "/products/suggest?q=a&limit=1000", None),
        (&guest, Method::GET, "/sellers?page=10001", None),
        (&seller, Method::GET, "/seller/orders?date_from=0001-01-01&date_to=99999-01-01", None),
        (&admin, Method::GET, "/admin/orders?limit=101", None),
        (&admin, Method::GET, "/admin/audit?date_from=2200-01-01&date_to=2100-01-01", None),
        (&guest, Method::POST, "/orders", Some(checkout.to_string())),
        (&seller, Method::POST, "/cart/merge", Some(json!({ "items": many[..3_000] }).to_string())),
    ];
    for (caller, method, path, body) in cases {
        // The best of three: the machine may be busy, the answer may not.
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let began = Instant::now();
            let reply = caller.send(method.clone(), path, body.clone()).await;
            best = best.min(began.elapsed());
            findings.refused(path, &reply, 400, "VALIDATION_ERROR");
        }
        findings.check(best < at_once, || format!("{path} takes {best:?}"));
    }
    // A century is no longer than its orders.
    seller.get("/seller/orders?date_from=1990-01-01&date_to=2090-01-01").await.expect(200);
    let ids = json!({ "items": many }).to_string();
    let whole = seller.send(Method::POST, "/cart/merge", Some(ids)).await;
    findings.refused("ten thousand ids", &whole, 413, "PAYLOAD_TOO_LARGE");
}

/// Nothing is unpacked on the way in: what is sent smaller than it is, is no JSON.
#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    // A gibibyte of zeros, as far as its head is believed.
    let bomb = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 64 * 1024]].concat();
    for encoding in ["gzip", "br", "deflate", "zstd", "gzip, gzip"] {
        let headers = format!("{JSON}Content-Encoding: {encoding}\r\n");
        let answer = market.raw(post("/orders", &headers, &bomb)).await;
        findings.check(status_of(&answer) == 400 && answer.contains("MALFORMED_JSON"), || answer.clone());
        let answer = market.raw(post("/webhooks/clerk", &headers, &bomb)).await;
        findings.check(status_of(&answer) == 400 && answer.contains("INVALID_SIGNATURE"), || answer.clone());
    }
}

#[tokio::test]
async fn nothing_tells_of_the_inside() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let paths = [
        "/products?search=%27%22%3B--",
        "/products?page=99999999999999999999",
        "/products?limit=1e9",
        "/products?min_price=NaN",
        "/products/slug/%00",
        "/products/slug/%ff",
        "/sellers/%27",
        "/guest/orders/track/%27?order_number=%27",
        "/orders/%00",
        "/products?sort_by=id;DROP TABLE products",
    ];
    for path in paths {
        let (status, answer) = market.raw_path("GET", &format!("/api/v1{}", path.replace(' ', "%20")), "").await;
        findings.check((400..500).contains(&status) || status == 200, || format!("{path}: {answer}"));
        let lower = answer.to_lowercase();
        for word in ["sql", "postgres", "diesel", "panicked", ".rs:", "127.0.0.1", "select ", "stack", "tonic", "redis"]
        {
            findings.check(!lower.contains(word), || format!("{path} tells `{word}`: {answer}"));
        }
    }
}
