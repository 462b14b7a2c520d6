//! The published document names every operation of the index and no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::access_matrix::{INDEX, operations};
use crate::harness::{Caller, Findings, Market, checkout, unique};

/// Swagger UI's own files; what they are called is not part of the contract.
const ASSETS: &str = "/api/docs/{asset}";

#[tokio::test]
async fn the_document_names_every_operation_and_no_other() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let documented: BTreeSet<(String, String)> =
        market.contract.operations().into_iter().filter(|(_, path)| path != ASSETS).collect();
    let wanted: BTreeSet<(String, String)> = operations().collect();
    findings.equal("not in the document", wanted.difference(&documented).collect::<Vec<_>>(), vec![]);
    findings.equal("not in the index", documented.difference(&wanted).collect::<Vec<_>>(), vec![]);
    assert_eq!(INDEX.len(), 60 + 23);

    // The router knows the same methods of each path: a method that no path has tells them.
    let paths: BTreeSet<&String> = documented.iter().map(|(_, path)| path).collect();
    for path in paths {
        let real = path.replace("{phone}", "0555123456").replace("{slug}", "x");
        let real: String = real
            .split('/')
            .map(|part| if part.starts_with('{') { "0192f6a2-0000-7000-8000-000000000000" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let (status, answer) = market.raw_path("LINK", &real, "").await;
        findings.equal(&real, status, 405);
        let allow = answer.lines().find_map(|line| line.to_lowercase().strip_prefix("allow: ").map(str::to_uppercase));
        let found: BTreeSet<String> =
            allow.unwrap_or_default().split(',').map(|one| one.trim().to_owned()).filter(|one| one != "HEAD").collect();
        let methods = documented.iter().filter(|(_, other)| other == path).map(|(method, _)| method.clone()).collect();
        findings.equal(&real, found, methods);
    }
}

#[tokio::test]
async fn the_document_is_strict_and_whole() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let document = market.contract.document();
    findings.equal("bearer", document["components"]["securitySchemes"]["bearer"]["scheme"].clone(), json!("bearer"));
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_default();
            findings.check(!id.is_empty() && ids.insert(id.to_owned()), || format!("{name}: operationId `{id}`"));
            let has_summary = ["summary", "description"].iter().any(|text| operation[text].is_string());
            findings.check(has_summary, || format!("{name} says nothing of itself"));
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !body.is_null() {
                let schema = resolve(document, body);
                let is_closed =
                    schema["additionalProperties"] == json!(false) || schema["unevaluatedProperties"] == json!(false);
                findings.check(is_closed, || format!("{name}: other members are allowed: {schema}"));
                for status in ["400", "413", "415"] {
                    findings.check(operation["responses"].get(status).is_some(), || format!("{name} lacks {status}"));
                }
            }
            if path.starts_with("/api/v1") {
                for status in ["400", "401", "403", "429", "500", "503"] {
                    // Whoever signs a webhook needs no token.
                    if path.ends_with("/webhooks/clerk") && ["401", "403"].contains(&status) {
                        continue;
                    }
                    findings.check(operation["responses"].get(status).is_some(), || format!("{name} lacks {status}"));
                }
            }
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let in_path: BTreeSet<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            findings.equal(&name, declared, in_path);
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        findings.check(document.pointer(reference).is_some(), || format!("{reference} leads nowhere"));
    }
}

#[tokio::test]
async fn null_is_taken_where_the_document_says_so_and_nowhere_else() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let document = market.contract.document();
    let (seller, admin) = (market.seller("maison-rym", "grossiste").await, market.admin("amel").await);
    let buyer = market.user("amina").await;
    let product = market.product(&seller, json!({ "images": ["https://cdn.example.com/1.jpg"] })).await;
    let id = product["id"].as_str().unwrap();
    let order = buyer.post("/orders", checkout(&[(id, 1)])).await.expect(201).body["orders"][0]["id"].clone();
    let line = buyer.post("/cart/items", json!({ "product_id": id, "quantity": 1 })).await.expect(201).body;
    let shelf = json!({ "slug": unique("shelf"), "name_fr": "Rayon", "name_ar": "رف" });
    let category = admin.post("/admin/categories", shelf).await.expect(201).text("id");
    let whose = |path: &str| -> (&Caller, &str) {
        match path.split('/').nth(3).unwrap() {
            "admin" if path.contains("/users/") => (&admin, &buyer.id),
            "admin" => (&admin, &category),
            "users" => (&buyer, ""),
            "cart" => (&buyer, line["item"]["id"].as_str().unwrap()),
            _ if path.contains("/orders/") => (&seller, order.as_str().unwrap()),
            _ => (&seller, id),
        }
    };
    let mut members = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let schema = &item["patch"]["requestBody"]["content"]["application/json"]["schema"];
        let properties = resolve(document, schema)["properties"].as_object();
        for (name, property) in properties.into_iter().flatten() {
            members += 1;
            let (caller, id) = whose(path);
            let path = path
                .replace("{id}", id)
                .replace("{commentId}", id)
                .replace("{imageId}", product["images"][0]["id"].as_str().unwrap());
            let reply = caller.patch(&path, json!({ name.as_str(): null })).await;
            let details = reply.body["details"].as_array().into_iter().flatten();
            let is_refused = reply.status == 400 && details.into_iter().any(|detail| detail["field"] == name.as_str());
            findings.equal(&format!("null for {name} of {path}"), !is_refused, may_be_null(property));
        }
    }
    findings.check(members > 50, || format!("only {members} members were tried"));
}

fn may_be_null(schema: &Value) -> bool {
    let of_type = |schema: &Value| {
        schema["type"] == "null" || schema["type"].as_array().is_some_and(|all| all.contains(&json!("null")))
    };
    of_type(schema) || schema["oneOf"].as_array().is_some_and(|all| all.iter().any(of_type))
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    // A body that may be left out is one of its shape and nothing.
    let shape = schema["oneOf"].as_array().and_then(|all| all.iter().find(|one| one["$ref"].is_string()));
    let schema = shape.unwrap_or(schema);
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => schema,
    }
}
