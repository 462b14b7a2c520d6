//! api.md 5: who sells, as everybody sees them.

use std::time::Duration;

use commerce_types::Approval;
use serde_json::{Value, json};

use crate::harness::shapes::{SELLER, exactly, is_time};
use crate::harness::{Caller, Findings, Market, eventually};

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["full_name"].as_str().unwrap()).collect()
}

async fn named(caller: &Caller, query: &str) -> Vec<String> {
    let reply = caller.get(&format!("/sellers?{query}")).await.expect(200);
    names(reply.data()).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn approved_sellers_are_listed_and_found() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let epices = market.seller("épices-de-ghardaïa", "grossiste").await;
    let electro = market.seller("électro-sétif", "importateur").await;
    market.seller("bazar-oran", "fournisseur").await;
    let pending = market.seller("pas-encore", "fournisseur").await;
    let banned = market.seller("plus-jamais", "fournisseur").await;
    market.user("customer").await;
    epices
        .patch("/users/me", json!({ "wilaya": "Béjaïa", "bio": "Depuis 1974", "phone": "0555123456" }))
        .await
        .expect(200);
    electro.patch("/users/me", json!({ "wilaya": "Sétif" })).await.expect(200);
    market.approve(&pending, Approval::Pending).await;
    market.ban(&banned).await;
    market.change_account(&electro, json!({ "is_verified": true })).await;
    market.product(&epices, json!({})).await;
    market.product(&epices, json!({ "status": "draft" })).await;

    // The embedded figures may be old.
    eventually(Duration::from_secs(5), async || {
        guest.get(&format!("/sellers/{}", epices.id)).await.body["products_count"] == 1
    })
    .await;
    let list = guest.get("/sellers").await.expect(200);
    findings.equal("newest first", names(list.data()), vec!["Bazar Oran", "Électro Sétif", "Épices De Ghardaïa"]);
    exactly(&list.body["meta"], "page limit total totalPages");
    findings.equal("meta", list.body["meta"].clone(), json!({ "page": 1, "limit": 20, "total": 3, "totalPages": 1 }));
    for row in list.data() {
        exactly(row, SELLER);
        is_time(&row["created_at"]);
    }
    let text = String::from_utf8(list.bytes.clone()).unwrap();
    for secret in ["555123456", "user_2", "@"] {
        findings.check(!text.contains(secret), || format!("contact data is shown: {text}"));
    }
    let one = guest.get(&format!("/sellers/{}", electro.id.to_uppercase())).await.expect(200);
    exactly(&one.body, SELLER);
    findings.equal("badge", one.body["is_verified"].clone(), json!(true));

    let (epices_name, electro_name, bazar_name) =
        ("Épices De Ghardaïa".to_owned(), "Électro Sétif".to_owned(), "Bazar Oran".to_owned());
    for (query, wanted) in [
        ("search=epices", vec![epices_name.clone()]),
        ("search=GHARD", vec![epices_name.clone()]),
        ("search=setif+electro", vec![electro_name.clone()]),
        ("search=electr%C3%B4", vec![electro_name.clone()]),
        ("search=elektro", vec![]),
        ("search=%25", vec![]),
        ("search=_", vec![]),
        ("search=", vec![bazar_name.clone(), electro_name.clone(), epices_name.clone()]),
        ("seller_category=grossiste", vec![epices_name.clone()]),
        ("wilaya=bejaia", vec![epices_name.clone()]),
        ("wilaya=B%C3%89JA%C3%8FA", vec![epices_name.clone()]),
        ("wilaya=alger", vec![]),
        ("is_verified=true", vec![electro_name.clone()]),
        ("is_verified=false", vec![bazar_name.clone(), epices_name.clone()]),
        ("sort_by=full_name", vec![epices_name.clone(), electro_name.clone(), bazar_name.clone()]),
        ("sort_by=full_name&sort_order=asc", vec![bazar_name.clone(), electro_name.clone(), epices_name.clone()]),
        ("sort_by=created_at&sort_order=AsC&limit=2", vec![epices_name.clone(), electro_name.clone()]),
        ("page=2&limit=2", vec![epices_name.clone()]),
        ("page=10000&limit=100", vec![]),
    ] {
        findings.equal(query, named(&guest, query).await, wanted);
    }
    let wrong = [
        ("page", "page=0"),
        ("page", "page=10001"),
        ("page", "page=1.0"),
        ("limit", "limit=101"),
        ("limit", "limit=-1"),
        ("limit", "limit=1e9"),
        ("search", &format!("search={}", "x".repeat(101))),
        ("seller_category", "seller_category=Grossiste"),
        ("is_verified", "is_verified=1"),
        ("sort_by", "sort_by=email"),
        ("sort_order", "sort_order=down"),
        ("email", "email=a"),
        ("page", "page=1&page=2"),
    ];
    findings.queries(&guest, "/sellers", &wrong).await;
    let customer = market.user("customer").await;
    for id in [&pending.id, &banned.id, &customer.id, "0192f6a2-0000-7000-8000-000000000000"] {
        findings.refused(id, &guest.get(&format!("/sellers/{id}")).await, 404, "SELLER_NOT_FOUND");
    }
    for id in ["7", "undefined", "0192f6a2-0000-7000-8000-00000000000g", "%00"] {
        findings.refused(id, &guest.get(&format!("/sellers/{id}")).await, 400, "INVALID_ID");
    }
}
