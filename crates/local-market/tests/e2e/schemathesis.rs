//! The published document is true: Schemathesis asks for everything that it names, well and badly, as four people with
//! different rights, and no answer has a status, content type, header or shape that it does not give.
//!
//! The same requests every time: the seed is fixed, `SCHEMATHESIS_SEED` tries others. Nothing is left out, but two
//! operations are asked for with the token of somebody who may be lost: `DELETE /users/me` would end the caller, and a
//! role once chosen would make it another one. Installed by `make schemathesis`, which `make test` does first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::chance::told;
use crate::harness::{Caller, Market, checkout, eventually, unique};

/// What answers are held against. Whether all data is accepted that the document allows is for our own tests to say:
/// stock, owners and states decide that, too.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,missing_required_header,\
    unsupported_method,allow_header_conformance,ignored_auth,use_after_free";
/// Every limit of every value, each beside good ones; then what chance thinks up, alone and one after the other.
const ALL_PHASES: &str = "examples,coverage,fuzzing,stateful";
/// Who may do little gets little further by the first of these.
const BY_CHANCE: &str = "fuzzing,stateful";
/// Of each operation in each of the last two; `SCHEMATHESIS_EXAMPLES` tries another number.
const EXAMPLES: u64 = 6;
/// All that is wrong is told, as it was sent.
const ALWAYS: &str = "--continue-on-failure --no-shrink --generation-database none \
    --suppress-health-check all --request-timeout 10 --no-color --warnings off --report-json-path report.json";
const SEED: u64 = 20_261_127;

/// What exists, by the name of the dictionary that tells Schemathesis.
type Known = BTreeMap<&'static str, Vec<String>>;

#[tokio::test]
async fn the_document_is_true_for_guests() {
    let (market, known) = filled().await;
    attack(&market, &known, &market.guest(), BY_CHANCE).await;
}

#[tokio::test]
async fn the_document_is_true_for_customers() {
    let (market, mut known) = filled().await;
    let customer = market.user("attacking-customer").await;
    known.insert("lines", vec![buys(&customer, &known).await]);
    attack(&market, &known, &customer, BY_CHANCE).await;
}

#[tokio::test]
async fn the_document_is_true_for_sellers() {
    let (market, mut known) = filled().await;
    let seller = market.seller("attacking-seller", "grossiste").await;
    sells(&market, &seller, &mut known).await;
    attack(&market, &known, &seller, ALL_PHASES).await;
}

#[tokio::test]
async fn the_document_is_true_for_admins() {
    let (market, known) = filled().await;
    let admin = market.admin("attacking-admin").await;
    attack(&market, &known, &admin, ALL_PHASES).await;
}

/// A market in which there is something of everything.
async fn filled() -> (Market, Known) {
    let market = Market::start_with(&[
        ("GATEWAY_RATE_LIMIT_FACTOR", "1000"),
        ("GATEWAY_LIMIT_CHOOSE_ROLE", "1000000"),
        ("GATEWAY_LIMIT_TRACK_ORDER", "1000000"),
        ("GATEWAY_LIMIT_WEBHOOK", "1000000"),
        ("GATEWAY_LIMIT_LIKE", "1000000"),
        ("GATEWAY_LIMIT_COMMENT", "1000000"),
    ])
    .await;
    let mut known = Known::new();
    for name in ["maison-rym", "souk-el-fellah"] {
        let seller = market.seller(name, "grossiste").await;
        sells(&market, &seller, &mut known).await;
    }
    let buyer = market.user("amina-haddad").await;
    let line = buys(&buyer, &known).await;
    known.entry("lines").or_default().push(line);
    let reel = known["reels"][0].clone();
    let said = buyer.post(&format!("/reels/{reel}/comments"), json!({ "content": "Magnifique" })).await.expect(201);
    known.insert("comments", vec![said.body["comment"]["id"].as_str().unwrap().to_owned()]);
    known.entry("users").or_default().push(buyer.id);
    let admin = market.admin("amel-saadi").await;
    let shelf = json!({ "slug": "shelf", "name_fr": "Rayon", "name_ar": "رف" });
    let category = admin.post("/admin/categories", shelf).await.expect(201).text("id");
    known.insert("categories", vec![category]);
    (market, known)
}

/// Publishes some products, sells of them to a guest, and moves an order on.
async fn sells(market: &Market, seller: &Caller, known: &mut Known) {
    for category in ["home", "perfume"] {
        let images = json!(["https://cdn.example.com/1.jpg", "https://cdn.example.com/2.jpg"]);
        let brand = json!({ "category": category, "stock": 1000, "images": images, "brand": "Atlas" });
        let made = market.product(seller, brand).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let placed = market.guest().post("/orders", checkout(&[(&id, 1)])).await.expect(201);
        let order = placed.body["orders"][0]["id"].as_str().unwrap();
        let confirmed = json!({ "status": "confirmed" });
        seller.patch(&format!("/seller/orders/{order}/status"), confirmed).await.expect(200);
        known.entry("orders").or_default().push(order.to_owned());
        known.entry("numbers").or_default().push(placed.body["orders"][0]["order_number"].as_str().unwrap().to_owned());
        known.entry("tracking_tokens").or_default().push(placed.text("tracking_token"));
        known.entry("slugs").or_default().push(made["slug"].as_str().unwrap().to_owned());
        known.entry("images").or_default().push(made["images"][0]["id"].as_str().unwrap().to_owned());
        known.entry("reels").or_default().push(market.reel(seller, &id).await);
        known.entry("products").or_default().push(id);
    }
    known.entry("users").or_default().push(seller.id.clone());
}

