use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use crate::harness::{Caller, LONG, Plan, eventually};

const BOTH: [&str; 2] = ["gateway", "other gateway"];
/// Another gateway follows in this time.
const FOLLOWS: Duration = Duration::from_secs(1);
/// A change of an account is effective in this time.
const EFFECTIVE: Duration = Duration::from_secs(5);

async fn within(limit: Duration, what: &str, condition: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    eventually(LONG, condition).await;
    assert!(started.elapsed() < limit, "{what} took {:?}", started.elapsed());
}

#[tokio::test]
async fn what_one_gateway_wrote_the_other_shows_within_a_second() {
    let cluster = Plan::new().and("other gateway").start().await;
    let shop = cluster.shop(3).await;
    let [writer, reader] = BOTH.map(|gateway| cluster.through(gateway, &cluster.guest()));
    let product = &shop.products[0];
    let path = format!("/products/{product}");
    let lists = ["/products", "/products?category=home", "/products?in_stock=true", "/products/search?q=cuivre"];
    let row = async |caller: &Caller, list: &str| {
        let rows = caller.get(list).await.expect(200);
        rows.data().iter().find(|row| row["id"] == product.as_str()).cloned().unwrap_or_default()
    };
    for price in [1_100, 1_200, 1_300] {
        for list in lists {
            row(&reader, list).await;
        }
        shop.sellers[0].patch(&path, json!({ "price": price })).await.expect(200);
        assert_eq!(writer.get(&path).await.expect(200).body["price"], price);
        within(FOLLOWS, "a detail", async || reader.get(&path).await.expect(200).body["price"] == price).await;
        for list in lists {
            assert_eq!(row(&writer, list).await["price"], price, "{list}");
            within(FOLLOWS, list, async || row(&reader, list).await["price"] == price).await;
        }
    }
    // The last units are sold: at once here, soon there.
    cluster.guest().post("/orders", shop.checkout(3)).await.expect(201);
    assert_eq!(writer.get(&path).await.expect(200).body["in_stock"], false);
    assert!(row(&writer, "/products?in_stock=true").await.is_null());
    within(FOLLOWS, "a flip", async || reader.get(&path).await.expect(200).body["in_stock"] == false).await;
    within(FOLLOWS, "a list", async || row(&reader, "/products?in_stock=true").await.is_null()).await;
    shop.sellers[0].delete(&path).await.expect(200);
    assert_eq!(writer.get(&path).await.status, 404);
    within(FOLLOWS, "a deletion", async || reader.get(&path).await.status == 404).await;
}

#[tokio::test]
async fn a_category_that_one_gateway_switched_off_is_refused_by_the_other_within_a_second() {
    let cluster = Plan::new().and("other gateway").start().await;
    let admin = cluster.admin().await;
    let [writer, reader] = BOTH.map(|gateway| cluster.through(gateway, &cluster.guest()));
    let made = json!({ "slug": "jewels", "name_fr": "Bijoux", "name_ar": "مجوهرات" });
    let id = admin.post("/admin/categories", made).await.expect(201).text("id");
    let is_offered = async |caller: &Caller| {
        caller.get("/categories").await.expect(200).data().iter().any(|row| row["slug"] == "jewels")
    };
    let list = "/products?category=jewels";
    for is_active in [true, false, true, false] {
        admin.patch(&format!("/admin/categories/{id}"), json!({ "is_active": is_active })).await.expect(200);
        let status = if is_active { 200 } else { 400 };
        assert_eq!((writer.get(list).await.status, is_offered(&writer).await), (status, is_active));
        within(FOLLOWS, "a list", async || reader.get(list).await.status == status).await;
        within(FOLLOWS, "the categories", async || is_offered(&reader).await == is_active).await;
    }
}

#[tokio::test]
async fn changed_callers_are_known_at_both_gateways_within_five_seconds() {
    let cluster = Plan::new().and("other gateway").start().await;
    let buyer = cluster.customer().await;
    let [here, there] = BOTH.map(|gateway| cluster.through(gateway, &buyer));
    for caller in [&here, &there] {
        caller.get("/seller/orders").await.refused(403, "FORBIDDEN");
    }
    let role = json!({ "role": "seller", "seller_category": "grossiste" });
    here.post("/auth/sync-role", role).await.expect(200);
    for caller in [&here, &there] {
        within(EFFECTIVE, "a role", async || caller.get("/seller/orders").await.status == 200).await;
    }
    let admin = cluster.admin().await;
    let account = format!("/admin/users/{}", buyer.id);
    admin.patch(&account, json!({ "is_active": false })).await.expect(200);
    for caller in [&here, &there] {
        within(EFFECTIVE, "a ban", async || caller.get("/cart").await.code() == "ACCOUNT_DISABLED").await;
    }
    admin.patch(&account, json!({ "is_active": true })).await.expect(200);
    for caller in [&here, &there] {
        within(EFFECTIVE, "a pardon", async || caller.get("/cart").await.status == 200).await;
    }
    // By now a seller: identity asks ordering.
    here.delete("/users/me").await.expect(200);
    here.get("/cart").await.refused(401, "UNAUTHORIZED");
    within(EFFECTIVE, "a deletion", async || there.get("/cart").await.code() == "UNAUTHORIZED").await;
}

#[tokio::test]
async fn two_gateways_count_together() {
    let cluster = Plan::new().with("GATEWAY_RATE_LIMIT_FACTOR", "1").and("other gateway").start().await;
    let buyer = cluster.customer().await;
    let guest = cluster.guest().with("X-Forwarded-For", "41.100.0.8");
    // A customer has 100 places and has used one, a guest 60; strict rules have none to spare.
    let track = "/guest/orders/track/0555123456?order_number=ZST-1700000000-0000000000";
    for (caller, path, limit, most) in [
        (&buyer, "/cart/count", 99, 110),
        (&guest, "/products", 60, 66),
        (&guest.with("X-Forwarded-For", "41.100.0.9"), track, 1, 10),
    ] {
        let callers = BOTH.map(|gateway| cluster.through(gateway, caller));
        let started = Instant::now();
        let answers = join_all((0..160).map(|turn| callers[turn % 2].get(path))).await;
        let seconds = started.elapsed().as_secs() as usize;
        let admitted = answers.iter().filter(|answer| answer.status != 429).count();
        // A place becomes free every 60 / n seconds.
        let earned = (seconds + 1) * most / 60;
        assert!((limit..=most + earned).contains(&admitted), "{path}: {admitted} in {seconds} s");
    }
}
