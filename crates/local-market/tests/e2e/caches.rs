//! api.md 2.9: after a write was answered, the next read through the same gateway shows it.

use futures::future::join_all;
use serde_json::json;

use crate::harness::{Caller, Findings, Market, checkout};

/// What three public reads show of a product, each read twice so that the second may come from a cache.
async fn shown(guest: &Caller, id: &str, slug: &str, member: &str) -> Vec<serde_json::Value> {
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(guest.get(&format!("/products/{id}")).await.body[member].clone());
        seen.push(guest.get(&format!("/products/slug/{slug}")).await.body[member].clone());
        for list in ["/products", "/products?category=home", "/products/search?q=theiere", "/products?sort_by=price"] {
            let rows = guest.get(list).await.expect(200);
            let row = rows.data().iter().find(|row| row["id"] == id).cloned().unwrap_or_default();
            seen.push(row[member].clone());
        }
    }
    seen.dedup();
    seen
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let made = market.product(&seller, json!({ "stock": 2 })).await;
    let (id, slug) = (made["id"].as_str().unwrap(), made["slug"].as_str().unwrap());
    let path = format!("/products/{id}");
    for round in 1..=15 {
        shown(&guest, id, slug, "price").await;
        let price = json!(1000 + round);
        seller.patch(&path, json!({ "price": price })).await.expect(200);
        findings.equal(&format!("price {round}"), shown(&guest, id, slug, "price").await, vec![price]);
    }
    for status in ["draft", "active", "archived", "active"] {
        seller.patch(&path, json!({ "status": status })).await.expect(200);
        let wanted = if status == "active" { json!(status) } else { json!(null) };
        findings.equal(status, shown(&guest, id, slug, "status").await, vec![wanted]);
    }
    // Orders flip what is on show at once, and so does giving back.
    for round in 0..5 {
        findings.equal("in stock", shown(&guest, id, slug, "in_stock").await, vec![json!(true)]);
        let placed = guest.post("/orders", checkout(&[(id, 2)])).await.expect(201).body;
        findings.equal(&format!("sold out {round}"), shown(&guest, id, slug, "in_stock").await, vec![json!(false)]);
        let order = placed["orders"][0]["id"].as_str().unwrap();
        seller.patch(&format!("/seller/orders/{order}/status"), json!({ "status": "cancelled" })).await.expect(200);
        findings.equal(&format!("back {round}"), shown(&guest, id, slug, "in_stock").await, vec![json!(true)]);
        let stock = format!("/seller/products/{id}/stock");
        seller.patch(&stock, json!({ "delta": -2 })).await.expect(200);
        findings.equal("moved away", shown(&guest, id, slug, "in_stock").await, vec![json!(false)]);
        seller.patch(&stock, json!({ "delta": 2 })).await.expect(200);
    }
    let new = market.product(&seller, json!({ "name": "Théière neuve" })).await;
    let rows = guest.get("/products/search?q=theiere").await.expect(200);
    findings.equal("a new one", rows.data().len(), 2);
    seller.delete(&format!("/products/{}", new["id"].as_str().unwrap())).await.expect(200);
    findings.equal("gone", guest.get("/products/search?q=theiere").await.expect(200).data().len(), 1);
}

#[tokio::test]
async fn readers_beside_a_writer_never_bring_back_the_old() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let id = market.product_id(&seller, json!({ "price": 0 })).await;
    let path = format!("/products/{id}");
    for round in 1..=25 {
        // Reads that began before the write may fill the caches while it happens.
        let crowd = join_all((0..8).map(|index| {
            let (guest, path) = (&guest, path.clone());
            async move { if index % 2 == 0 { guest.get(&path).await } else { guest.get("/products").await } }
        }));
        let write = seller.patch(&path, json!({ "price": round }));
        let (_, written) = futures::future::join(crowd, write).await;
        written.expect(200);
        for _ in 0..2 {
            findings.equal("detail", guest.get(&path).await.body["price"].clone(), json!(round));
            findings.equal("list", guest.get("/products").await.body["data"][0]["price"].clone(), json!(round));
        }
    }
}

