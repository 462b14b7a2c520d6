//! api.md 6.1 and 6.5: publishing, changing and deleting products.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::databases::{number, text};
use crate::harness::shapes::{IMAGE, PRODUCT, and, exactly};
use crate::harness::{Findings, Market, checkout, eventually, new_product};

fn full() -> Value {
    json!({
        "name": "  Parfum d'ambre عطر  ",
        "price": 1e3,
        "stock": 7,
        "category": "perfume",
        "description": "Ligne une\nligne deux",
        "ingredients": "ambre",
        "usage_instructions": "le soir",
        "brand": "Dar El Oud",
        "sku": "A-1",
        "product_type": "eau de parfum",
        "delivery_estimate": "48 h",
        "shipping_info": "partout",
        "returns_info": "7 jours",
        "payment_info": "à la livraison",
        "exclusive_offers": "<script>alert(1)</script>",
        "original_price": 1500.5,
        "min_order_quantity": 2,
        "seller_category": "importateur",
        "in_stock": true,
        "is_new": true,
        "is_promo": true,
        "countdown_end_date": "2027-01-01T00:00:00+01:00",
        "benefits": ["doux", "doux", "long"],
        "tags": ["ramadan"],
        "weight": 0.125,
        "specifications": { "volume": { "ml": 50 } },
        "images": ["https://cdn.example.com/1.jpg", "https://media.zst.dz/2.jpg"],
        "primary_image": "https://cdn.example.com/0.jpg",
        "video_url": "https://cdn.example.com/v.mp4",
        "status": "active",
    })
}

/// Members with values that no product may have.
fn wrong() -> Vec<(&'static str, Value)> {
    let mut wrong = vec![
        ("name", json!("ab")),
        ("name", json!("x".repeat(201))),
        ("name", json!("  \u{200b}\u{200b}\u{200b} ")),
        ("name", json!("abc\u{0}")),
        ("name", json!(["abc"])),
        ("price", json!(-1)),
        ("price", json!(1.001)),
        ("price", json!("1000")),
        ("price", json!(100_000_000)),
        ("price", json!(1e18)),
        ("price", json!({ "amount": 1, "currency": "EUR" })),
        ("stock", json!(-1)),
        ("stock", json!(10_000_001)),
        ("stock", json!(1.5)),
        ("stock", json!("1")),
        ("category", json!("drones")),
        ("category", json!("Perfume")),
        ("original_price", json!(-0.5)),
        ("min_order_quantity", json!(0)),
        ("min_order_quantity", json!(100_001)),
        ("seller_category", json!("boutique")),
        ("in_stock", json!("true")),
        ("is_new", json!(1)),
        ("is_promo", json!("false")),
        ("countdown_end_date", json!("tomorrow")),
        ("countdown_end_date", json!("2027-01-01")),
        ("benefits", json!("doux")),
        ("benefits", json!(vec!["x"; 21].iter().enumerate().map(|(i, x)| format!("{x}{i}")).collect::<Vec<_>>())),
        ("weight", json!(-1)),
        ("weight", json!(100_001)),
        ("weight", json!(0.0001)),
        ("weight", json!("1")),
        ("specifications", json!([1])),
        ("specifications", json!({ "a": { "b": { "c": { "d": { "e": 1 } } } } })),
        ("specifications", json!({ "a": "x".repeat(8 * 1024) })),
        ("images", json!("https://cdn.example.com/1.jpg")),
        ("images", json!((0..21).map(|index| format!("https://cdn.example.com/{index}.jpg")).collect::<Vec<_>>())),
        ("status", json!("deleted")),
        ("status", json!("Active")),
    ];
    for url in [
        "http://cdn.example.com/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://0x7f000001/x",
        "https://localhost/x",
        "https://a.local/x",
        "https://cdn/x",
        "https://u@cdn.example.com/x",
        "ftp://cdn.example.com/x",
        "//cdn.example.com/x",
        "x",
    ] {
        wrong.push(("video_url", json!(url)));
        wrong.push(("primary_image", json!(url)));
    }
    for (member, limit) in [
        ("description", 2000),
        ("ingredients", 2000),
        ("usage_instructions", 2000),
        ("brand", 100),
        ("sku", 100),
        ("product_type", 50),
        ("delivery_estimate", 200),
        ("shipping_info", 1000),
        ("returns_info", 1000),
        ("payment_info", 1000),
        ("exclusive_offers", 1000),
    ] {
        wrong.push((member, json!("é".repeat(limit + 1))));
        wrong.push((member, json!(7)));
    }
    for unknown in ["id", "seller_id", "slug", "rating", "viewers_count", "version", "created_at", "deleted_at", "foo"]
    {
        wrong.push((unknown, json!(1)));
    }
    wrong
}

