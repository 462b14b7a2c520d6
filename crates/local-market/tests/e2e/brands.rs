//! api.md 7: the brands.

use serde_json::{Value, json};

use crate::harness::shapes::{BRAND, exactly};
use crate::harness::{Caller, Findings, Market};

async fn brands(caller: &Caller, query: &str) -> Vec<(String, i64)> {
    let reply = caller.get(&format!("/brands{query}")).await.expect(200);
    exactly(&reply.body, "data meta");
    let row = |row: &Value| {
        exactly(row, BRAND);
        (row["name"].as_str().unwrap().to_owned(), row["products_count"].as_i64().unwrap())
    };
    reply.data().iter().map(row).collect()
}

#[tokio::test]
async fn brands_are_counted_once_however_they_are_written() {
    let market = Market::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("CATALOG_BRANDS_KEPT", "1ms")]).await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    findings.equal("none yet", brands(&guest, "").await, vec![]);
    let products = [
        ("Nivéa", "beauty", "active"),
        ("NIVEA", "beauty", "active"),
        ("Nivéa", "health", "active"),
        ("دار الطِّيب", "perfume", "active"),
        ("دار الطيب", "perfume", "active"),
        ("Ifri", "food", "active"),
        ("Nivea", "beauty", "draft"),
        ("Archivée", "home", "archived"),
    ];
    let mut ids = Vec::new();
    for (brand, category, status) in products {
        let body = json!({ "brand": brand, "category": category, "status": status });
        ids.push(market.product_id(&seller, body).await);
    }
    let named =
        |rows: &[(&str, i64)]| rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>();
    let all = named(&[("Nivéa", 3), ("دار الطيب", 2), ("Ifri", 1)]);
    findings.equal("all", brands(&guest, "").await, all.clone());
    findings.equal("of a category", brands(&guest, "?category=beauty").await, named(&[("NIVEA", 2)]));
    findings.equal("search", brands(&guest, "?search=NIVEA").await, named(&[("Nivéa", 3)]));
    findings.equal("inside", brands(&guest, "?search=ivé").await, named(&[("Nivéa", 3)]));
    findings.equal("arabic", brands(&guest, "?search=طِيب").await, named(&[("دار الطيب", 2)]));
    findings.equal("no typo", brands(&guest, "?search=nivia").await, vec![]);
    findings.equal("second page", brands(&guest, "?page=2&limit=2").await, all[2..].to_vec());
    let meta = guest.get("/brands?page=9&limit=2").await.expect(200).body["meta"].clone();
    findings.equal("meta", meta, json!({ "page": 9, "limit": 2, "total": 3, "totalPages": 2 }));
    seller.delete(&format!("/products/{}", ids[5])).await.expect(200);
    findings.equal("gone", brands(&guest, "").await, all[..2].to_vec());

    let long = format!("search={}", "x".repeat(101));
    let wrong = [
        ("page", "page=0"),
        ("limit", "limit=101"),
        ("search", long.as_str()),
        ("category", "category=spaceships"),
        ("category", "category=Beauty"),
        ("sort_by", "sort_by=name"),
        ("limit", "limit=1&limit=2"),
    ];
    findings.queries(&guest, "/brands", &wrong).await;
}
