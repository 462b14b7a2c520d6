//! api.md 9.3 and 9.4: who reads which order, and how they are found.

use serde_json::{Value, json};

use crate::harness::bodies::with;
use crate::harness::databases::execute;
use crate::harness::shapes::{ORDER, STEP, and, exactly, is_time};
use crate::harness::{Caller, Findings, Market, checkout};

fn id(order: &Value) -> &str {
    order["id"].as_str().unwrap()
}

#[tokio::test]
async fn an_order_is_read_by_its_parties_alone() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let one = market.seller("maison-one", "grossiste").await;
    let two = market.seller("maison-two", "grossiste").await;
    let (pot, cup) = (
        market.product_id(&one, json!({ "price": 777 })).await,
        market.product_id(&two, json!({ "price": 333 })).await,
    );
    let (amina, rym, admin) = (market.user("amina").await, market.user("rym").await, market.admin("amel").await);
    let placed = amina.post("/orders", checkout(&[(&pot, 1), (&cup, 1)])).await.expect(201).body;
    let [first, second] = [&placed["orders"][0], &placed["orders"][1]];
    let (path, history) = (format!("/orders/{}", id(first)), format!("/orders/{}/history", id(first)));
    for path in [&path, &history] {
        for (who, caller, status, code) in [
            ("guest", &market.guest(), 401, "UNAUTHORIZED"),
            ("another buyer", &rym, 404, "ORDER_NOT_FOUND"),
            ("another seller", &two, 404, "ORDER_NOT_FOUND"),
        ] {
            findings.refused(&format!("{who} at {path}"), &caller.get(path).await, status, code);
        }
        for (who, caller) in [("buyer", &amina), ("seller", &one), ("admin", &admin)] {
            findings.status(&format!("{who} at {path}"), &caller.get(path).await, 200);
        }
    }
    let whole = amina.get(&path).await.body;
    exactly(&whole, &and(ORDER, "user"));
    findings.equal("as placed", whole.clone(), first.clone());
    let missing = rym.get("/orders/0192f6a2-0000-7000-8000-000000000000").await;
    let foreign = rym.get(&path).await;
    findings.equal(
        "alike",
        (missing.status, missing.body["message"].clone()),
        (foreign.status, foreign.body["message"].clone()),
    );
    findings.refused("no id", &amina.get("/orders/7").await, 400, "INVALID_ID");

    let of_seller = one.get(&format!("/seller/orders/{}", id(first))).await.expect(200);
    exactly(&of_seller.body, &and(ORDER, "user"));
    let text = String::from_utf8(of_seller.bytes).unwrap();
    findings.check(!text.contains("333") && !text.contains("2110") && !text.contains(&two.id), || {
        "other parts are shown".to_owned()
    });
    findings.refused(
        "the other part",
        &one.get(&format!("/seller/orders/{}", id(second))).await,
        404,
        "ORDER_NOT_FOUND",
    );
    findings.status("admin", &admin.get(&format!("/seller/orders/{}", id(second))).await, 200);
    findings.refused("buyer", &amina.get(&format!("/seller/orders/{}", id(first))).await, 403, "FORBIDDEN");

    let steps = amina.get(&history).await.body;
    exactly(&steps, "data");
    let step = &steps["data"][0];
    exactly(step, STEP);
    is_time(&step["created_at"]);
    let found =
        (step["from_status"].clone(), step["to_status"].clone(), step["payment_status"].clone(), step["actor"].clone());
    findings.equal("the first", found, (Value::Null, json!("pending"), json!("pending"), json!("customer")));
    findings.queries(&amina, &path, &[("include", "include=user")]).await;
    findings.queries(&amina, &history, &[("page", "page=1")]).await;
}