#[tokio::test]
async fn every_field_is_stored_and_shown() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let reply = seller.post("/products", full()).await.expect(201);
    let made = &reply.body;
    exactly(made, &and(PRODUCT, "stock_version"));
    let location = reply.header("location").unwrap().to_owned();
    findings.equal("location", location.as_str(), &format!("/api/v1/products/{}", made["id"].as_str().unwrap()));
    findings.equal("the next read", seller.get(&location).await.body, made.clone());
    findings.equal("trimmed", made["name"].clone(), json!("Parfum d'ambre عطر"));
    findings.equal("money is a number", made["price"].as_f64(), Some(1000.0));
    findings.equal("time", made["countdown_end_date"].clone(), json!("2026-12-31T23:00:00.000Z"));
    findings.equal("once", made["benefits"].clone(), json!(["doux", "long"]));
    findings.equal("new", (made["version"].clone(), made["stock_version"].clone()), (json!(1), json!(1)));
    findings.equal("nobody yet", (made["rating"].clone(), made["viewers_count"].clone()), (Value::Null, json!(0)));
    let skipped = ["name", "price", "countdown_end_date", "benefits", "images"];
    for (member, value) in full().as_object().unwrap().iter().filter(|(name, _)| !skipped.contains(&name.as_str())) {
        findings.equal(member, made[member].clone(), value.clone());
    }
    let images = made["images"].as_array().unwrap();
    let urls: Vec<&str> = images.iter().map(|image| image["image_url"].as_str().unwrap()).collect();
    let wanted = ["https://cdn.example.com/0.jpg", "https://cdn.example.com/1.jpg", "https://media.zst.dz/2.jpg"];
    findings.equal("the primary one is put in front", urls, wanted.to_vec());
    for (position, image) in images.iter().enumerate() {
        exactly(image, IMAGE);
        let found = (image["display_order"].clone(), image["is_primary"].clone());
        findings.equal("image", found, (json!(position), json!(position == 0)));
    }
    let slug = made["slug"].as_str().unwrap();
    let (start, end) = slug.rsplit_once('-').unwrap();
    findings.equal("slug", start, "parfum-d-ambre");
    findings
        .check(end.len() == 8 && end.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')), || slug.to_owned());

    let arabic = market.product(&seller, json!({ "name": "عطر العود" })).await;
    findings.check(arabic["slug"].as_str().unwrap().starts_with("product-"), || arabic["slug"].to_string());
    let plain = market
        .product(&seller, json!({ "description": null, "tags": null, "images": ["https://cdn.example.com/a.jpg"] }))
        .await;
    let defaults = json!({
        "description": null, "min_order_quantity": 1, "seller_category": "grossiste", "is_new": false,
        "is_promo": false, "benefits": [], "tags": [], "status": "active", "in_stock": true,
        "primary_image": "https://cdn.example.com/a.jpg", "specifications": null, "weight": null,
    });
    for (member, value) in defaults.as_object().unwrap() {
        findings.equal(member, plain[member].clone(), value.clone());
    }
    let empty = market.product(&seller, json!({ "stock": 0, "in_stock": true })).await;
    findings.equal("nothing there", empty["in_stock"].clone(), json!(false));
}