/// Orders, fills its cart, and answers the id of the line there.
async fn buys(buyer: &Caller, known: &Known) -> String {
    let product = &known["products"][0];
    buyer.post("/orders", checkout(&[(product, 2)])).await.expect(201);
    let line = json!({ "product_id": known["products"][1], "quantity": 1 });
    let added = buyer.post("/cart/items", line).await.expect(201);
    added.body["item"]["id"].as_str().unwrap().to_owned()
}

/// Lets Schemathesis ask for everything as `caller`, and fails with what it found.
async fn attack(market: &Market, known: &Known, caller: &Caller, phases: &str) {
    let folder = Folder::new();
    let config = folder.0.join("schemathesis.toml");
    std::fs::write(&config, toml::to_string(&settings(market, known, caller).await).unwrap()).unwrap();
    let mut command = schemathesis();
    let seed = told("SCHEMATHESIS_SEED", SEED).to_string();
    command.arg("--config-file").arg(&config).args(["run", "--phases", phases, "--checks", CHECKS, "--seed", &seed]);
    let examples = told("SCHEMATHESIS_EXAMPLES", EXAMPLES);
    command.args(["--max-examples", &examples.to_string()]);
    command.args(ALWAYS.split(' ')).current_dir(&folder.0).stdin(Stdio::null());
    command.arg(format!("http://{}/api/openapi.json", market.gateway()));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));

    let report: Value = serde_json::from_slice(&std::fs::read(folder.0.join("report.json")).unwrap()).unwrap();
    // All but the document itself, which it has read.
    let operations = market.contract.operations().len() as u64 - 1;
    assert_eq!(report["operations"]["tested"], json!(operations), "{report:#}");
    let asked = report["test_cases"]["generated"].as_u64().unwrap();
    assert!(asked > operations * examples * 4 / 5, "only {asked} requests were made");
    let rates = report["valid_rates"].as_object().unwrap().values().flat_map(|phases| phases.as_object().unwrap());
    let accepted: u64 = rates.map(|(_, rate)| rate["accepted"].as_u64().unwrap()).sum();
    assert!(accepted > operations * examples / 10, "only {accepted} requests were good ones");
    // What was written may not contradict itself, once all of it was heard.
    eventually(Duration::from_secs(20), async || market.self_check().await.code == 0).await;
}

/// Who asks, for what there is as well as for what it thinks up, and who takes the place of a caller that may be lost.
async fn settings(market: &Market, known: &Known, caller: &Caller) -> Value {
    let token = |caller: &Caller| json!({ "Authorization": format!("Bearer {}", caller.token()) });
    let dictionaries: Value = known.iter().map(|(name, values)| (*name, json!({ "values": values }))).collect();
    let one_of = |name: &str| json!({ "dictionary": name, "probability": 0.7 });
    let ids =
        |paths: &str, name: &str| json!({ "include-path-regex": paths, "parameters": { "path.id": one_of(name) } });
    let mut operations = vec![
        ids("^/api/v1(/seller)?/products/\\{id\\}", "products"),
        ids("^/api/v1(/seller)?/orders/\\{id\\}", "orders"),
        ids("^/api/v1(/sellers|/admin/users)/\\{id\\}", "users"),
        ids("^/api/v1/cart/items/\\{id\\}", "lines"),
        ids("^/api/v1/admin/categories/\\{id\\}", "categories"),
        ids("^/api/v1/reels/\\{id\\}", "reels"),
        json!({ "include-path-regex": "^/api/v1/reels/comments/", "parameters": { "path.commentId": one_of("comments") } }),
    ];
    if !caller.id.is_empty() {
        let lost =
            [("/api/v1/users/me", "DELETE"), ("/api/v1/auth/sync-role", "POST"), ("/api/v1/auth/register", "POST")];
        for (path, method) in lost {
            let other = market.user(&unique("somebody-who-may-be-lost")).await;
            operations.push(json!({ "include-path": path, "include-method": method, "headers": token(&other) }));
        }
    }
    json!({
        "headers": if caller.id.is_empty() { json!({}) } else { token(caller) },
        "dictionaries": dictionaries,
        "parameters": {
            "path.imageId": one_of("images"),
            "path.slug": one_of("slugs"),
            "query.seller_id": one_of("users"),
            "query.user_id": one_of("users"),
            "query.order_number": one_of("numbers"),
            "header.X-Tracking-Token": one_of("tracking_tokens"),
            "body.product_id": one_of("products"),
            "body.items[*].product_id": one_of("products"),
        },
        "operations": operations,
    })
}

/// The program, from where `make schemathesis` puts it.
fn schemathesis() -> Command {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/tools/schemathesis");
    assert!(
        installed.join("schemathesis").is_dir(),
        "Schemathesis is not in {}: `make schemathesis` puts it there, with python3 and its pip, from PyPI",
        installed.display()
    );
    let mut command = Command::new("python3");
    command.args(["-m", "schemathesis.cli"]).env("PYTHONPATH", installed);
    command
}

/// A folder of its own, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("{}-{}", unique("zst-schemathesis"), std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left for the system to sweep if it cannot be removed.
        let _kept = std::fs::remove_dir_all(&self.0);
    }
}