#[tokio::test]
async fn a_guest_reads_with_the_checkouts_token() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-one", "grossiste").await;
    let pot = market.product_id(&seller, json!({})).await;
    let placed = guest.post("/orders", checkout(&[(&pot, 1)])).await.expect(201).body;
    let other = guest.post("/orders", checkout(&[(&pot, 1)])).await.expect(201).body;
    let amina = market.user("amina").await;
    let hers = amina.post("/orders", checkout(&[(&pot, 1)])).await.expect(201).body;
    let token = placed["tracking_token"].as_str().unwrap();
    let path = format!("/orders/{}", id(&placed["orders"][0]));
    let own = guest.with("X-Tracking-Token", token).get(&path).await.expect(200);
    findings.equal("whole", own.body.clone(), placed["orders"][0].clone());
    findings.equal("kept by nobody", own.header("cache-control"), Some("private, no-store"));
    findings.status("history", &guest.with("X-Tracking-Token", token).get(&format!("{path}/history")).await, 200);
    findings.refused("without", &guest.get(&path).await, 401, "UNAUTHORIZED");
    let mut flipped: Vec<char> = token.chars().collect();
    flipped[7] = if flipped[7] == 'A' { 'B' } else { 'A' };
    let flipped: String = flipped.into_iter().collect();
    let (long, short) = (format!("{token}A"), &token[..42]);
    for wrong in [other["tracking_token"].as_str().unwrap(), &flipped, &long, short, "x", "' OR 1=1"] {
        let caller = guest.with("X-Tracking-Token", wrong);
        findings.refused(wrong, &caller.get(&path).await, 404, "ORDER_NOT_FOUND");
        findings.refused(wrong, &caller.post(&format!("{path}/cancel"), json!({})).await, 404, "ORDER_NOT_FOUND");
    }
    let account = format!("/orders/{}", id(&hers["orders"][0]));
    findings.refused(
        "an account's",
        &guest.with("X-Tracking-Token", token).get(&account).await,
        404,
        "ORDER_NOT_FOUND",
    );
    findings.refused("in the query", &guest.get(&format!("{path}?tracking_token={token}")).await, 401, "UNAUTHORIZED");
    findings.equal("in no list", amina.get("/orders").await.body["meta"]["total"].clone(), json!(1));
    // Somebody signed in may hold a guest's token too.
    findings.status("signed in", &amina.with("X-Tracking-Token", token).get(&path).await, 200);
    findings.refused("signed in without", &amina.get(&path).await, 404, "ORDER_NOT_FOUND");
    let age = "UPDATE orders SET created_at = created_at - interval '181 days'";
    execute(&market.databases.ordering, age).await;
    findings.refused("expired", &guest.with("X-Tracking-Token", token).get(&path).await, 404, "ORDER_NOT_FOUND");
}