#[tokio::test]
async fn what_is_not_right_is_refused_and_named() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let kept = market.product(&seller, json!({})).await;
    let path = format!("/products/{}", kept["id"].as_str().unwrap());
    findings.members(&seller, Method::POST, "/products", &new_product(json!({})), &wrong()).await;
    findings.required(&seller, "/products", &new_product(json!({})), &["name", "price", "stock", "category"]).await;
    for path in [path.clone(), path.replace("/products", "/seller/products")] {
        findings.members(&seller, Method::PATCH, &path, &json!({}), &wrong()).await;
    }
    let nulls = "name price stock category min_order_quantity seller_category in_stock is_new is_promo status";
    let nulls: Vec<(&str, Value)> = nulls.split_whitespace().map(|name| (name, Value::Null)).collect();
    findings.members(&seller, Method::PATCH, &path, &json!({}), &nulls).await;
    findings.refused("empty", &seller.patch(&path, json!({})).await, 400, "VALIDATION_ERROR");
    for body in [
        json!({ "images": ["https://cdn.example.com/1.jpg", "https://cdn.example.com/1.jpg"] }),
        json!({ "images": ["https://cdn.example.com/1.jpg", "http://evil.example/"] }),
        json!({ "images": [7] }),
        json!({ "tags": ["x".repeat(51)] }),
        json!({ "tags": [""] }),
        json!({ "benefits": ["x".repeat(201)] }),
        json!({ "price": 0, "stock": -1, "name": "x" }),
    ] {
        findings.refused(&body.to_string(), &seller.patch(&path, body.clone()).await, 400, "VALIDATION_ERROR");
    }
    let several = seller.post("/products", new_product(json!({ "name": "x", "stock": -1 }))).await;
    findings.equal("ranges together", several.body["details"].as_array().map(Vec::len), Some(2));
    findings.equal("nothing was made", number(&market.databases.catalog, "SELECT count(*) FROM products").await, 1);
    findings.equal("nothing was changed", seller.get(&path).await.body, kept);
    findings.equal("no stock either", number(&market.databases.ordering, "SELECT count(*) FROM stock").await, 1);
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let made = seller.post("/products", full()).await.expect(201).body;
    let path = format!("/products/{}", made["id"].as_str().unwrap());
    let one = seller.patch(&path, json!({ "price": 12.5 })).await.expect(200).body;
    exactly(&one, &and(PRODUCT, "stock_version"));
    let mut wanted = made.clone();
    wanted["price"] = json!(12.5);
    wanted["version"] = json!(2);
    wanted["updated_at"] = one["updated_at"].clone();
    findings.equal("only the price", one.clone(), wanted);
    findings.equal("seen at once", guest.get(&path).await.body["price"].clone(), json!(12.5));
    let cleared =
        json!({ "description": null, "weight": null, "specifications": null, "countdown_end_date": null, "tags": [] });
    let two = seller.patch(&path, cleared.clone()).await.expect(200).body;
    for (member, value) in cleared.as_object().unwrap() {
        findings.equal(member, two[member].clone(), value.clone());
    }
    let stock = seller.patch(&path, json!({ "stock": 3 })).await.expect(200).body;
    findings.equal("stock is no version", stock["version"].clone(), two["version"].clone());
    findings
        .check(stock["stock_version"].as_i64() > two["stock_version"].as_i64(), || stock["stock_version"].to_string());

    // Images: a URL that stays keeps its row.
    let kept = made["images"][1]["id"].clone();
    let images = json!({ "images": ["https://cdn.example.com/9.jpg", "https://cdn.example.com/1.jpg"] });
    let three = seller.patch(&path, images).await.expect(200).body;
    findings.equal("kept", three["images"][1]["id"].clone(), kept);
    findings.equal("order", three["images"][1]["display_order"].clone(), json!(1));
    let primary = three["images"].as_array().unwrap().iter().filter(|image| image["is_primary"] == true);
    findings.equal(
        "one primary",
        primary.map(|image| image["image_url"].clone()).collect(),
        vec![three["primary_image"].clone()],
    );
    let four = seller.patch(&path, json!({ "primary_image": "https://cdn.example.com/1.jpg" })).await.expect(200).body;
    findings.equal("primary", four["images"][1]["is_primary"].clone(), json!(true));
    let none = seller.patch(&path, json!({ "images": [] })).await.expect(200).body;
    findings.equal("none left", (none["images"].clone(), none["primary_image"].clone()), (json!([]), Value::Null));
    findings.equal("the slug stays", none["slug"].clone(), made["slug"].clone());

    let draft = seller.patch(&path, json!({ "status": "draft" })).await.expect(200).body;
    findings.refused("off sale at once", &guest.get(&path).await, 404, "PRODUCT_NOT_FOUND");
    findings.equal("not listed", guest.get("/products").await.body["meta"]["total"].clone(), json!(0));
    findings.equal("draft", draft["status"].clone(), json!("draft"));
    seller.patch(&path, json!({ "status": "active" })).await.expect(200);
    findings.status("back at once", &guest.get(&path).await, 200);
}

