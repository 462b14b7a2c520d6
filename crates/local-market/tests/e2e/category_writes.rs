//! api.md 11: what admins do to categories.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::text;
use crate::harness::shapes::{CATEGORY, exactly, is_id};
use crate::harness::{Caller, Findings, Market, eventually, new_product};

const AUDITED: Duration = Duration::from_secs(5);

fn jewels() -> Value {
    json!({ "slug": "jewels-2", "name_fr": "Bijoux", "name_ar": "مجوهرات" })
}

async fn slugs(caller: &Caller) -> Vec<String> {
    let rows = caller.get("/categories").await.expect(200);
    rows.data().iter().map(|row| row["slug"].as_str().unwrap().to_owned()).collect()
}

/// What the audit has of the last thing that happened to a category.
async fn audited(market: &Market, admin: &Caller, id: &str, action: &str) -> Value {
    let from = format!(
        "FROM audit WHERE target_type = 'category' AND target_id = '{id}' AND actor_id = '{}' AND action = '{action}'",
        admin.id
    );
    let sql = format!("SELECT changes {from} ORDER BY created_at DESC LIMIT 1");
    eventually(AUDITED, async || !text(&market.databases.identity, &sql).await.is_empty()).await;
    serde_json::from_str(&text(&market.databases.identity, &sql).await).unwrap()
}

#[tokio::test]
async fn a_category_is_made_changed_and_deleted() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (admin, guest) = (market.admin("amel").await, market.guest());
    let seller = market.seller("maison-rym", "grossiste").await;

    let made = admin.post("/admin/categories", jewels()).await.expect(201).body;
    exactly(&made, CATEGORY);
    is_id(&made["id"]);
    let id = made["id"].as_str().unwrap();
    let path = format!("/admin/categories/{id}");
    let wanted = json!({
        "id": id, "slug": "jewels-2", "name_fr": "Bijoux", "name_ar": "مجوهرات", "name_en": "Jewels-2",
        "display_order": 21, "is_active": true, "products_count": 0,
    });
    findings.equal("made", made.clone(), wanted);
    findings.equal("offered at once", slugs(&guest).await.last().cloned(), Some("jewels-2".to_owned()));
    let changes = audited(&market, &admin, id, "category.created").await;
    findings.equal("audited", changes["slug"].clone(), json!({ "from": null, "to": "jewels-2" }));
    findings.refused("twice", &admin.post("/admin/categories", jewels()).await, 409, "CATEGORY_EXISTS");

    let ring = market.product_id(&seller, json!({ "category": "jewels-2" })).await;
    let list = "/products?category=jewels-2";
    findings.equal("listed", guest.get(list).await.expect(200).data().len(), 1);
    let changed = admin.patch(&path, json!({ "name_fr": "Joaillerie", "is_active": false })).await.expect(200).body;
    let shown = (&changed["name_fr"], &changed["is_active"], &changed["products_count"], &changed["slug"]);
    findings.equal("changed", shown, (&json!("Joaillerie"), &json!(false), &json!(1), &json!("jewels-2")));
    let changes = audited(&market, &admin, id, "category.changed").await;
    let wanted = json!({
        "name_fr": { "from": "Bijoux", "to": "Joaillerie" }, "is_active": { "from": true, "to": false },
    });
    findings.equal("audited", changes, wanted);
    // Neither offered nor accepted, though the list was kept a moment ago; the product keeps it.
    findings.check(!slugs(&guest).await.contains(&"jewels-2".to_owned()), || "still offered".to_owned());
    findings.invalid("a kept list", &guest.get(list).await, "category");
    findings.invalid("brands", &guest.get("/brands?category=jewels-2").await, "category");
    let refused = seller.post("/products", new_product(json!({ "category": "jewels-2" }))).await;
    findings.invalid("a new product", &refused, "category");
    let kept = seller.patch(&format!("/products/{ring}"), json!({ "price": 5 })).await.expect(200).body;
    findings.equal("kept", kept["category"].clone(), json!("jewels-2"));
    let suggested = guest.get("/products/suggest?q=joaill").await.expect(200);
    findings.equal("suggestions", suggested.data().len(), 0);

    admin.patch(&path, json!({ "is_active": true, "display_order": 0 })).await.expect(200);
    findings.equal("first", slugs(&guest).await[0].clone(), "jewels-2".to_owned());
    findings.equal("listed again", guest.get(list).await.expect(200).data().len(), 1);
    let used = admin.delete(&path).await;
    findings.refused("in use", &used, 409, "CATEGORY_IN_USE");
    findings.equal("how much", used.body["details"][0]["products"].clone(), json!(1));
    seller.delete(&format!("/products/{ring}")).await.expect(200);
    findings.equal("empty", guest.get(list).await.expect(200).data().len(), 0);
    let deleted = admin.delete(&path).await.expect(200).body;
    exactly(&deleted, "message id");
    findings.equal("deleted", deleted["id"].clone(), json!(id));
    findings.refused("twice", &admin.delete(&path).await, 404, "CATEGORY_NOT_FOUND");
    findings.refused("gone", &admin.patch(&path, json!({ "name_fr": "x" })).await, 404, "CATEGORY_NOT_FOUND");
    findings.equal("as before", slugs(&guest).await.len(), 20);
    findings.invalid("a kept list", &guest.get(list).await, "category");
    let changes = audited(&market, &admin, id, "category.deleted").await;
    findings.equal("audited", changes["slug"].clone(), json!({ "from": "jewels-2", "to": null }));
    let again = admin.post("/admin/categories", jewels()).await.expect(201).body;
    findings.check(again["id"] != made["id"], || "the same category again".to_owned());
}

