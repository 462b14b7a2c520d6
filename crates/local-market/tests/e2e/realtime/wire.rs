//! SEC-62 and SEC-63: what no client sends ends the connection it came over, and no other.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{join, socket};
use crate::harness::sockets::Sockets;
use crate::harness::{Findings, Market};

const PATIENCE: Duration = Duration::from_secs(15);
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A WebSocket written by hand.
pub(super) struct Wire(TcpStream);

impl Wire {
    /// Opened, not yet connected to the namespace.
    pub(super) async fn open(market: &Market) -> Self {
        Self::open_over(TcpStream::connect(market.gateway()).await.unwrap()).await
    }

    pub(super) async fn open_over(mut stream: TcpStream) -> Self {
        let head = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: zst\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        let mut wire = Self(stream);
        assert!(wire.text().await.unwrap().starts_with("0{\"sid\""));
        wire
    }

    /// Connected as a guest.
    pub(super) async fn connected(mut self) -> Self {
        self.say("40/realtime,").await;
        assert!(self.text().await.unwrap().starts_with("40/realtime,{\"sid\""));
        self
    }

    pub(super) async fn say(&mut self, text: &str) {
        self.frame(0x81, text.as_bytes()).await;
    }

    /// A frame with a mask of zeros; what the other end does not take any more is not sent.
    pub(super) async fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first];
        match payload.len() {
            short @ ..126 => frame.push(0x80 | short as u8),
            long @ 126..65_536 => frame.extend([0xfe].into_iter().chain((long as u16).to_be_bytes())),
            longer => frame.extend([0xff].into_iter().chain((longer as u64).to_be_bytes())),
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.bytes(&frame).await;
    }

    pub(super) async fn bytes(&mut self, bytes: &[u8]) {
        let _closed_early = self.0.write_all(bytes).await;
    }

    /// The next text but pings; none when the connection is over.
    pub(super) async fn text(&mut self) -> Option<String> {
        let read = async {
            loop {
                let head = [self.0.read_u8().await.ok()?, self.0.read_u8().await.ok()?];
                let length = match head[1] {
                    126 => usize::from(self.0.read_u16().await.ok()?),
                    127 => usize::try_from(self.0.read_u64().await.ok()?).ok()?,
                    short => usize::from(short),
                };
                let mut payload = vec![0; length];
                self.0.read_exact(&mut payload).await.ok()?;
                if head[0] == 0x81 && payload != b"2" {
                    return String::from_utf8(payload).ok();
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the connection says nothing and stays open")
    }

    /// Waits until the connection is over.
    pub(super) async fn is_over(&mut self) {
        while let Some(_text) = self.text().await {}
    }
}

#[tokio::test]
async fn what_is_malformed_ends_its_own_connection_alone() {
    let market = Market::start().await;
    let sockets = Sockets::start();
    let seller = market.seller("maison-one", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let bystander = socket(&sockets, &market, &market.guest()).await;
    join(&bystander, "product:join", &pot).await;

    for malformed in [
        "42/realtime,",
        "42/realtime,[",
        "42/realtime,{}",
        "42/realtime,[7]",
        "42/realtime,[\"ping\",{",
        "4",
        "49",
        "44/realtime,{}",
        "43/realtime,[]",
        "x",
        "7",
        "6",
        "0{}",
        "45-/realtime,[\"ping\"]",
        "451-/realtime,[\"ping\",{\"_placeholder\":true,\"num\":0}]",
        "451000000000-/realtime,[\"ping\",{\"_placeholder\":true,\"num\":0}]",
        "461-/realtime,1[{\"_placeholder\":true,\"num\":0}]",
    ] {
        let mut wire = Wire::open(&market).await.connected().await;
        wire.say(malformed).await;
        wire.is_over().await;
    }
    let bad_utf8 = [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe];
    // A reserved bit, an unmasked frame, a length that nobody sends, fragments without an end.
    for bytes in [
        &bad_utf8[..],
        &[0xc1, 0x81, 0, 0, 0, 0, b'2'],
        &[0x81, 0x01, b'2'],
        &[0x81, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        let mut wire = Wire::open(&market).await.connected().await;
        wire.bytes(bytes).await;
        wire.is_over().await;
    }
    let mut fragments = Wire::open(&market).await.connected().await;
    fragments.frame(0x01, b"42/realtime,[\"ping\"").await;
    for _ in 0..20 {
        fragments.frame(0x00, &[b' '; 4_000]).await;
    }
    fragments.is_over().await;
    let mut binary = Wire::open(&market).await.connected().await;
    binary.frame(0x82, b"anything").await;
    binary.is_over().await;

    seller.patch(&format!("/products/{pot}"), json!({ "price": 1100 })).await.expect(200);
    bystander.event("product:updated", 1).await;
    assert!(bystander.told("disconnect").is_empty());
}

#[tokio::test]
async fn odd_requests_are_refused() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let unknown = "sid=AAAAAAAAAAAAAAHs";
    for (method, query, status) in [
        ("GET", "", 400),
        ("GET", "?EIO=4", 400),
        ("GET", "?EIO=3&transport=polling", 400),
        ("GET", "?EIO=4&transport=webtransport", 400),
        ("GET", "?EIO=4&transport=websocket", 400),
        ("POST", "?EIO=4&transport=polling", 400),
        ("PUT", "?EIO=4&transport=polling", 405),
        ("GET", &format!("?EIO=4&transport=polling&{unknown}"), 400),
        ("GET", "?EIO=4&transport=polling&sid=..%2f", 400),
        ("POST", &format!("?EIO=4&transport=polling&{unknown}"), 400),
    ] {
        let headers = if method == "GET" { "" } else { "Content-Length: 0\r\n" };
        let (answered, answer) = market.raw_path(method, &format!("/socket.io/{query}"), headers).await;
        findings.check(answered == status, || format!("{method} {query}: {answered} instead of {status}: {answer}"));
    }
    let upgrade = format!(
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
    );
    for (path, headers, status) in [
        (format!("/socket.io/?EIO=4&transport=websocket&{unknown}"), upgrade.as_str(), 400),
        ("/socket.io/?EIO=4&transport=polling".to_owned(), &upgrade, 400),
        ("/socket.io/?EIO=4&transport=websocket".to_owned(), "Upgrade: websocket\r\nConnection: Upgrade\r\n", 400),
        ("/socket.io/other?EIO=4&transport=polling".to_owned(), "", 404),
    ] {
        // `raw_path` says `Connection: close` first: what is no upgrade closes.
        let request = format!("GET {path} HTTP/1.1\r\nHost: zst\r\n{headers}\r\n");
        let mut stream = TcpStream::connect(market.gateway()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        let answered = String::from_utf8_lossy(&head[9..]).into_owned();
        findings.equal(&path, answered, status.to_string());
    }
}
