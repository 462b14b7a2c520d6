//! Context, deadline and refusals on their way through a call.

use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use service_error::ServiceError;
use service_runtime::context::{self, RequestContext};
use service_runtime::{Process, grpc, telemetry};
use tonic::{Code, Request};

use crate::echo::{Echo, call, refusal};

const LIMIT: Duration = Duration::from_secs(4);
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn ask(text: &str) -> Request<String> {
    grpc::request(text.to_owned(), "a-token", LIMIT)
}

#[tokio::test]
async fn a_call_carries_token_request_id_and_trace() {
    let (_echo, channel) = Echo::start(&Process::default());
    let mut context = RequestContext::named("request-7");
    context.traceparent = Some(PARENT.into());
    context::scope(context, async {
        assert_eq!(call(&channel, ask("authorization")).await.unwrap(), "Bearer a-token");
        assert_eq!(call(&channel, ask("request id")).await.unwrap(), "request-7");
        assert_eq!(call(&channel, ask("in a task")).await.unwrap(), "request-7");
        assert_eq!(call(&channel, ask("traceparent")).await.unwrap(), PARENT);
    })
    .await;
}

#[tokio::test]
async fn a_call_of_nobody_gets_an_id_and_a_strange_id_is_replaced() {
    let (_echo, channel) = Echo::start(&Process::default());
    assert_eq!(call(&channel, ask("request id")).await.unwrap().len(), 36);
    let strange = RequestContext::named("two words");
    let seen = context::scope(strange, async { call(&channel, ask("request id")).await.unwrap() }).await;
    assert_eq!(seen.len(), 36, "{seen}");
}

#[tokio::test]
async fn what_is_left_of_the_time_is_handed_on() {
    let (_echo, channel) = Echo::start(&Process::default());
    let left: u64 = call(&channel, ask("time left")).await.unwrap().parse().unwrap();
    assert!((3_000..=4_000).contains(&left), "{left}");
    let mut context = RequestContext::named("short");
    context.deadline = Some(Instant::now() + Duration::from_millis(900));
    let shorter = context::scope(context, async { call(&channel, ask("time left")).await.unwrap() }).await;
    assert!(shorter.parse::<u64>().unwrap() <= 900, "{shorter}");
    // Without a deadline, or with a generous one, the server's own counts.
    for request in [Request::new("time left".to_owned()), grpc::request("time left".to_owned(), "t", LIMIT * 100)] {
        let left: u64 = call(&channel, request).await.unwrap().parse().unwrap();
        assert!((4_000..=5_000).contains(&left), "{left}");
    }
}

#[tokio::test]
async fn work_is_dropped_when_its_deadline_passes() {
    let (echo, channel) = Echo::start(&Process::default());
    let refused = call(&channel, grpc::request("wait".to_owned(), "t", Duration::from_millis(50))).await.unwrap_err();
    assert!(matches!(refused.code(), Code::DeadlineExceeded | Code::Cancelled), "{refused:?}");
    tokio::time::timeout(LIMIT, echo.gone()).await.unwrap();
}

#[tokio::test]
async fn expired_work_is_not_started() {
    let (echo, channel) = Echo::start(&Process::default());
    let refused = call(&channel, grpc::request("wait".to_owned(), "t", Duration::ZERO)).await.unwrap_err();
    assert!(matches!(refused.code(), Code::DeadlineExceeded | Code::Cancelled), "{refused:?}");
    // A call that comes later on the same connection is answered, and it is the first that was started.
    assert_eq!(call(&channel, ask("after")).await.unwrap(), "after");
    assert_eq!(echo.started(), 1);
}

#[tokio::test]
async fn a_panic_is_one_calls_alone() {
    let (echo, channel) = Echo::start(&Process::default());
    let waiting = {
        let channel = channel.clone();
        async move { call(&channel, ask("wait")).await }
    };
    let panicking = async {
        echo.arrived().await;
        let refused = call(&channel, ask("panic")).await.unwrap_err();
        assert_eq!(refused.code(), Code::Internal);
        echo.open(1);
    };
    let (waited, ()) = tokio::join!(waiting, panicking);
    assert_eq!(waited.unwrap(), "waited");
}

#[tokio::test]
async fn a_refusal_of_many_lines_arrives_whole() {
    let (_echo, channel) = Echo::start(&Process::default());
    let read = ServiceError::from_status(&call(&channel, ask("refuse")).await.unwrap_err());
    assert_eq!((read.reason, read.details), (refusal().reason, refusal().details));
}

#[tokio::test]
async fn a_crowd_is_answered_or_refused_at_once() {
    let (echo, channel) = Echo::start(&Process::default());
    // 512 run, 512 wait, the rest is refused; a connection carries 1,024 calls, so there have to be two.
    let other = echo.channel();
    let mut crowd: FuturesUnordered<_> =
        (0..1_400).map(|number| call(if number % 2 == 0 { &channel } else { &other }, ask("wait"))).collect();
    let mut refused = 0;
    while refused < 1_400 - 1_024 {
        let refusal = crowd.next().await.unwrap().unwrap_err();
        assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
        refused += 1;
    }
    echo.open(1_400);
    let answers: Vec<_> = crowd.collect().await;
    assert!(answers.iter().all(Result::is_ok), "{:?}", answers.iter().find(|answer| answer.is_err()));
}

#[tokio::test]
async fn calls_are_counted_and_unknown_methods_have_one_name() {
    telemetry::render_metrics().unwrap();
    let (_echo, channel) = Echo::start(&Process::default());
    call(&channel, ask("hello")).await.unwrap();
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let path = "/test.v1.NoSuch/Thing42".parse().unwrap();
    let codec = tonic_prost::ProstCodec::<String, String>::default();
    assert_eq!(client.unary(ask("x"), path, codec).await.unwrap_err().code(), Code::Unimplemented);
    let text = telemetry::render_metrics().unwrap();
    assert!(text.contains(r#"grpc_requests_total{service="echo",method="Echo",code="Ok"}"#), "{text}");
    assert!(text.contains(r#"method="unknown",code="Unimplemented""#), "{text}");
    assert!(!text.contains("Thing42"), "{text}");
}

#[tokio::test]
async fn nobody_there_is_said_quickly() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let channel = grpc::channel(&format!("http://{gone}")).unwrap();
    let asked = Instant::now();
    assert_eq!(call(&channel, ask("x")).await.unwrap_err().code(), Code::Unavailable);
    assert!(asked.elapsed() < Duration::from_secs(1));
}
