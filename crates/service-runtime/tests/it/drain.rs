//! The end of a process: told to the outside first, nothing in flight lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use service_runtime::{PrivateHttp, Process, grpc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::echo::{Echo, call};

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_call_in_flight_is_answered_while_the_process_says_that_it_goes() {
    let process = Process::default();
    let (echo, channel) = Echo::start(&process);
    let private = PrivateHttp::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = private.addr().unwrap();
    private.start(&process);
    assert!(get(address, "/health/ready").await.starts_with("HTTP/1.1 200"));
    let mut health = HealthClient::new(channel.clone());
    let name = HealthCheckRequest { service: "test.v1.EchoService".to_owned() };
    let status = health.check(name.clone()).await.unwrap().into_inner().status();
    assert_eq!(status, ServingStatus::Serving);

    let in_flight = call(&channel, grpc::request("wait".to_owned(), "t", Duration::from_secs(4)));
    let ending = async {
        echo.arrived().await;
        let lifecycle = process.lifecycle.clone();
        let draining = lifecycle.drain(&process.readiness, Duration::from_millis(200));
        let watching = async {
            process.readiness.draining().cancelled().await;
            assert!(get(address, "/health/ready").await.starts_with("HTTP/1.1 503"));
            assert!(get(address, "/health/live").await.starts_with("HTTP/1.1 200"));
            let status = health.check(name).await.unwrap().into_inner().status();
            assert_eq!(status, ServingStatus::NotServing);
            process.lifecycle.accepting().cancelled().await;
            echo.open(1);
        };
        tokio::join!(draining, watching);
    };
    let (answer, ()) = tokio::join!(in_flight, ending);
    assert_eq!(answer.unwrap(), "waited");
    assert_eq!(process.lifecycle.failure(), None);
    assert!(TcpStream::connect(address).await.is_err(), "the private port is closed last");
}

#[tokio::test]
async fn work_that_must_finish_is_waited_for() {
    let process = Process::default();
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let (done, mut is_done) = tokio::sync::oneshot::channel();
    process.lifecycle.detach(async move {
        wait.await.unwrap();
        done.send("done").unwrap();
    });
    let draining = process.lifecycle.drain(&process.readiness, Duration::ZERO);
    let releasing = async {
        process.lifecycle.accepting().cancelled().await;
        go.send(()).unwrap();
    };
    tokio::join!(draining, releasing);
    assert_eq!(is_done.try_recv(), Ok("done"));
}

#[tokio::test]
async fn a_failed_task_is_the_reason_the_process_ends() {
    let process = Process::default();
    process.lifecycle.work("relay", async { Err("the outbox is gone") });
    let ended = process.lifecycle.run(&process.readiness, Duration::ZERO).await;
    assert_eq!(ended, Err("relay: the outbox is gone".to_owned()));
}

#[tokio::test]
async fn health_follows_what_the_service_cannot_work_without() {
    let process = Process::default();
    let (_echo, channel) = Echo::start(&process);
    let is_up = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_up);
    process.readiness.require("echo", move || std::future::ready(seen.load(Ordering::SeqCst)));
    process.readiness.require("another service of the process", || std::future::ready(false));
    let watched = HealthClient::new(channel).watch(HealthCheckRequest::default()).await;
    let mut told = watched.unwrap().into_inner();
    let mut becomes = async |wanted: ServingStatus| {
        let told = async { while told.message().await.unwrap().unwrap().status() != wanted {} };
        tokio::time::timeout(Duration::from_secs(10), told).await.unwrap();
    };
    becomes(ServingStatus::NotServing).await;
    is_up.store(true, Ordering::SeqCst);
    becomes(ServingStatus::Serving).await;
}
