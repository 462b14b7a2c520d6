//! Products through the public port: what is kept, for whom, and what drops it.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use service_runtime::Process;
use test_support::{admin, customer, seller};
use uuid::Uuid;

use crate::harness::{GatewayTest, header};
use crate::services::Services;

/// Catalog and identity, and a gateway before them.
struct Shop {
    services: Services,
    gateway: GatewayTest,
    backend: Process,
    /// Of the account `seller`.
    product: Uuid,
}

impl Shop {
    async fn open() -> Self {
        let (services, backend) = (Services::new(), Process::default());
        let catalog = format!("http://{}", services.serve_catalog(&backend));
        let identity = format!("http://{}", services.serve_identity(&backend));
        let owner = seller();
        services.know("seller", &owner);
        services.know("other", &seller());
        services.know("admin", &admin());
        services.know("customer", &customer());
        let product = services.sell(owner.user_id);
        let urls = [("GATEWAY_CATALOG_URL", catalog.as_str()), ("GATEWAY_IDENTITY_URL", identity.as_str())];
        Self { gateway: GatewayTest::start_with(&urls).await, services, backend, product }
    }

    fn path(&self) -> String {
        format!("/api/v1/products/{}", self.product)
    }

    async fn change(&self, body: Value) -> Response {
        let token = self.gateway.token("seller");
        self.gateway.request(Method::PATCH, &self.path()).bearer_auth(token).json(&body).send().await.unwrap()
    }
}

