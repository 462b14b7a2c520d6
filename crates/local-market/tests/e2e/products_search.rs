//! api.md 6.3: what a search finds, and in which order.

use serde_json::json;

use crate::harness::{Caller, Findings, Market};

async fn found(caller: &Caller, query: &str) -> Vec<String> {
    let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let reply = caller.get(&format!("/products/search?q={query}")).await.expect(200);
    assert_eq!(reply.body["meta"]["total"], reply.data().len());
    reply.data().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn words_are_found_in_french_and_arabic_however_they_are_written() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    let products = [
        ("Crème hydratante à l'aloès", None, Some("Peau sèche, 50 ml")),
        ("Çafé moulu", Some("Bonal"), None),
        ("عِطْر العُـــود الأصيل", Some("دار الطيب"), Some("رائحة شرقية مميزة")),
        ("Téléphone 128 Go", Some("Condor"), None),
        ("هاتف ١٢٨ جيغا", None, None),
        ("مؤونة رمضان", None, Some("شيء جميل للعائلة")),
        ("Machine à café", None, Some("Une cafetière en acier")),
    ];
    for (name, brand, description) in products {
        market.product(&seller, json!({ "name": name, "brand": brand, "description": description })).await;
    }
    let (cream, coffee, oud, phone, hatif, pantry, machine) =
        (products[0].0, products[1].0, products[2].0, products[3].0, products[4].0, products[5].0, products[6].0);
    let cases: Vec<(&str, Vec<&str>)> = vec![
        ("creme", vec![cream]),
        ("CRÈME", vec![cream]),
        ("crème aloes", vec![cream]),
        ("aloès  HYDRATANTE", vec![cream]),
        ("hydra", vec![cream]),
        ("dratan", vec![cream]),
        ("seche", vec![cream]),
        ("crème condor", vec![]),
        ("cafe", vec![coffee, machine]),
        ("çafé", vec![coffee, machine]),
        ("afe", vec![machine, coffee]),
        ("bonal", vec![coffee]),
        ("عطر", vec![oud]),
        ("عطر العود", vec![oud]),
        ("الاصيل", vec![oud]),
        ("الأصيل", vec![oud]),
        ("دار", vec![oud]),
        ("شرقيه", vec![oud]),
        ("128", vec![hatif, phone]),
        ("١٢٨", vec![hatif, phone]),
        ("مونه", vec![]),
        ("موونة", vec![pantry]),
        ("شيء", vec![pantry]),
        ("zzzz", vec![]),
        ("hydratente", vec![cream]),
        ("hidratente", vec![]),
        ("condar", vec![phone]),
        ("cafe condar", vec![]),
        ("telephonne condor", vec![phone]),
        ("bonel", vec![coffee]),
        ("bonl", vec![]),
        ("الاسيل", vec![oud]),
        ("عطر العوط", vec![oud]),
        ("cafetiera", vec![]),
    ];
    for (query, wanted) in cases {
        let (mut names, mut wanted): (Vec<String>, Vec<String>) =
            (found(&guest, query).await, wanted.into_iter().map(str::to_owned).collect());
        names.sort();
        wanted.sort();
        findings.equal(query, names, wanted);
    }
}

#[tokio::test]
async fn better_hits_come_first() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    // In the opposite of the wanted order, so that time does not help.
    let products = [
        ("Zest: a typo in a brand", Some("Argen"), None),
        ("Orgon, argam, argun", None, None),
        ("Inside: superargan", None, None),
        ("Beginning in a description", None, Some("arganier du sud")),
        ("Beginning in a brand", Some("Arganier"), None),
        ("Arganier en pot", None, None),
        ("Exact in a description", None, Some("huile d'argan")),
        ("Exact in a brand", Some("Argan"), None),
        ("Older argan", None, None),
        ("Newer argan", None, None),
    ];
    for (name, brand, description) in products {
        market.product(&seller, json!({ "name": name, "brand": brand, "description": description })).await;
    }
    let wanted: Vec<String> = products.iter().rev().map(|(name, ..)| (*name).to_owned()).collect();
    findings.equal("argan", found(&guest, "argan").await, wanted.clone());
    let listed = guest.get("/products?search=argan&sort_by=relevance&sort_order=asc").await.expect(200);
    let names: Vec<&str> = listed.data().iter().map(|row| row["name"].as_str().unwrap()).collect();
    findings.equal("the list sorts alike", names, wanted.iter().map(String::as_str).collect());
    let by_name = guest.get("/products/search?q=argan&sort_by=name&sort_order=asc&limit=2").await.expect(200);
    findings.equal("another order", by_name.data()[0]["name"].clone(), json!("Arganier en pot"));
    findings.equal("pages", by_name.body["meta"]["totalPages"].clone(), json!(5));
    let cheap = guest.get("/products/search?q=argan&max_price=1").await.expect(200);
    findings.equal("filters too", cheap.body["meta"]["total"].clone(), json!(0));
}

#[tokio::test]
async fn no_sign_means_anything_special() {
    let market = Market::start().await;
    let (guest, mut findings) = (market.guest(), Findings::default());
    let seller = market.seller("maison-rym", "grossiste").await;
    market.product(&seller, json!({ "name": "Remise 50% & plus" })).await;
    market.product(&seller, json!({ "name": "Jus d'orange" })).await;
    let signs = [
        "%",
        "_",
        "%%%",
        "'",
        "''",
        "\"",
        "\\",
        "\\'",
        "&",
        "|",
        "!",
        "!!",
        "(",
        ")",
        "<->",
        ":*",
        "a:*",
        "a & b",
        "' OR '1'='1",
        "'; DROP TABLE products; --",
        "$1",
        "{}",
        "[]",
        "*",
        "?",
        "--",
        "/* */",
        "<script>",
        "🌙",
        "\u{200b}",
        "\u{202e}abc",
        "a\tb",
        "NOT",
        "AND",
        "x' UNION SELECT 1",
        "\u{feff}",
        "ـــ",
        "\u{64e}",
    ];
    for sign in signs {
        let query: String = sign.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in ["/products/search?q=", "/products?search=", "/sellers?search="] {
            let reply = guest.get(&format!("{path}{query}")).await;
            findings.check([200, 400].contains(&reply.status), || format!("{path}{sign}: {}", reply.body));
        }
    }
    findings.equal("50", found(&guest, "50").await, vec!["Remise 50% & plus".to_owned()]);
    findings.equal("orange", found(&guest, "orange").await, vec!["Jus d'orange".to_owned()]);
    findings.equal("d'orange", found(&guest, "d'orange").await, vec!["Jus d'orange".to_owned()]);
    for query in ["q=%00", "q=%ff", "q=a%01b"] {
        let reply = guest.get(&format!("/products/search?{query}")).await;
        findings.refused(query, &reply, 400, "VALIDATION_ERROR");
    }
    let long = format!("q={}", "x".repeat(101));
    let wrong = [
        ("q", ""),
        ("q", "q="),
        ("q", "q=+"),
        ("q", long.as_str()),
        ("search", "q=a&search=b"),
        ("sort_by", "q=a&sort_by=x"),
    ];
    findings.queries(&guest, "/products/search", &wrong).await;
    let emoji: String = "%F0%9F%8C%99".repeat(100);
    findings.status("100 signs", &guest.get(&format!("/products/search?q={emoji}")).await, 200);
}