#[tokio::test]
async fn a_change_may_say_what_it_is_based_on() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let made = market.product(&seller, json!({})).await;
    let path = format!("/products/{}", made["id"].as_str().unwrap());
    let tag = seller.get(&path).await.header("etag").unwrap().to_owned();
    let bio = |text: &str| json!({ "description": text });
    findings.status("the whole tag", &seller.if_match(&tag).patch(&path, bio("a")).await, 200);
    let stale = seller.if_match(&tag).patch(&path, bio("b")).await;
    findings.refused("the older tag", &stale, 409, "VERSION_CONFLICT");
    findings.equal("which", stale.body["details"][0]["current_version"].clone(), json!(2));
    findings.status("the version alone", &seller.if_match("\"2\"").patch(&path, bio("c")).await, 200);
    findings.status("any", &seller.if_match("*").patch(&path, bio("d")).await, 200);
    let other = path.replace("/products", "/seller/products");
    findings.refused("there too", &seller.if_match("\"1\"").patch(&other, bio("e")).await, 409, "VERSION_CONFLICT");
    for form in ["2", "\"x\"", "\"\"", "W/2", "\"1\", \"2\"", "\"-1\"", "\"99999999999999999999\""] {
        findings.refused(form, &seller.if_match(form).patch(&path, bio("f")).await, 400, "VALIDATION_ERROR");
    }
    // With stock: a conflict leaves the stock as it was.
    let both = seller.if_match("\"1\"").patch(&path, json!({ "stock": 99 })).await;
    findings.refused("stock", &both, 409, "VERSION_CONFLICT");
    let now = seller.get(&path).await.body;
    findings.equal("unchanged", (now["description"].clone(), now["stock"].clone()), (json!("d"), json!(10)));
    findings.refused("delete", &seller.if_match("\"1\"").delete(&path).await, 409, "VERSION_CONFLICT");
    findings.status("delete", &seller.if_match("\"4\"").delete(&path).await, 200);
}

