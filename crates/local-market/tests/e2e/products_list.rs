//! api.md 6.2: the list of products and all its queries.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::shapes::{PRODUCT, PUBLIC_USER, exactly, is_id, is_time};
use crate::harness::{Caller, Findings, Market, eventually};

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let reply = caller.get(&format!("/products?{query}")).await.expect(200);
    reply.data().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn products_are_filtered_and_sorted() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let one = market.seller("maison-one", "grossiste").await;
    let two = market.seller("maison-two", "importateur").await;
    let empty = guest.get("/products").await.expect(200);
    findings.equal(
        "none",
        empty.body,
        json!({ "data": [], "meta": { "page": 1, "limit": 20, "total": 0, "totalPages": 0 } }),
    );
    let shop = [
        (&one, json!({ "name": "Ambre", "price": 300, "category": "perfume", "brand": "Dar El Oud" })),
        (&one, json!({ "name": "bracelet", "price": 100.5, "category": "fashion", "stock": 0 })),
        (&two, json!({ "name": "Écharpe", "price": 200, "category": "fashion", "brand": "DAR el oûd" })),
        (&two, json!({ "name": "Dattes", "price": 50, "category": "food", "in_stock": false })),
        (&two, json!({ "name": "Caché", "category": "food", "status": "draft" })),
        (&two, json!({ "name": "Vieux", "category": "food", "status": "archived" })),
    ];
    for (seller, body) in shop {
        market.product(seller, body).await;
    }
    let all = ["Ambre", "bracelet", "Dattes", "Écharpe"];
    let (one_id, two_id) = (format!("seller_id={}", one.id), format!("seller_id={}", two.id.to_uppercase()));
    let cases: Vec<(&str, Vec<&str>)> = vec![
        ("", vec!["Dattes", "Écharpe", "bracelet", "Ambre"]),
        ("sort_order=asc", vec!["Ambre", "bracelet", "Écharpe", "Dattes"]),
        ("sort_by=name&sort_order=ASC", all.to_vec()),
        ("sort_by=price&sort_order=Asc", vec!["Dattes", "bracelet", "Écharpe", "Ambre"]),
        ("sort_by=price", vec!["Ambre", "Écharpe", "bracelet", "Dattes"]),
        ("category=fashion", vec!["Écharpe", "bracelet"]),
        ("category=toys", vec![]),
        ("seller_category=grossiste", vec!["bracelet", "Ambre"]),
        (&one_id, vec!["bracelet", "Ambre"]),
        (&two_id, vec!["Dattes", "Écharpe"]),
        ("seller_id=0192f6a2-0000-7000-8000-000000000000", vec![]),
        ("brand=dar+el+oud", vec!["Écharpe", "Ambre"]),
        ("brand=dar", vec![]),
        ("min_price=100.5", vec!["Écharpe", "bracelet", "Ambre"]),
        ("max_price=100.5", vec!["Dattes", "bracelet"]),
        ("min_price=100&max_price=2e2", vec!["Écharpe", "bracelet"]),
        ("in_stock=true", vec!["Écharpe", "Ambre"]),
        ("in_stock=false", vec!["Dattes", "bracelet"]),
        ("search=ECHARPE", vec!["Écharpe"]),
        ("search=&category=&in_stock=&page=", vec!["Dattes", "Écharpe", "bracelet", "Ambre"]),
        ("limit=3", vec!["Dattes", "Écharpe", "bracelet"]),
        ("limit=3&page=2", vec!["Ambre"]),
        ("page=10000", vec![]),
        ("sort_by=rating", vec!["Dattes", "Écharpe", "bracelet", "Ambre"]),
    ];
    for (query, wanted) in &cases {
        let found = names(&guest, query).await;
        if query.contains("sort_by=rating") {
            let (found, wanted): (BTreeSet<&str>, BTreeSet<&str>) =
                (found.iter().map(String::as_str).collect(), wanted.iter().copied().collect());
            findings.equal(query, found, wanted);
        } else {
            findings.equal(query, found, wanted.iter().map(|name| (*name).to_owned()).collect());
        }
    }
    let mine = names(&two, &two_id).await;
    findings.equal("drafts are not here, also for their owner", mine, vec!["Dattes".to_owned(), "Écharpe".to_owned()]);
    let wrong = [
        ("category", "category=drones"),
        ("category", "category=Fashion"),
        ("seller_category", "seller_category=GROSSISTE"),
        ("seller_id", "seller_id=7"),
        ("min_price", "min_price=-1"),
        ("min_price", "min_price=1.005"),
        ("min_price", "min_price=abc"),
        ("max_price", "max_price=100000000"),
        ("min_price", "min_price=2&max_price=1"),
        ("in_stock", "in_stock=1"),
        ("in_stock", "in_stock=TRUE"),
        ("sort_by", "sort_by=Price"),
        ("sort_by", "sort_by=relevance"),
        ("sort_by", "sort_by=seller_id"),
        ("sort_order", "sort_order=up"),
        ("limit", "limit=0"),
        ("limit", "limit=101"),
        ("page", "page=10001"),
        ("page", "page=%2B1"),
        ("brand", &format!("brand={}", "x".repeat(101))),
        ("search", &format!("search={}", "x".repeat(101))),
        ("status", "status=draft"),
        ("userId", "userId=1"),
        ("category", "category=fashion&category=food"),
    ];
    findings.queries(&guest, "/products", &wrong).await;
    let several = guest.get("/products?limit=0&page=0").await.expect(400);
    findings.equal("range errors together", several.body["details"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_product_looks_the_same_everywhere() {
    let market = Market::start().await;
    let guest = market.guest();
    let seller = market.seller("maison-rym", "grossiste").await;
    let images = json!(["https://cdn.example.com/1.jpg", "https://media.zst.dz/2.jpg"]);
    let made = market.product(&seller, json!({ "images": images, "tags": ["x", "x", "y"] })).await;
    let (id, slug) = (made["id"].as_str().unwrap(), made["slug"].as_str().unwrap());
    let list = guest.get("/products").await.expect(200);
    let row: &Value = &list.data()[0];
    exactly(row, PRODUCT);
    exactly(&row["seller"], PUBLIC_USER);
    is_id(&row["id"]);
    is_time(&row["updated_at"]);
    assert_eq!(row["tags"], json!(["x", "y"]));
    assert_eq!(row["seller"]["full_name"], "Maison Rym");
    let by_id = guest.get(&format!("/products/{}", id.to_uppercase())).await.expect(200);
    let by_slug = guest.get(&format!("/products/slug/{slug}")).await.expect(200);
    assert_eq!(&by_id.body, row);
    assert_eq!(&by_slug.body, row);
    let tag = by_id.header("etag").unwrap();
    assert!(tag.starts_with("W/\"1-"), "{tag}");
    let known = guest.with("If-None-Match", tag);
    assert_eq!(known.get(&format!("/products/{id}")).await.status, 304);
    let owner = seller.get(&format!("/products/{id}")).await.expect(200);
    exactly(&owner.body, &crate::harness::shapes::and(PRODUCT, "stock_version"));
    let admin = market.admin("amel").await.get(&format!("/products/slug/{slug}")).await.expect(200);
    assert_eq!(admin.body["stock_version"], owner.body["stock_version"]);

    let mut findings = Findings::default();
    for path in ["/products/7", "/products/undefined", "/products/0192f6a2-0000-7000-8000-00000000000"] {
        findings.refused(path, &guest.get(path).await, 400, "INVALID_ID");
    }
    let long = format!("/products/slug/{}", "x".repeat(251));
    findings.refused("a slug of 251", &guest.get(&long).await, 400, "VALIDATION_ERROR");
    for path in [
        "/products/0192f6a2-0000-7000-8000-000000000000",
        "/products/slug/nothing",
        "/products/slug/%27%20OR%201=1",
        "/products/slug/%D8%B9%D8%B7%D8%B1",
    ] {
        findings.refused(path, &guest.get(path).await, 404, "PRODUCT_NOT_FOUND");
    }
    findings.queries(&guest, &format!("/products/{id}"), &[("include", "include=seller")]).await;
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip() {
    let market = Market::start().await;
    let guest = market.guest();
    let seller = market.seller("maison-rym", "grossiste").await;
    let mut wanted = BTreeSet::new();
    for _ in 0..23 {
        wanted.insert(market.product_id(&seller, json!({ "price": 7 })).await);
    }
    for sort in ["price", "created_at", "name", "rating"] {
        let mut seen = BTreeSet::new();
        for page in 1..=5 {
            let reply = guest.get(&format!("/products?sort_by={sort}&limit=5&page={page}")).await.expect(200);
            assert_eq!(reply.body["meta"], json!({ "page": page, "limit": 5, "total": 23, "totalPages": 5 }));
            for row in reply.data() {
                assert!(seen.insert(row["id"].as_str().unwrap().to_owned()), "{sort}: twice");
            }
        }
        assert_eq!(seen, wanted, "{sort}");
    }
}

#[tokio::test]
async fn only_what_is_on_sale_is_public() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    let admin = market.admin("amel").await;
    for status in ["draft", "archived"] {
        let id = market.product_id(&seller, json!({ "status": status })).await;
        let path = format!("/products/{id}");
        findings.refused(status, &guest.get(&path).await, 404, "PRODUCT_NOT_FOUND");
        findings.refused(status, &other.get(&path).await, 404, "PRODUCT_NOT_FOUND");
        findings.status(status, &seller.get(&path).await, 200);
        findings.status(status, &admin.get(&path).await, 200);
        findings.refused(status, &guest.post(&format!("{path}/view"), json!({})).await, 404, "PRODUCT_NOT_FOUND");
    }
    let id = market.product_id(&seller, json!({})).await;
    let path = format!("/products/{id}");
    findings.status("on sale", &guest.get(&path).await, 200);
    market.ban(&seller).await;
    eventually(Duration::from_secs(10), async || {
        guest.get("/products").await.body["meta"]["total"] == 0 && guest.get(&path).await.status == 404
    })
    .await;
    let order = crate::harness::checkout(&[(&id, 1)]);
    findings.refused("ordering fails", &guest.post("/orders", order).await, 404, "PRODUCT_NOT_FOUND");
}
