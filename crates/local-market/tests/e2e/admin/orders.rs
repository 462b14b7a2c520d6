use serde_json::{Value, json};

use crate::harness::databases::execute;
use crate::harness::shapes::{ORDER, PUBLIC_USER, and, exactly};
use crate::harness::{Findings, Market, checkout};

#[tokio::test]
async fn everybodys_orders_are_listed_with_both_parties_and_narrowed() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (admin, amina) = (market.admin("amel").await, market.user("amina").await);
    let (one, two) = (market.seller("maison-one", "grossiste").await, market.seller("maison-two", "grossiste").await);
    let pot = market.product_id(&one, json!({ "stock": 10 })).await;
    let pan = market.product_id(&two, json!({ "stock": 10 })).await;
    let place = async |caller: &crate::harness::Caller, product: &str, name: &str| {
        let mut body = checkout(&[(product, 1)]);
        body["customer_name"] = json!(name);
        caller.post("/orders", body).await.expect(201).body["orders"][0].clone()
    };
    let first = place(&amina, &pot, "Amina Haddâd").await;
    let second = place(&market.guest(), &pan, "Karim Ziani").await;
    let (first_id, second_id) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    for status in ["confirmed", "processing", "shipped", "delivered"] {
        one.patch(&format!("/seller/orders/{first_id}/status"), json!({ "status": status })).await.expect(200);
    }

    let page = admin.get("/admin/orders").await.expect(200);
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    findings.equal("newest first", ids(page.data()), vec![second_id.to_owned(), first_id.to_owned()]);
    for row in page.data() {
        exactly(row, &and(ORDER, "user"));
        exactly(&row["seller"], PUBLIC_USER);
    }
    findings.equal("a guest's", page.data()[0]["user"].clone(), Value::Null);
    findings.equal("the buyer", page.data()[1]["user"]["id"].clone(), json!(amina.id));
    findings.equal("the seller", page.data()[1]["seller"]["id"].clone(), json!(one.id));
    findings.equal("contact data", page.data()[1]["customer_phone"].clone(), json!("+213555123456"));

    let found = async |query: &str| {
        let page = admin.get(&format!("/admin/orders?{query}")).await.expect(200);
        assert_eq!(page.body["meta"]["total"], page.data().len(), "{query}");
        ids(page.data())
    };
    let number = second["order_number"].as_str().unwrap().to_lowercase();
    execute(
        &market.databases.ordering,
        &format!("UPDATE orders SET created_at = '2026-11-21T23:00:00Z' WHERE id = '{first_id}'"),
    )
    .await;
    let (only_first, only_second) = (vec![first_id.to_owned()], vec![second_id.to_owned()]);
    for (query, wanted) in [
        ("status=delivered".to_owned(), &only_first),
        ("payment_status=paid".to_owned(), &only_first),
        ("payment_status=pending".to_owned(), &only_second),
        (format!("seller_id={}", two.id), &only_second),
        (format!("user_id={}", amina.id), &only_first),
        ("date_from=2026-11-22&date_to=2026-11-22".to_owned(), &only_first),
        ("search=haddad".to_owned(), &only_first),
        (format!("search={number}"), &only_second),
        (format!("search=3456&seller_id={}", one.id), &only_first),
        ("kind=b2b".to_owned(), &Vec::new()),
        (format!("user_id={}&status=pending", amina.id), &Vec::new()),
    ] {
        findings.equal(&query, found(&query).await, wanted.clone());
    }
    findings.equal("retail", found("kind=retail").await.len(), 2);
    let wrong = [
        ("status", "status=lost"),
        ("payment_status", "payment_status=Paid"),
        ("kind", "kind=wholesale"),
        ("seller_id", "seller_id=1"),
        ("user_id", "user_id=me"),
        ("date_from", "date_from=2026-13-01"),
        ("date_from", "date_from=2026-11-23&date_to=2026-11-22"),
        ("search", "search=x"),
        ("limit", "limit=0"),
        ("phone", "phone=0555123456"),
    ];
    findings.queries(&admin, "/admin/orders", &wrong).await;
}
