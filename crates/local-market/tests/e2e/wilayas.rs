//! api.md 10.2: where parcels go, and what that costs.

use serde_json::json;

use crate::harness::databases::execute;
use crate::harness::shapes::exactly;
use crate::harness::{Findings, Market, checkout};

#[tokio::test]
async fn every_wilaya_is_there_and_its_fee_is_taken() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let reply = guest.get("/shipping/wilayas").await.expect(200);
    exactly(&reply.body, "data");
    findings.equal("rows", reply.data().len(), 58);
    for (position, row) in reply.data().iter().enumerate() {
        exactly(row, "code name name_ar home_fee office_fee");
        findings.equal("by code", row["code"].clone(), json!(position + 1));
        findings.equal("fees", (row["home_fee"].clone(), row["office_fee"].clone()), (json!(500), json!(500)));
    }
    for (code, name) in [(6, "Béjaïa"), (16, "Alger"), (28, "M'Sila"), (34, "Bordj Bou Arréridj"), (58, "El Meniaa")]
    {
        findings.equal("name", reply.data()[code - 1]["name"].clone(), json!(name));
    }
    findings.queries(&guest, "/shipping/wilayas", &[("page", "page=1")]).await;

    let seller = market.seller("maison-rym", "grossiste").await;
    let product = market.product_id(&seller, json!({ "price": 1000, "stock": 100 })).await;
    let fees = "UPDATE wilayas SET home_fee = 65050, office_fee = 40000 WHERE code = 6";
    execute(&market.databases.ordering, fees).await;
    for (wilaya, delivery, official, fee) in [
        ("bejaia", "home", "Béjaïa", json!(650.5)),
        ("BÉJAÏA", "office", "Béjaïa", json!(400)),
        ("m'sila", "home", "M'Sila", json!(500)),
        ("bordj bou arreridj", "office", "Bordj Bou Arréridj", json!(500)),
    ] {
        let mut body = checkout(&[(&product, 2)]);
        body["customer_wilaya"] = json!(wilaya);
        body["delivery_type"] = json!(delivery);
        let placed = guest.post("/orders", body).await.expect(201).body;
        let order = &placed["orders"][0];
        findings.equal(wilaya, order["customer_wilaya"].clone(), json!(official));
        findings.equal(wilaya, order["shipping_cost"].clone(), fee.clone());
        findings.equal(wilaya, order["total"].as_f64(), Some(2000.0 + fee.as_f64().unwrap()));
    }
    execute(&market.databases.ordering, "UPDATE wilayas SET active = false WHERE code = 58").await;
    let mut body = checkout(&[(&product, 1)]);
    body["customer_wilaya"] = json!("El Meniaa");
    findings.invalid("one that is not served", &guest.post("/orders", body).await, "customer_wilaya");
}
