//! One request is one trace with one id, through every service and into its events.

use serde_json::json;
use test_support::outbox;

use crate::harness::{Findings, Market, checkout};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn an_event_carries_the_trace_and_the_id_of_its_request() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let traced = |caller: &crate::harness::Caller, id: &str| {
        caller.with("X-Request-Id", id).with("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"))
    };
    let placed =
        traced(&market.guest(), "order-of-the-trace").post("/orders", checkout(&[(&pot, 1)])).await.expect(201);
    findings.equal("answered", placed.header("x-request-id"), Some("order-of-the-trace"));
    traced(&seller, "change-of-the-trace").patch(&format!("/products/{pot}"), json!({ "price": 5 })).await.expect(200);
    let order = placed.body["orders"][0]["id"].as_str().unwrap();
    let path = format!("/seller/orders/{order}/status");
    traced(&seller, "step-of-the-trace").patch(&path, json!({ "status": "cancelled" })).await.expect(200);

    let mut rows = outbox::list(&mut market.databases.ordering.conn().await).await;
    rows.extend(outbox::list(&mut market.databases.catalog.conn().await).await);
    for (event, id) in [
        ("order_placed", "order-of-the-trace"),
        ("stock_changed", "order-of-the-trace"),
        ("product_changed", "change-of-the-trace"),
        ("order_status_changed", "step-of-the-trace"),
    ] {
        let found: Vec<_> =
            rows.iter().filter(|row| row.name.contains(event) && row.request_id.as_deref() == Some(id)).collect();
        findings.check(!found.is_empty(), || format!("no {event} of {id}"));
        for row in found {
            let parent = row.traceparent.clone().unwrap_or_default();
            findings.check(parent.contains(TRACE), || format!("{event}: {parent:?} is another trace"));
        }
    }
    let refused = market.guest().with("X-Request-Id", "refused-1").get("/products/7").await.expect(400);
    findings.equal("in refusals", refused.body["requestId"].clone(), json!("refused-1"));
}
