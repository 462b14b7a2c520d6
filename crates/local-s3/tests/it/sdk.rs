//! The bucket as the AWS SDK for JavaScript sees it, which signs addresses in its own way.

use local_s3::LocalS3;
use serde_json::{Value, json};
use tokio::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/sdk.mjs");
/// Where `make test` puts it.
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/sdk");

#[tokio::test]
async fn the_sdk_of_aws_is_answered_as_by_s3() {
    let s3 = LocalS3::temporary().unwrap();
    let options = s3.options();
    let run = Command::new("node")
        .args([SCRIPT, SDK, &s3.endpoint(), &options.bucket, &options.access_key, &options.secret_key])
        .output()
        .await
        .expect("this test needs node");
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "is the SDK there (make sdk)? {told}");
    let answers: Value = serde_json::from_slice(&run.stdout).unwrap();
    let expected = json!({
        "otherType": 403, "otherLength": 403, "first": 200, "second": 412,
        "head": ["image/jpeg", 100_000], "same": true,
        "list": [["own/parts", 5_342_880], ["own/whole", 100_000]],
        "gone": "NotFound",
    });
    assert_eq!(answers, expected);
}