#[tokio::test]
async fn bodies_are_checked() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let admin = market.admin("amel").await;
    let long = "é".repeat(101);
    let wrong = [
        ("slug", json!("B")),
        ("slug", json!("bijoux!")),
        ("slug", json!("Bijoux")),
        ("slug", json!("a".repeat(51))),
        ("slug", json!(7)),
        ("name_fr", json!(" ")),
        ("name_fr", json!(long)),
        ("name_ar", json!("\u{200b}")),
        ("name_ar", json!("a\u{0}")),
        ("name_en", json!(long)),
        ("display_order", json!(-1)),
        ("display_order", json!(1_001)),
        ("display_order", json!("1")),
        ("is_active", json!(1)),
        ("products_count", json!(1)),
    ];
    findings.members(&admin, Method::POST, "/admin/categories", &jewels(), &wrong).await;
    findings.required(&admin, "/admin/categories", &jewels(), &["slug", "name_fr", "name_ar"]).await;
    let nulls = json!({ "slug": "nulls", "name_fr": "a", "name_ar": "b", "name_en": null, "display_order": null });
    let made = admin.post("/admin/categories", nulls).await.expect(201).body;
    findings.equal("null is absent", made["name_en"].clone(), json!("Nulls"));

    let path = format!("/admin/categories/{}", made["id"].as_str().unwrap());
    let wrong = [
        ("slug", json!("other")),
        ("name_fr", json!(null)),
        ("name_ar", json!("")),
        ("name_en", json!(long)),
        ("display_order", json!(null)),
        ("display_order", json!(1_001)),
        ("is_active", json!(null)),
    ];
    findings.members(&admin, Method::PATCH, &path, &json!({ "name_fr": "c" }), &wrong).await;
    findings.refused("nothing", &admin.patch(&path, json!({})).await, 400, "VALIDATION_ERROR");
    let kept = market.guest().get("/categories").await.expect(200);
    let row = kept.data().iter().find(|row| row["slug"] == "nulls").cloned().unwrap_or_default();
    findings.equal("nothing changed", row["name_fr"].clone(), json!("a"));
}