#[tokio::test]
async fn only_the_owner_and_admins_change_a_product() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    let (customer, admin) = (market.user("amina").await, market.admin("amel").await);
    let made = market.product(&seller, json!({})).await;
    let id = made["id"].as_str().unwrap();
    let (path, owners) = (format!("/products/{id}"), format!("/seller/products/{id}"));
    let change = json!({ "description": "x" });
    for path in [&path, &owners] {
        findings.refused("guest", &guest.patch(path, change.clone()).await, 401, "UNAUTHORIZED");
        findings.refused("customer", &customer.patch(path, change.clone()).await, 403, "FORBIDDEN");
        findings.refused("other", &other.patch(path, change.clone()).await, 404, "PRODUCT_NOT_FOUND");
    }
    let missing = other.patch("/products/0192f6a2-0000-7000-8000-000000000000", change.clone()).await;
    let foreign = other.patch(&path, change.clone()).await;
    findings.equal("alike", missing.body["message"].clone(), foreign.body["message"].clone());
    findings.refused("admin at the owner's", &admin.patch(&owners, change.clone()).await, 404, "PRODUCT_NOT_FOUND");
    findings.refused("admin has no goods", &admin.post("/products", new_product(json!({}))).await, 403, "FORBIDDEN");
    let by_admin = admin.patch(&path, json!({ "price": 1 })).await.expect(200);
    exactly(&by_admin.body, &and(PRODUCT, "stock_version"));
    let audit = format!("SELECT action FROM audit WHERE target_id = '{id}' AND actor_id = '{}'", admin.id);
    eventually(std::time::Duration::from_secs(5), async || {
        text(&market.databases.identity, &audit).await == "product.changed"
    })
    .await;

    // Deleting is final, and works whatever holds the product.
    let buyer = market.user("acheteur").await;
    buyer.post("/cart/items", json!({ "product_id": id, "quantity": 1 })).await.expect(201);
    let order = buyer.post("/orders", checkout(&[(id, 1)])).await.expect(201).body["orders"][0].clone();
    for (who, caller, status) in [("guest", &guest, 401), ("customer", &customer, 403), ("other", &other, 404)] {
        findings.status(who, &caller.delete(&path).await, status);
    }
    let deleted = seller.delete(&path).await.expect(200).body;
    exactly(&deleted, "message id");
    for (who, caller) in [("guest", &guest), ("seller", &seller), ("admin", &admin)] {
        findings.refused(who, &caller.get(&path).await, 404, "PRODUCT_NOT_FOUND");
    }
    findings.refused("again", &seller.delete(&path).await, 404, "PRODUCT_NOT_FOUND");
    findings.refused("changed", &seller.patch(&path, change).await, 404, "PRODUCT_NOT_FOUND");
    findings.equal("own list", seller.get("/seller/products").await.body["meta"]["total"].clone(), json!(0));
    let kept = buyer.get(&format!("/orders/{}", order["id"].as_str().unwrap())).await.expect(200);
    findings.equal("the order keeps its copy", kept.body["items"].clone(), order["items"].clone());
}

#[tokio::test]
async fn a_sellers_own_list_shows_everything_it_has() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let seller = market.seller("maison-rym", "grossiste").await;
    let other = market.seller("autre-maison", "grossiste").await;
    market.product(&other, json!({ "name": "Autre" })).await;
    for (name, changes) in [
        ("Active", json!({ "price": 10 })),
        ("Empty", json!({ "stock": 0, "price": 20 })),
        ("Draft", json!({ "status": "draft", "price": 30 })),
        ("Archived", json!({ "status": "archived", "price": 40 })),
    ] {
        market.product(&seller, crate::harness::bodies::with(changes, json!({ "name": name }))).await;
    }
    for (query, wanted) in [
        ("", vec!["Archived", "Draft", "Empty", "Active"]),
        ("status=all", vec!["Archived", "Draft", "Empty", "Active"]),
        ("status=draft", vec!["Draft"]),
        ("status=archived", vec!["Archived"]),
        ("status=active", vec!["Active"]),
        ("status=out_of_stock", vec!["Empty"]),
        ("min_price=20&sort_by=price&sort_order=asc", vec!["Empty", "Draft", "Archived"]),
        ("search=draft", vec!["Draft"]),
        ("limit=1&page=2", vec!["Draft"]),
    ] {
        let reply = seller.get(&format!("/seller/products?{query}")).await.expect(200);
        let names: Vec<&str> = reply.data().iter().map(|row| row["name"].as_str().unwrap()).collect();
        findings.equal(query, names, wanted);
        for row in reply.data() {
            let missing: Vec<&str> =
                PRODUCT.split_whitespace().chain(["stock_version"]).filter(|name| row.get(name).is_none()).collect();
            findings.check(missing.is_empty(), || format!("missing {missing:?}"));
        }
    }
    let wrong = [
        ("status", "status=sold"),
        ("seller_id", "seller_id=0192f6a2-0000-7000-8000-000000000000"),
        ("sort_by", "sort_by=x"),
    ];
    findings.queries(&seller, "/seller/products", &wrong).await;
    let admin = market.admin("amel").await;
    findings.equal(
        "an admin has none",
        admin.get("/seller/products").await.expect(200).body["meta"]["total"].clone(),
        json!(0),
    );
    findings.refused("customer", &market.user("amina").await.get("/seller/products").await, 403, "FORBIDDEN");
}