async fn json(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_list_is_asked_for_once_however_it_is_written() {
    let shop = Shop::open().await;
    for query in ["", "?page=1", "?limit=20&page=1", "?sort_order=desc", "?sort_order=DESC&search="] {
        let list = json(shop.gateway.get(&format!("/api/v1/products{query}")).await).await;
        assert_eq!(list["meta"], json!({"page": 1, "limit": 20, "total": 1, "totalPages": 1}), "{query}");
        assert_eq!(list["data"][0]["id"], shop.product.to_string());
    }
    json(shop.gateway.get_as("customer", "/api/v1/products").await).await;
    assert_eq!(shop.services.asked(), 1);
    json(shop.gateway.get("/api/v1/products?page=2").await).await;
    assert_eq!(shop.services.asked(), 2);
}

#[tokio::test]
async fn a_product_has_the_members_of_the_contract() {
    let shop = Shop::open().await;
    let response = shop.gateway.get(&shop.path()).await;
    assert!(header(&response, "etag").starts_with("W/\"1-"), "{}", header(&response, "etag"));
    assert_eq!(header(&response, "cache-control"), "public, no-cache");
    let product = json(response).await;
    assert_eq!(product["price"], json!(1250.5));
    assert_eq!(product["weight"], json!(1.25));
    assert_eq!(product["specifications"], json!({"origine": "Kabylie"}));
    assert_eq!(product["created_at"], "2026-09-21T14:13:20.000Z");
    assert_eq!(product["rating"], Value::Null);
    assert_eq!(product["status"], "active");
    assert_eq!(product.get("stock_version"), None);
    assert_eq!(product["seller_id"], product["seller"]["id"]);
}

#[tokio::test]
async fn owner_and_admins_see_more_whoever_asked_before() {
    let shop = Shop::open().await;
    let sees_more = async |subject: &str| {
        json(shop.gateway.get_as(subject, &shop.path()).await).await.get("stock_version").is_some()
    };
    for _ in 0..2 {
        assert_eq!(json(shop.gateway.get(&shop.path()).await).await.get("stock_version"), None);
        assert!(sees_more("seller").await);
        assert!(sees_more("admin").await);
        assert!(!sees_more("other").await);
        assert!(!sees_more("customer").await);
    }
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read() {
    let shop = Shop::open().await;
    for name in ["Huile nouvelle", "Huile ancienne"] {
        let list = json(shop.gateway.get("/api/v1/products").await).await;
        let detail = json(shop.gateway.get(&shop.path()).await).await;
        assert_eq!(list["data"][0]["name"], detail["name"]);
        let written = json(shop.change(json!({ "name": name })).await).await;
        assert_eq!((&written["name"], &written["stock_version"]), (&json!(name), &json!(7)));
        assert_eq!(json(shop.gateway.get("/api/v1/products").await).await["data"][0]["name"], name);
        assert_eq!(json(shop.gateway.get(&shop.path()).await).await["name"], name);
    }
}

#[tokio::test]
async fn a_write_is_based_on_what_was_read() {
    let shop = Shop::open().await;
    let etag = header(&shop.gateway.get(&shop.path()).await, "etag").to_owned();
    let write = async |if_match: &str| {
        let request = shop.gateway.request(Method::PATCH, &shop.path()).bearer_auth(shop.gateway.token("seller"));
        request.header("If-Match", if_match).json(&json!({"name": "Huile d'Akfadou"})).send().await.unwrap().status()
    };
    assert_eq!(write(&etag).await, StatusCode::OK);
    assert_eq!(write(&etag).await, StatusCode::CONFLICT);
    assert_eq!(write("\"2\"").await, StatusCode::OK);
    assert_eq!(write("*").await, StatusCode::OK);
    assert_eq!(write("2").await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_may_not_be_written_is_named() {
    let shop = Shop::open().await;
    let cases = [
        (json!({}), ""),
        (json!({"name": null}), "name"),
        (json!({"name": "ab"}), "name"),
        (json!({"id": "x"}), "id"),
        (json!({"price": 100_000_000}), "price"),
        (json!({"price": "5"}), "price"),
        (json!({"stock": 1.5}), "stock"),
        (json!({"weight": 0.0001}), "weight"),
        (json!({"tags": ["a", ""]}), "tags"),
        (json!({"images": ["https://localhost/a.jpg"]}), "images[0]"),
        (json!({"images": ["https://a.dz/1.jpg", "https://a.dz/1.jpg"]}), "images"),
        (json!({"video_url": "http://a.dz/1.mp4"}), "video_url"),
        (json!({"specifications": []}), "specifications"),
        (json!({"specifications": {"a": {"b": {"c": {"d": {}}}}}}), "specifications"),
        (json!({"countdown_end_date": "tomorrow"}), "countdown_end_date"),
        (json!({"status": "Active"}), "status"),
    ];
    for (body, field) in cases {
        let response = shop.change(body.clone()).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["details"][0]["field"], field, "{body}: {error}");
    }
}

#[tokio::test]
async fn without_catalog_kept_answers_go_on_and_others_are_503() {
    let shop = Shop::open().await;
    json(shop.gateway.get("/api/v1/products").await).await;
    let owner = json(shop.gateway.get(&shop.path()).await).await["seller_id"].as_str().unwrap().to_owned();
    json(shop.gateway.get_as("customer", "/api/v1/products").await).await;
    shop.backend.lifecycle.drain(&shop.backend.readiness, std::time::Duration::ZERO).await;
    json(shop.gateway.get("/api/v1/products").await).await;
    json(shop.gateway.get_as("customer", "/api/v1/products").await).await;
    let other = shop.gateway.get("/api/v1/products?page=2").await;
    assert_eq!(other.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&other, "retry-after"), "1");
    assert_eq!(other.json::<Value>().await.unwrap()["code"], "UNAVAILABLE");
    let seller = shop.gateway.get(&format!("/api/v1/sellers/{owner}")).await;
    assert_eq!(seller.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_seller_is_shown_without_a_count_while_catalog_cannot_tell() {
    let (services, backend) = (Services::new(), Process::default());
    let identity = format!("http://{}", services.serve_identity(&backend));
    let gateway = GatewayTest::start_with(&[("GATEWAY_IDENTITY_URL", &identity)]).await;
    let seller = json(gateway.get(&format!("/api/v1/sellers/{}", Uuid::from_u128(5))).await).await;
    assert_eq!(seller["products_count"], Value::Null);
    assert_eq!(seller["full_name"], "S");
}
