//! SEC-41: clients that send or read too slowly are let go, and nobody else notices.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::raw::status_of;
use crate::harness::{Market, eventually};

/// Idle for ten seconds, and a little for a busy machine.
const IDLE: Duration = Duration::from_secs(15);
/// The longest that a body may take, and a little.
const IN_ALL: Duration = Duration::from_secs(36);
/// Others are answered in this time.
const UNDISTURBED: Duration = Duration::from_secs(1);
const CROWD: usize = 200;

/// Sends this, then nothing, and answers what the server said until it closed.
async fn abandoned(market: &Market, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(market.gateway()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    ended(&mut stream, IDLE).await
}

async fn ended(stream: &mut TcpStream, within: Duration) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(within, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "still open after {within:?}: {}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Others are served at once, as long as this runs.
async fn others(market: &Market, requests: usize) {
    for _ in 0..requests {
        let began = Instant::now();
        market.guest().get("/products").await.expect(200);
        assert!(began.elapsed() < UNDISTURBED, "others wait {:?}", began.elapsed());
    }
}

const HEAD: &str = "POST /api/v1/orders HTTP/1.1\r\nHost: zst\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn a_crowd_of_silent_senders_is_let_go_and_disturbs_nobody() {
    let market = Market::start().await;
    let unfinished = [
        "GET /api/v1/products HTTP/1.1\r\nHost:".to_owned(),
        "G".to_owned(),
        format!("{HEAD}Content-Length: 100\r\n\r\n{{"),
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"a\""),
        // Refused before its body is there: nobody waits for the rest.
        HEAD.replace("/orders", "/cart/items") + "Content-Length: 100\r\n\r\n{",
        // Ignored by its operation.
        HEAD.replace("/orders", "/products/0192f6a2-0000-7000-8000-000000000000/view") + "Content-Length: 100\r\n\r\n{",
    ];
    let crowd = (0..CROWD).map(|index| abandoned(&market, unfinished[index % unfinished.len()].as_bytes()));
    let (answers, ()) = tokio::join!(join_all(crowd), others(&market, 50));
    for answer in answers {
        assert!([0, 400, 401, 404, 408].contains(&status_of(&answer)), "{answer}");
    }
}

/// One byte a second is never idle; it is the whole that takes too long.
#[tokio::test]
async fn a_trickle_is_cut_off() {
    let market = Market::start().await;
    let body = format!("{HEAD}Content-Length: 200\r\n\r\n");
    let trickles = [("GET /api/v1/products HTTP/1.1\r\n", IDLE), (body.as_str(), IN_ALL)].map(|(start, within)| {
        let market = &market;
        async move {
            let (mut reader, mut writer) = TcpStream::connect(market.gateway()).await.unwrap().into_split();
            writer.write_all(start.as_bytes()).await.unwrap();
            let mut second = tokio::time::interval(Duration::from_secs(1));
            let dripping = async {
                loop {
                    second.tick().await;
                    if writer.write_all(b"x").await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let mut answer = Vec::new();
            // A connection that was reset is closed, too.
            let closed = async { reader.read_to_end(&mut answer).await.unwrap_or_default() };
            let read = tokio::select! {
                read = tokio::time::timeout(within, closed) => read,
                () = dripping => unreachable!("it drips for ever"),
            };
            assert!(read.is_ok(), "{start:?} is still read after {within:?}");
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert!([0, 400, 408].contains(&status_of(&answer)), "{answer}");
        }
    });
    tokio::join!(join_all(trickles), others(&market, 50));
}

#[tokio::test]
async fn who_never_reads_is_let_go() {
    let market = Market::start().await;
    // So little is taken in here, and so much asked for, that the server has to wait with the rest.
    let deaf = (0..20).map(|_| async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let mut stream = socket.connect(market.gateway()).await.unwrap();
        let request = "GET /api/openapi.json HTTP/1.1\r\nHost: zst\r\n\r\n".repeat(100);
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    });
    let deaf = join_all(deaf).await;
    let held = || deaf.iter().filter(|stream| is_held(&market, stream)).count();
    assert!(held() > 0, "all was taken in at once: the test proves nothing");
    others(&market, 50).await;
    eventually(IDLE * 2, async || held() == 0).await;
}

/// Whether the server still holds its end of this connection, as the kernel tells.
fn is_held(market: &Market, stream: &TcpStream) -> bool {
    let (server, client) = (market.gateway().port(), stream.local_addr().unwrap().port());
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let ends = format!(":{server:04X} 0100007F:{client:04X} 01 ");
    table.lines().any(|line| line.contains(&ends))
}
