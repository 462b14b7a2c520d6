//! A service that is silent or restarts, seen through the public port.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use service_runtime::Process;
use test_support::eventually;

use crate::harness::GatewayTest;
use crate::services::Services;

const FACTOR: (&str, &str) = ("GATEWAY_RATE_LIMIT_FACTOR", "1000");

#[tokio::test]
async fn a_silent_service_is_cut_off_and_tried_again_by_one() {
    let (services, backend) = (Services::new(), Process::default());
    let catalog = format!("http://{}", services.serve_catalog(&backend));
    let gateway = GatewayTest::start_with(&[("GATEWAY_CATALOG_URL", &catalog), FACTOR]).await;
    services.fall_silent(true);
    let began = Instant::now();
    let pages = (1..=25).map(|page| format!("/api/v1/products?page={page}"));
    let answers = futures::future::join_all(pages.map(async |path| gateway.get(&path).await.status())).await;
    assert!(answers.iter().all(|status| *status == StatusCode::SERVICE_UNAVAILABLE), "{answers:?}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());

    let asked = services.asked();
    let began = Instant::now();
    assert_eq!(gateway.get("/api/v1/products").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(began.elapsed() < Duration::from_millis(500), "the circuit is open");
    assert_eq!(services.asked(), asked);

    services.fall_silent(false);
    eventually(Duration::from_secs(5), async || gateway.get("/api/v1/products").await.status() == StatusCode::OK).await;
}

#[tokio::test]
async fn a_refusal_of_a_service_is_an_answer() {
    let (services, backend) = (Services::new(), Process::default());
    let catalog = format!("http://{}", services.serve_catalog(&backend));
    let gateway = GatewayTest::start_with(&[("GATEWAY_CATALOG_URL", &catalog), FACTOR]).await;
    for number in 1..=30_u128 {
        let path = format!("/api/v1/products/{}", uuid::Uuid::from_u128(number << 32));
        assert_eq!(gateway.get(&path).await.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(services.asked(), 30, "nothing is asked twice");
}

#[tokio::test]
async fn a_service_that_comes_back_is_found_again() {
    let (services, first) = (Services::new(), Process::default());
    let addr = services.serve_catalog(&first);
    let catalog = format!("http://{addr}");
    let gateway = GatewayTest::start_with(&[("GATEWAY_CATALOG_URL", &catalog), FACTOR]).await;
    assert_eq!(gateway.get("/api/v1/products").await.status(), StatusCode::OK);
    first.lifecycle.drain(&first.readiness, Duration::ZERO).await;
    assert_eq!(gateway.get("/api/v1/products?page=2").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let second = Process::default();
    services.serve_catalog_at(addr, &second);
    eventually(Duration::from_secs(5), async || {
        gateway.get("/api/v1/products?page=3").await.status() == StatusCode::OK
    })
    .await;
}