#[tokio::test]
async fn buyers_and_sellers_list_their_orders() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let one = market.seller("maison-one", "grossiste").await;
    let two = market.seller("maison-two", "grossiste").await;
    let (pot, cup) = (
        market.product_id(&one, json!({ "stock": 100 })).await,
        market.product_id(&two, json!({ "stock": 100 })).await,
    );
    let amina = market.user("amina").await;
    let mut placed = Vec::new();
    for (name, phone) in [("Béchir Ould-Ali", "0555000001"), ("Rym Kaci", "0666000002"), ("Zineb Kâci", "0777000003")]
    {
        let body = with(checkout(&[(&pot, 1), (&cup, 1)]), json!({ "customer_name": name, "customer_phone": phone }));
        placed.push(amina.post("/orders", body).await.expect(201).body["orders"][0].clone());
    }
    let bought_by_seller = one.post("/orders", checkout(&[(&cup, 1)])).await.expect(201).body;
    one.patch(&format!("/seller/orders/{}/status", id(&placed[0])), json!({ "status": "confirmed" })).await.expect(200);

    let list = amina.get("/orders").await.expect(200);
    findings.equal("six", list.body["meta"]["total"].clone(), json!(6));
    for row in list.data() {
        exactly(row, ORDER);
    }
    let times: Vec<&str> = list.data().iter().map(|row| row["created_at"].as_str().unwrap()).collect();
    findings.check(times.is_sorted_by(|a, b| a >= b), || format!("not newest first: {times:?}"));
    findings.equal("by status", amina.get("/orders?status=confirmed").await.body["meta"]["total"].clone(), json!(1));
    findings.equal("pages", amina.get("/orders?limit=4&page=2").await.expect(200).data().len(), 2);
    let own = one.get("/orders").await.expect(200);
    findings.equal("a seller as a buyer", own.data()[0]["id"].clone(), bought_by_seller["orders"][0]["id"].clone());
    let wrong = [
        ("status", "status=Pending"),
        ("status", "status=lost"),
        ("page", "page=0"),
        ("limit", "limit=101"),
        ("userId", "userId=1"),
        ("search", "search=ab"),
    ];
    findings.queries(&amina, "/orders", &wrong).await;

    let sold = one.get("/seller/orders").await.expect(200);
    for row in sold.data() {
        exactly(row, &and(ORDER, "user").replace(" seller ", " "));
        findings.equal("own", row["seller_id"].clone(), json!(one.id));
    }
    let number = placed[1]["order_number"].as_str().unwrap();
    let today = chrono::DateTime::parse_from_rfc3339(placed[0]["created_at"].as_str().unwrap()).unwrap()
        + chrono::TimeDelta::hours(1);
    let (today, tomorrow) =
        (today.format("%Y-%m-%d").to_string(), (today + chrono::TimeDelta::days(1)).format("%Y-%m-%d").to_string());
    for (query, wanted) in [
        (String::new(), 3),
        ("status=confirmed".to_owned(), 1),
        ("kind=retail".to_owned(), 3),
        ("kind=b2b".to_owned(), 0),
        (format!("date_from={today}&date_to={today}"), 3),
        (format!("date_from={tomorrow}"), 0),
        ("date_to=2020-01-01".to_owned(), 0),
        (format!("search={}", number.to_lowercase()), 1),
        (format!("search={}", &number[..10]), 3),
        ("search=kaci".to_owned(), 2),
        ("search=K%C3%82CI".to_owned(), 2),
        ("search=ould-ali".to_owned(), 1),
        ("search=echir".to_owned(), 1),
        ("search=0666000002".to_owned(), 1),
        ("search=%2B213666000002".to_owned(), 1),
        ("search=0003".to_owned(), 1),
        ("search=000003".to_owned(), 1),
        ("search=%25%25".to_owned(), 0),
        ("search=__".to_owned(), 0),
        ("limit=2&page=2".to_owned(), 1),
    ] {
        let reply = one.get(&format!("/seller/orders?{query}")).await.expect(200);
        findings.equal(&query, reply.data().len(), wanted);
    }
    let wrong = [
        ("date_from", "date_from=2026-13-01"),
        ("date_from", "date_from=yesterday"),
        ("date_to", "date_to=2026-01-01T00:00:00Z"),
        ("date_from", "date_from=2026-02-02&date_to=2026-02-01"),
        ("search", "search=a"),
        ("search", &format!("search={}", "x".repeat(101))),
        ("kind", "kind=wholesale"),
        ("status", "status=x"),
        ("seller_id", "seller_id=0192f6a2-0000-7000-8000-000000000000"),
        ("sort_by", "sort_by=total"),
    ];
    findings.queries(&one, "/seller/orders", &wrong).await;
    let admin = market.admin("amel").await;
    findings.equal("an admin sells nothing", admin.get("/seller/orders").await.expect(200).data().len(), 0);
    let refused = |caller: &Caller| caller.clone();
    findings.refused("customer", &refused(&amina).get("/seller/orders").await, 403, "FORBIDDEN");
    findings.refused("guest", &market.guest().get("/orders").await, 401, "UNAUTHORIZED");
}
