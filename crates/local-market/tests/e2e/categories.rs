//! api.md 7: the categories.

use std::time::Duration;

use serde_json::json;

use crate::harness::shapes::{CATEGORY, exactly, is_id};
use crate::harness::{Findings, Market, eventually};

#[tokio::test]
async fn the_first_twenty_are_there_in_order() {
    let market = Market::start_with(&[
        ("GATEWAY_RATE_LIMIT_FACTOR", "1000"),
        ("CATALOG_CATEGORY_COUNTS_KEPT", "50ms"),
        ("GATEWAY_CACHE_LIFE", "50ms"),
    ])
    .await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let wanted = "perfume makeup skincare haircare fashion accessories electronics food home beauty health sports toys \
        books automotive garden pets baby office other";
    let reply = guest.get("/categories").await.expect(200);
    exactly(&reply.body, "data");
    let slugs: Vec<&str> = reply.data().iter().map(|row| row["slug"].as_str().unwrap()).collect();
    findings.equal("slugs", slugs, wanted.split_whitespace().collect());
    for (position, row) in reply.data().iter().enumerate() {
        exactly(row, CATEGORY);
        is_id(&row["id"]);
        findings.equal("order", row["display_order"].clone(), json!(position + 1));
        let slug = row["slug"].as_str().unwrap();
        findings.equal("name", row["name_en"].clone(), json!(format!("{}{}", slug[..1].to_uppercase(), &slug[1..])));
    }
    findings.equal("french", reply.data()[2]["name_fr"].clone(), json!("Soins de la peau"));
    findings.equal("arabic", reply.data()[17]["name_ar"].clone(), json!("أطفال رضع"));
    findings.queries(&guest, "/categories", &[("page", "page=1"), ("limit", "limit=5")]).await;

    let seller = market.seller("maison-rym", "grossiste").await;
    market.product(&seller, json!({ "category": "toys" })).await;
    market.product(&seller, json!({ "category": "toys", "status": "draft" })).await;
    eventually(Duration::from_secs(5), async || {
        let rows = guest.get("/categories").await.body;
        rows["data"][12]["products_count"] == 1 && rows["data"][0]["products_count"] == 0
    })
    .await;
}
