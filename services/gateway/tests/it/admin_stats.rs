//! The market in numbers while something is away.

use reqwest::StatusCode;
use serde_json::{Value, json};
use service_runtime::Process;

use crate::harness::GatewayTest;
use crate::services::Services;

const STATS: &str = "/api/v1/admin/stats";

/// Identity knows one admin; catalog is there, ordering is not.
async fn start(more: &[(&str, &str)]) -> (GatewayTest, Services) {
    let (services, process) = (Services::new(), Process::default());
    services.know("boss", &test_support::admin());
    let identity = format!("http://{}", services.serve_identity(&process));
    let catalog = format!("http://{}", services.serve_catalog(&process));
    let urls = [("GATEWAY_IDENTITY_URL", identity.as_str()), ("GATEWAY_CATALOG_URL", &catalog)];
    let settings: Vec<(&str, &str)> = urls.into_iter().chain(more.iter().copied()).collect();
    (GatewayTest::start_with(&settings).await, services)
}

async fn stats(gateway: &GatewayTest) -> Value {
    let answer = gateway.get_as("boss", STATS).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_group_whose_service_is_away_is_null_and_not_kept() {
    let (gateway, services) = start(&[]).await;
    services.sell(test_support::seller().user_id);
    let first = stats(&gateway).await;
    assert_eq!(first["users"]["total"], 1);
    assert_eq!(first["products"], json!({ "total": 1, "active": 1, "outOfStock": 0 }));
    for missing in ["orders", "revenue", "reels", "b2b"] {
        assert_eq!(first[missing], Value::Null, "{missing}");
    }
    services.sell(test_support::seller().user_id);
    assert_eq!(stats(&gateway).await["products"]["total"], 2);
}

#[tokio::test]
async fn without_redis_they_are_counted_anew() {
    let (gateway, services) = start(&[("GATEWAY_REDIS_URL", "redis://127.0.0.1:9")]).await;
    for total in 1..=3 {
        services.sell(test_support::seller().user_id);
        let crowd = futures::future::join_all((0..20).map(|_| stats(&gateway))).await;
        assert!(crowd.iter().all(|answer| answer["products"]["total"] == total), "{crowd:?}");
    }
}
