//! SEC-42 and SEC-43: where a request ends is never in doubt, and only HTTP/1.1 is spoken.

use serde_json::json;

use crate::harness::databases::number;
use crate::harness::raw::status_of;
use crate::harness::{Findings, Market, checkout};

const JSON: &str = "Content-Type: application/json\r\n";
const BODY: &str = "{\"a\":1}";
/// What is smuggled: it would be seen by its answer.
const SECOND: &str = "GET /api/v1/smuggled HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n\r\n";

fn post(head: &str) -> String {
    format!("POST /api/v1/orders HTTP/1.1\r\nHost: zst\r\n{JSON}{head}\r\n")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked\r\n") + body
}

/// Forms in which two readers may see different requests.
fn broken() -> Vec<(&'static str, String)> {
    vec![
        ("CL and TE", post("Content-Length: 7\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
        ("TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 7\r\n") + "0\r\n\r\n"),
        ("two CL", post("Content-Length: 7\r\nContent-Length: 3\r\n") + BODY),
        ("the same CL twice", post("Content-Length: 7\r\nContent-Length: 7\r\n") + BODY),
        ("CL list", post("Content-Length: 7, 3\r\n") + BODY),
        ("negative CL", post("Content-Length: -1\r\n") + BODY),
        ("CL with a sign", post("Content-Length: +7\r\n") + BODY),
        ("CL in hex", post("Content-Length: 0x7\r\n") + BODY),
        ("CL with a fraction", post("Content-Length: 7.0\r\n") + BODY),
        ("CL beyond all numbers", post("Content-Length: 18446744073709551616\r\n") + BODY),
        ("empty CL", post("Content-Length: \r\n") + BODY),
        ("bad chunk size", chunked("zz\r\nab\r\n0\r\n\r\n")),
        ("chunk size with a sign", chunked("+7\r\n{\"a\":1}\r\n0\r\n\r\n")),
        ("chunk size in C", chunked("0x7\r\n{\"a\":1}\r\n0\r\n\r\n")),
        ("negative chunk size", chunked("-1\r\nab\r\n0\r\n\r\n")),
        ("huge chunk size", chunked("ffffffffffffffffff\r\nab\r\n0\r\n\r\n")),
        ("a chunk longer than it says", chunked("1\r\n{\"a\":1}\r\n0\r\n\r\n")),
        ("chunks with bare LF", chunked("7\n{\"a\":1}\n0\n\n")),
        ("unknown TE", post("Transfer-Encoding: gzip\r\n") + BODY),
        ("TE that only ends alike", post("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n"),
        ("TE in quotes", post("Transfer-Encoding: \"chunked\"\r\n") + "0\r\n\r\n"),
        ("chunked and then something", post("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n"),
        ("chunked twice", post("Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n"),
        ("two TE", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") + "0\r\n\r\n"),
        ("TE behind a vertical tab", post("Transfer-Encoding: \u{b}chunked\r\n") + "0\r\n\r\n"),
        ("TE in HTTP/1.0", chunked("0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0")),
        ("a space before the colon", post("Content-Length : 7\r\n") + BODY),
        ("a tab before the colon", post("Transfer-Encoding\t: chunked\r\n") + "0\r\n\r\n"),
        ("a folded line", post("X-A: b\r\n c\r\nContent-Length: 7\r\n") + BODY),
        ("a folded TE", post("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n"),
        ("a line without a colon", post("Content-Length\r\n") + BODY),
        ("an empty name", post(": 7\r\n") + BODY),
        ("NUL in a header", post("X-A: b\0c\r\nContent-Length: 7\r\n") + BODY),
        ("CR in a header", post("X-A: b\rContent-Length: 7\r\n") + BODY),
        ("no HTTP", "hello there\r\n\r\n".to_owned()),
        ("HTTP/0.9", "GET /api/v1/products\r\n\r\n".to_owned()),
        ("HTTP/3.0", SECOND.replace("1.1", "3.0")),
        ("two spaces", SECOND.replace("GET ", "GET  ")),
        ("HTTP/2 by knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0".to_owned()),
    ]
}

#[tokio::test]
async fn what_two_readers_may_see_differently_is_refused_and_hung_up_on() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    for (name, bytes) in broken() {
        let answer = market.raw(bytes + SECOND).await;
        let status = status_of(&answer);
        findings.check([0, 400, 501, 505].contains(&status), || format!("{name}: {answer}"));
        findings.check(answer.matches("HTTP/1.1").count() <= 1, || format!("{name} was two requests: {answer}"));
    }
    findings.status("others go on", &market.guest().get("/products").await, 200);
    findings.equal("nothing happened", number(&market.databases.ordering, "SELECT count(*) FROM orders").await, 0);
}

/// RFC 9112, 2.2: a server may take a line feed alone for the end of a line. Ours does, in heads alone and everywhere in
/// them, so that there is one way to read them; a proxy that takes it for a part of a value must not hand it on (RFC 9110,
/// 5.5).
#[tokio::test]
async fn a_line_feed_alone_ends_a_line_of_a_head() {
    let market = Market::start().await;
    for head in ["X-A: b\nContent-Length: 7\r\n", "Content-Length: 7\n", "Content-Length: 7\r\nX-A: b\n"] {
        let answer = market.raw(post(head) + BODY + SECOND).await;
        assert_eq!((status_of(&answer), answer.matches("HTTP/1.1 ").count()), (400, 2), "{answer}");
        assert!(answer.contains("\"field\":\"a\""), "the body was read, and no more than it: {answer}");
    }
}

#[tokio::test]
async fn what_an_operation_does_not_read_is_never_the_next_request() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let order = checkout(&[(&pot, 1)]).to_string();
    let last = "GET /api/v1/last HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n\r\n";
    let length = SECOND.len();
    for (name, start, status) in [
        ("a read", "GET /api/v1/products HTTP/1.1\r\n".to_owned(), 200),
        ("ignored", format!("POST /api/v1/products/{pot}/view HTTP/1.1\r\n"), 200),
        ("without a token", format!("POST /api/v1/cart/items HTTP/1.1\r\n{JSON}"), 401),
        ("of another type", "POST /api/v1/orders HTTP/1.1\r\nContent-Type: text/plain\r\n".to_owned(), 415),
        ("no such path", "POST /api/v1/nothing HTTP/1.1\r\n".to_owned(), 404),
        ("no such method", "PUT /api/v1/products HTTP/1.1\r\n".to_owned(), 405),
        ("malformed", format!("POST /api/v1/orders HTTP/1.1\r\n{JSON}"), 400),
    ] {
        let with_length = format!("{start}Host: zst\r\nContent-Length: {length}\r\n\r\n{SECOND}");
        let in_chunks =
            format!("{start}Host: zst\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{SECOND}\r\n0\r\n\r\n");
        for request in [with_length, in_chunks] {
            let answer = market.raw(request + last).await;
            findings.equal(name, status_of(&answer), status);
            // Either the connection is over, or what comes behind the body is the next request.
            let answers = answer.matches("HTTP/1.1 ").count();
            findings.check(answers <= 2 && !answer.contains("smuggled"), || format!("{name}: {answer}"));
        }
    }
    // Whole requests behind one another are all answered, a body of the right length is whole.
    let placed = post(&format!("Content-Length: {}\r\n", order.len())) + &order;
    let answer = market.raw(placed.repeat(2) + last).await;
    findings.equal("three answers", answer.matches("HTTP/1.1 ").count(), 3);
    findings.equal("two orders", number(&market.databases.ordering, "SELECT count(*) FROM orders").await, 2);
}

#[tokio::test]
async fn heads_are_bounded_in_size_and_number() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let few_and_long = format!("X-Long: {}\r\n", "x".repeat(17_000));
    let many: String = (0..300).map(|index| format!("X-Header-{index}: {}\r\n", "x".repeat(60))).collect();
    let endless = format!("X-Endless: {}\r\n", "x".repeat(2 * 1024 * 1024));
    for (name, headers) in [("long", few_and_long), ("many", many), ("endless", endless)] {
        let (status, answer) = market.raw_path("GET", "/api/v1/products", &headers).await;
        let shown: String = answer.chars().take(300).collect();
        findings.check([0, 400, 431].contains(&status), || format!("{name}: {shown}"));
    }
    for letters in [20_000, 2_000_000] {
        let long = format!("/api/v1/products?search={}", "x".repeat(letters));
        let (status, _) = market.raw_path("GET", &long, "").await;
        findings.check([0, 400, 414, 431].contains(&status), || format!("an address of {letters}: {status}"));
    }
    findings.status("others go on", &market.guest().get("/products").await, 200);
}

/// Decision 7 of the README: a proxy in front speaks HTTP/2, the public port does not. So there is nothing to reset
/// rapidly, continue for ever or open ten thousand streams in.
#[tokio::test]
async fn nobody_is_talked_into_another_protocol() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    for upgrade in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        "Expect: 200-maybe\r\n",
    ] {
        let request = format!("GET /health HTTP/1.1\r\nHost: zst\r\n{upgrade}\r\n");
        let last = "GET /health HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n\r\n";
        let answer = market.raw(request + last).await;
        findings.check([200, 400, 417].contains(&status_of(&answer)), || format!("{upgrade}: {answer}"));
        findings.check(!answer.contains(" 101 "), || format!("{upgrade}: {answer}"));
    }
    let (status, answer) = market.raw_path("CONNECT", "127.0.0.1:22", "").await;
    findings.check([0, 400, 404, 405].contains(&status), || format!("CONNECT: {answer}"));
    let (status, answer) = market.raw_path("GET", "http://169.254.169.254/latest/meta-data", "").await;
    findings.check([400, 404].contains(&status), || format!("somebody else's address: {answer}"));
}