#[tokio::test]
async fn what_only_owners_see_is_never_shared() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let (amina, admin) = (market.user("amina").await, market.admin("amel").await);
    let id = market.product_id(&seller, json!({})).await;
    let path = format!("/products/{id}");
    for _ in 0..3 {
        for (who, caller, owner) in
            [("seller", &seller, true), ("guest", &guest, false), ("admin", &admin, true), ("amina", &amina, false)]
        {
            let body = caller.get(&path).await.expect(200).body;
            findings.equal(who, body.get("stock_version").is_some(), owner);
        }
    }
    let tag = seller.get(&path).await.header("etag").unwrap().to_owned();
    let shared = guest.get(&path).await.header("etag").unwrap().to_owned();
    findings.check(tag != shared, || "one tag for two bodies".to_owned());
    let mut carts = Vec::new();
    for caller in [&seller, &amina] {
        caller.post("/cart/items", json!({ "product_id": id, "quantity": 1 })).await.expect(201);
        carts.push(caller.get("/cart").await.expect(200).body["items"][0]["user_id"].clone());
    }
    findings.equal("carts", carts, vec![json!(seller.id), json!(amina.id)]);
}

/// Cache poisoning: nothing that one caller sends changes what the next one is shown.
#[tokio::test]
async fn nothing_that_one_sends_is_shown_to_another() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let made = market.product(&seller, json!({})).await;
    let draft = market.product_id(&seller, json!({ "status": "draft" })).await;
    let (id, slug) = (made["id"].as_str().unwrap(), made["slug"].as_str().unwrap());
    let paths = [
        "/products".to_owned(),
        "/products/search?q=theiere".to_owned(),
        format!("/products/{id}"),
        format!("/products/slug/{slug}"),
        "/brands".to_owned(),
        "/sellers".to_owned(),
        "/categories".to_owned(),
    ];
    let planted = "planted.example";
    let headers = [
        ("Host", planted),
        ("X-Forwarded-Host", planted),
        ("X-Forwarded-Proto", "planted.example"),
        ("X-Forwarded-Prefix", "/planted.example"),
        ("X-Original-URL", "/api/v1/planted.example"),
        ("X-Rewrite-URL", "/api/v1/planted.example"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Request-Id", "planted.example"),
        ("Forwarded", "host=planted.example"),
        ("Origin", "https://planted.example"),
        ("Accept", "text/planted.example"),
        ("Accept-Language", planted),
        ("Accept-Encoding", "br"),
        ("Range", "bytes=0-1"),
        ("If-Match", "\"7\""),
        ("X-Tracking-Token", planted),
        ("Content-Type", "text/planted.example"),
        ("Cookie", "planted.example=1"),
    ];
    let mut round = 0;
    for path in &paths {
        for (name, value) in headers {
            round += 1;
            // Each is the first to ask after a write, so that its answer is the one that is kept.
            let price = json!({ "price": round });
            seller.patch(&format!("/products/{id}"), price).await.expect(200);
            let sent = guest.with(name, value);
            sent.send(reqwest::Method::HEAD, path, None).await;
            sent.get(path).await;
            let shown = guest.get(path).await.expect(200);
            let text = String::from_utf8(shown.bytes.clone()).unwrap();
            let all = format!("{:?}{text}", shown.headers);
            findings.check(!all.contains(planted), || format!("{path} after {name}: {all}"));
            findings.equal(&format!("{path} after {name}"), shown.header("content-encoding"), None);
            findings.check(shown.body["data"].is_array() || shown.body["id"] == id, || format!("{path}: {text}"));
        }
        // A refusal is kept for nobody, however the address is written.
        for strange in ["&planted=1", "&page=0", "&limit=x", "&page=1&page=1", "&%70age=0"] {
            let written =
                if path.contains('?') { format!("{path}{strange}") } else { format!("{path}?{}", &strange[1..]) };
            findings.check(guest.get(&written).await.status == 400, || format!("{written} is accepted"));
        }
        guest.with_token(Some("nonsense")).get(path).await.refused(401, "UNAUTHORIZED");
        findings.status(path, &guest.get(path).await, 200);
    }
    // What its owner was shown is not what others are shown, under no name that looks like a file's.
    for suffix in ["", "/", "/x.css", ".css", ";x.css", "%2Fx.css", "%00.css", "?x.css"] {
        let path = format!("/products/{draft}{suffix}");
        if suffix.is_empty() {
            seller.get(&path).await.expect(200);
        } else {
            findings.check([400, 404].contains(&seller.get(&path).await.status), || format!("{path} for its owner"));
        }
        findings.check([400, 404].contains(&guest.get(&path).await.status), || format!("{path} is shown"));
    }
    let cart = seller.get("/cart").await.expect(200);
    findings.equal("kept by nobody else", cart.header("cache-control"), Some("private, no-cache"));
    for suffix in ["/x.css", ".css", "%2Fx.css"] {
        findings.status(suffix, &seller.get(&format!("/cart{suffix}")).await, 404);
    }
}
