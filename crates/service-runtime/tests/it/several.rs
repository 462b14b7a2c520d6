//! Several processes of one service behind one channel: which of them is called, and what is sent again.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use service_runtime::Process;
use service_runtime::grpc::{self, Channel};
use tonic::{Code, Request};

use crate::echo::{Echo, call};
use crate::peer::{Manner, Peer};

const LIMIT: Duration = Duration::from_secs(4);
/// How long a process that did not take a call is left alone.
const REST: Duration = Duration::from_secs(1);

fn ask(text: &str) -> Request<String> {
    grpc::request(text.to_owned(), "a-token", LIMIT)
}

fn channel(uris: [&str; 2]) -> Channel {
    grpc::channel(&uris.join(", ")).unwrap()
}

#[tokio::test]
async fn a_call_goes_to_the_process_with_fewer_under_way() {
    let process = Process::default();
    let ((busy, _), (idle, _)) = (Echo::start(&process), Echo::start(&process));
    let both = channel([busy.uri(), idle.uri()]);
    let mut waiting: FuturesUnordered<_> = (0..2).map(|_| call(&both, ask("wait"))).collect();
    // Of two that come at once, each has one.
    tokio::select! {
        answer = waiting.next() => panic!("{answer:?}"),
        _ = async { tokio::join!(busy.arrived(), idle.arrived()) } => {}
    }
    idle.open(1);
    assert_eq!(waiting.next().await.unwrap().unwrap(), "waited");
    for _ in 0..20 {
        assert_eq!(call(&both, ask("hello")).await.unwrap(), "hello");
    }
    assert_eq!((busy.started(), idle.started()), (1, 21));
    busy.open(1);
    assert_eq!(waiting.next().await.unwrap().unwrap(), "waited");
}

#[tokio::test]
async fn a_process_that_is_not_there_is_left_alone_for_a_while() {
    let process = Process::default();
    let (there, _) = Echo::start(&process);
    let free: SocketAddr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let both = channel([&format!("http://{free}"), there.uri()]);
    let asked = Instant::now();
    for number in 1..=10 {
        assert_eq!(call(&both, ask("hello")).await.unwrap(), "hello");
        assert_eq!(there.started(), number);
    }
    // It has come, and its turn is when it has rested.
    let (late, _) = Echo::start_at(&process, free);
    while late.started() == 0 {
        assert_eq!(call(&both, ask("hello")).await.unwrap(), "hello");
        assert!(asked.elapsed() < 10 * REST);
    }
    assert!(asked.elapsed() >= REST, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn without_any_process_a_call_fails() {
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = channel([&format!("http://{}", free()), &format!("http://{}", free())]);
    assert_eq!(call(&nobody, ask("hello")).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn what_a_process_did_not_take_is_sent_to_the_other() {
    for manner in [Manner::Refuses, Manner::Goes] {
        let process = Process::default();
        let (echo, _) = Echo::start(&process);
        let peer = Peer::start(&process, manner).await;
        let both = channel([&peer.uri, echo.uri()]);
        for number in 1..=10 {
            assert_eq!(call(&both, ask("hello")).await.unwrap(), "hello", "{manner:?}");
            assert_eq!(echo.started(), number, "{manner:?}");
        }
        assert!(peer.seen() >= 1, "{manner:?}");
    }
}

#[tokio::test]
async fn what_a_process_may_have_done_is_not_sent_again() {
    let process = Process::default();
    let (echo, _) = Echo::start(&process);
    let peer = Peer::start(&process, Manner::Breaks).await;
    let both = channel([&peer.uri, echo.uri()]);
    let (mut answers, mut failures) = (0, 0);
    while peer.seen() == 0 {
        match call(&both, ask("hello")).await {
            Ok(_) => answers += 1,
            Err(_) => failures += 1,
        }
    }
    // The one that was cut off is its caller's to send again.
    assert_eq!((echo.started(), peer.seen(), failures), (answers, 1, 1));
}
