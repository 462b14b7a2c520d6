//! What other gateways and services did, heard on the stream.

use std::time::Duration;

use events::{Event, Relay, names};
use protocol::catalog::v1::{CategoryChanged, ProductChanged, ProductFact, Shown, StockShown};
use serde_json::Value;
use service_runtime::Process;
use test_support::{TestBroker, TestDatabase, eventually, seller};

use crate::harness::GatewayTest;
use crate::services::Services;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_change_elsewhere_drops_what_is_kept_here() {
    let (services, backend, broker) = (Services::new(), Process::default(), TestBroker::new());
    let catalog = format!("http://{}", services.serve_catalog(&backend));
    let owner = seller();
    let product = services.sell(owner.user_id);
    let gateway = GatewayTest::start_with(&[
        ("GATEWAY_CATALOG_URL", &catalog),
        ("GATEWAY_RABBITMQ_URL", broker.url()),
        ("GATEWAY_RABBITMQ_PREFIX", broker.prefix()),
        ("GATEWAY_RATE_LIMIT_FACTOR", "1000"),
    ])
    .await;
    eventually(SOON, async || {
        let ready: Value = gateway.get("/health/ready").await.json().await.unwrap();
        ready["checks"]["rabbitmq"] == "up"
    })
    .await;

    let database = TestDatabase::new("catalog").await;
    let relay = Relay::new("catalog", database.pool(), broker.broker());
    let stop = backend.lifecycle.working();
    backend.lifecycle.work("relay", async move { relay.run(stop).await });
    let say = async |event: Event| {
        events::write(&database.conn().await, &[event]).await.unwrap();
    };
    let detail = format!("/api/v1/products/{product}");
    let name = async |path: &str| {
        let shown: Value = gateway.get(path).await.json().await.unwrap();
        let product = if shown["data"].is_array() { &shown["data"][0] } else { &shown };
        (product["name"].as_str().unwrap().to_owned(), product["stock"].as_i64().unwrap())
    };
    for path in ["/api/v1/products", &detail] {
        assert_eq!(name(path).await, ("Huile d'olive".to_owned(), 3));
    }

    services.change(product, |product| product.name = "Huile neuve".to_owned());
    let fact = ProductFact {
        id: product.to_string(),
        seller_id: owner.user_id.to_string(),
        category: "food".to_owned(),
        ..Default::default()
    };
    let changed = ProductChanged { product: Some(fact), category_before: "food".to_owned() };
    say(Event::new(names::PRODUCT_CHANGED, product, &changed)).await;
    for path in ["/api/v1/products", &detail] {
        eventually(SOON, async || name(path).await.0 == "Huile neuve").await;
    }

    // A mere count is shown by the detail; the list may be a minute old.
    services.change(product, |product| product.stock = 2);
    let shown = Shown { product_id: product.to_string(), stock: 2, in_stock: true, ..Default::default() };
    say(Event::new(names::STOCK_SHOWN, product, &StockShown { products: vec![shown] })).await;
    eventually(SOON, async || name(&detail).await.1 == 2).await;
    assert_eq!(name("/api/v1/products").await.1, 3);

    // Lists that name a category go with it, and no others.
    let [of_food, of_home] = ["food", "home"].map(|category| format!("/api/v1/products?category={category}"));
    for path in [&of_food, &of_home] {
        assert_eq!(name(path).await.1, 2);
    }
    services.change(product, |product| product.stock = 1);
    let changed = CategoryChanged { slug: "food".to_owned(), is_active: false };
    say(Event::new(names::CATEGORY_CHANGED, product, &changed)).await;
    eventually(SOON, async || name(&of_food).await.1 == 1).await;
    assert_eq!((name(&of_home).await.1, name("/api/v1/products").await.1), (2, 3));
}
