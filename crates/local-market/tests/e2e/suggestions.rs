//! api.md 6.3: what a search may be about, while it is typed.

use serde_json::{Value, json};

use crate::harness::shapes::{SUGGESTION, exactly, is_id};
use crate::harness::{Caller, Findings, Market};

async fn suggested(caller: &Caller, query: &str) -> Vec<(String, String)> {
    let reply = caller.get(&format!("/products/suggest?{query}")).await.expect(200);
    exactly(&reply.body, "data");
    let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
    reply.data().iter().map(|row| (text(row, "type"), text(row, "text"))).collect()
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(kind, text)| ((*kind).to_owned(), (*text).to_owned())).collect()
}

#[tokio::test]
async fn products_brands_and_categories_are_suggested() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let products = [
        ("Appareil photo", None),
        ("Eau de Parfum", Some("Parisienne")),
        ("عِطْر العود", Some("دار العطور")),
        ("Parapluie", Some("Parisienne")),
    ];
    let mut made = Vec::new();
    for (name, brand) in products {
        let picture = "https://cdn.example.com/1.jpg";
        made.push(market.product(&seller, json!({ "name": name, "brand": brand, "images": [picture] })).await);
    }
    market.product(&seller, json!({ "name": "Paravent", "status": "draft" })).await;
    let all = pairs(&[
        ("product", "Parapluie"),
        ("brand", "Parisienne"),
        ("category", "Parfums"),
        ("product", "Eau de Parfum"),
        ("product", "Appareil photo"),
    ]);
    findings.equal("beginnings first", suggested(&guest, "q=par").await, all.clone());
    findings.equal("folded", suggested(&guest, "q=P%C3%80R&limit=10").await, all.clone());
    findings.equal("limited", suggested(&guest, "q=par&limit=2").await, all[..2].to_vec());
    let arabic = pairs(&[("product", "عِطْر العود"), ("category", "عطور"), ("brand", "دار العطور")]);
    findings.equal("arabic", suggested(&guest, "q=عطر").await, arabic[..1].to_vec());
    findings.equal("arabic, shorter", suggested(&guest, "q=عط").await, arabic[..2].to_vec());
    findings.equal("arabic, inside", suggested(&guest, "q=عطور").await, arabic[1..].to_vec());
    findings.equal("two words", suggested(&guest, "q=parfum+eau").await, pairs(&[("product", "Eau de Parfum")]));
    findings.equal("signs", suggested(&guest, "q=%25+_+%27").await, vec![]);

    for row in guest.get("/products/suggest?q=par").await.expect(200).data() {
        exactly(row, SUGGESTION);
        let (id, slug, image) = (&row["id"], &row["slug"], &row["image_url"]);
        match row["type"].as_str().unwrap() {
            "product" => {
                let wanted = made.iter().find(|product| product["name"] == row["text"]).unwrap();
                findings.equal("product", (id, slug), (&wanted["id"], &wanted["slug"]));
                findings.equal("picture", image.clone(), wanted["primary_image"].clone());
            }
            "category" => {
                is_id(id);
                findings.equal("category", (slug.clone(), image.clone()), (json!("perfume"), Value::Null));
            }
            _ => findings.equal("brand", [id, slug, image].map(Value::is_null), [true; 3]),
        }
    }
}

#[tokio::test]
async fn a_query_is_needed_and_the_rest_is_refused() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let long = format!("q={}", "x".repeat(101));
    let wrong = [
        ("q", ""),
        ("q", "q="),
        ("q", "q=+"),
        ("q", long.as_str()),
        ("q", "q=%00"),
        ("limit", "q=a&limit=0"),
        ("limit", "q=a&limit=11"),
        ("page", "q=a&page=1"),
    ];
    findings.queries(&guest, "/products/suggest", &wrong).await;
    findings.refused("method", &guest.post("/products/suggest", json!({})).await, 405, "METHOD_NOT_ALLOWED");
}
