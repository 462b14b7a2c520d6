//! The first purchase of the README works as printed, but for the ports.

use serde_json::json;
use tokio::process::Command;

use crate::harness::Market;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
const HEADING: &str = "## A first purchase\n";

/// What stands in the `sh` blocks below the heading, one after the other.
fn script() -> String {
    let readme = std::fs::read_to_string(README).unwrap();
    let section = readme.split_once(HEADING).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    blocks.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_first_purchase_works_as_printed() {
    let market = Market::start().await;
    for (name, category) in [("demo-grossiste", "grossiste"), ("demo-fournisseur", "fournisseur")] {
        let seller = market.seller(name, category).await;
        market.product(&seller, json!({ "name": "Parfum d'ambre", "min_order_quantity": 2 })).await;
    }
    let script = script();
    let gateway = format!("http://{}", market.gateway());
    let moved = script.replace("http://127.0.0.1:8080", &gateway).replace("http://127.0.0.1:8090", market.clerk.url());
    assert_ne!(moved, script);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let run = Command::new("bash").args(["-e", "-c", &moved]).current_dir(root).output().await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    for word in ["\"checkout_id\"", "confirmed", "processing", "shipped", "delivered", "\"payment_status\":\"paid\""] {
        assert!(said.contains(word), "{word} is not said: {said}");
    }
}
