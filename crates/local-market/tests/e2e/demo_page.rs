//! The demo page, in two windows of a real browser.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::Market;
use crate::harness::files::{jpeg, video};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/socket-client/demo.mjs");
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/socket-client");

#[tokio::test]
async fn what_is_done_in_one_window_is_seen_in_the_other() {
    assert!(Path::new(INSTALLED).join("node_modules").exists(), "`make socket-client` installs what is missing");
    let market = Market::start().await;
    let seller = market.seller("demo-grossiste", "grossiste").await;
    let product = market.product_id(&seller, json!({ "name": "Tapis berbère", "stock": 5 })).await;
    market.reel(&seller, &product).await;

    let pictures = std::env::temp_dir().join(format!("zst-demo-{}", service_runtime::Ids.next::<uuid::Uuid>()));
    std::fs::create_dir(&pictures).unwrap();
    let mut command = Command::new("node");
    let files = pictures.with_extension("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("photo.jpg"), jpeg()).unwrap();
    std::fs::write(files.join("clip.mp4"), video()).unwrap();
    command.arg(SCRIPT).arg(INSTALLED).arg(market.clerk.url()).arg(&pictures).arg(&files);
    let seen = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(seen.status.success(), "{}", String::from_utf8_lossy(&seen.stderr));
    assert_eq!(std::fs::read_dir(&pictures).unwrap().count(), 5, "pictures");
    for folder in [pictures, files] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}
