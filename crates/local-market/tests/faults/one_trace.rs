//! What a process tells of its work, by traces, logs and metrics: enough to follow a request everywhere, and nothing of
//! anybody's.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::harness::collector::{Collector, Span};
use crate::harness::{Plan, metrics, planted};

const CHECKOUT: &str = "checkout-that-is-followed";
const LOGS: &str = "info,lapin=warn,gateway=debug,service_runtime=debug,events=debug";

#[tokio::test]
async fn a_checkout_is_one_trace_with_one_request_id_wherever_it_goes() {
    let (collector, url) = Collector::start().await;
    let cluster = Plan::new().with("OTEL_EXPORTER_OTLP_ENDPOINT", &url).with("RUST_LOG", LOGS).start().await;
    let shop = cluster.shop(40).await;
    let buyer = cluster.customer().await;
    cluster.fill_cart(&buyer, &shop).await;
    cluster.everything_is_heard().await;

    let names: Vec<&str> = cluster.places().iter().map(|place| place.name).collect();
    let before: Vec<usize> = names.iter().map(|name| cluster.told(name).len()).collect();
    buyer.with("X-Request-Id", CHECKOUT).post("/orders", shop.checkout(1)).await.expect(201);
    cluster.everything_is_heard().await;
    let mut told = BTreeSet::new();
    for (name, before) in names.iter().zip(before) {
        for line in cluster.told(name)[before..].lines() {
            assert!(carries(line, CHECKOUT), "{name} says without the request's id: {line}");
            told.insert(*name);
        }
    }
    assert_eq!(told, BTreeSet::from(["gateway", "ordering", "catalog", "cart", "reels"]));

    for name in &names {
        let text = cluster.http.get(cluster.private(name, "/metrics")).send().await.unwrap().text().await.unwrap();
        let families = metrics::parse(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        assert!(families.len() >= 3, "{name} measures little: {families:?}");
        assert_eq!(planted::found(&text), Vec::<String>::new(), "{name}");
    }
    for name in &names {
        // What is left is exported at the end.
        cluster.signal(name, "TERM");
    }
    for name in &names {
        assert!(cluster.ends(name).await.success(), "{name} does not end well");
    }
    let spans = collector.spans();
    is_connected(&spans);
    let told: Vec<String> = spans.iter().flat_map(|span| planted::found(&span.text)).collect();
    assert_eq!(told, Vec::<String>::new(), "of {} spans", spans.len());
}

/// The checkout's spans hang together, and are those of everybody who has a part in it.
fn is_connected(spans: &[Span]) {
    let first = spans.iter().find(|span| span.service == "gateway" && span.request_id.as_deref() == Some(CHECKOUT));
    let trace = &first.expect("the gateway tells of the checkout").trace;
    let spans: Vec<&Span> = spans.iter().filter(|span| span.trace == *trace).collect();
    let ids: HashSet<&Vec<u8>> = spans.iter().map(|span| &span.id).collect();
    let (roots, others): (Vec<&Span>, Vec<&Span>) = spans.iter().partition(|span| span.parent.is_empty());
    assert_eq!(roots.len(), 1, "{roots:#?}");
    for span in others {
        assert!(ids.contains(&span.parent), "nobody knows the parent of {span:#?}");
    }
    for span in &spans {
        assert!(span.request_id.as_deref().is_none_or(|id| id == CHECKOUT), "{span:#?}");
    }
    let parts: BTreeSet<(&str, &str)> = spans.iter().map(|span| (&*span.service, &*span.name)).collect();
    for part in [
        ("gateway", "request"),
        ("ordering", "call"),
        ("catalog", "call"),
        ("ordering", "publish event"),
        ("cart", "apply events"),
        ("catalog", "apply events"),
        ("reels", "apply events"),
    ] {
        assert!(parts.contains(&part), "{part:?} is not among {parts:?}");
    }
}

/// Whether a line stands in spans of this request alone.
fn carries(line: &str, request_id: &str) -> bool {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let spans = line["spans"].as_array().cloned().unwrap_or_default();
    let mut ids = spans.iter().filter_map(|span| span["request_id"].as_str()).peekable();
    ids.peek().is_some() && ids.all(|id| id == request_id)
}
