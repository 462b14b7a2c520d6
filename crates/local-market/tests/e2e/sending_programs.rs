//! Files as real programs send them: curl, React Native's `FormData`, `fetch` with the `FormData` of browsers.

use serde_json::Value;
use tokio::process::Command;

use crate::harness::Market;
use crate::harness::files::{fetch, jpeg};

/// Sends a form, then asks for leave, writes the file and completes; prints the two uploads.
const FETCH: &str = r#"
const [base, token, path] = process.argv.slice(1);
const bytes = require('fs').readFileSync(path);
const headers = { Authorization: `Bearer ${token}` };
const read = async answer => { if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`); return answer.json(); };
(async () => {
  const form = new FormData();
  form.append('image', new Blob([bytes], { type: 'image/jpeg' }), 'صورة.jpg');
  const sent = await read(await fetch(`${base}/storage/upload-image`, { method: 'POST', headers, body: form }));
  const leave = await read(await fetch(`${base}/storage/uploads`, {
    method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'avatar', content_type: 'image/jpeg', size_bytes: bytes.length }),
  }));
  const put = await fetch(leave.url, { method: leave.method, headers: leave.headers, body: bytes });
  if (!put.ok) throw new Error(`${put.status} ${await put.text()}`);
  const done = await read(await fetch(`${base}/storage/uploads/${leave.upload_id}/complete`, { method: 'POST', headers }));
  console.log(JSON.stringify([sent, done]));
})();
"#;

#[tokio::test]
async fn programs_of_all_sorts_send_pictures() {
    let market = Market::start().await;
    let amina = market.user("amina").await;
    let folder = std::env::temp_dir().join(format!("zst-sent-{}", service_runtime::Ids.next::<uuid::Uuid>()));
    std::fs::create_dir(&folder).unwrap();
    let photo = folder.join("photo.jpg");
    std::fs::write(&photo, jpeg()).unwrap();
    let base = format!("{}/api/v1", market.url());

    let form = format!("image=@{}", photo.display());
    let sign = format!("Authorization: Bearer {}", amina.token());
    let url = format!("{base}/storage/upload-image");
    let sent =
        Command::new("curl").args(["-sS", "--fail-with-body", "-F", &form, "-H", &sign, &url]).output().await.unwrap();
    assert!(sent.status.success(), "{sent:?}");
    assert_shown(&serde_json::from_slice(&sent.stdout).unwrap()).await;

    let run = Command::new("node").args(["-e", FETCH, &base, amina.token()]).arg(&photo).output().await.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let both: [Value; 2] = serde_json::from_slice(&run.stdout).unwrap();
    assert_shown(&both[0]).await;
    assert!(["processing", "ready"].contains(&both[1]["status"].as_str().unwrap()), "{}", both[1]);

    // React Native writes the names of headers small, and the file's name twice.
    let boundary = "kYFrd4jNJEgXERDkjmHc0dOjOs5aq1Wp2A5RW3HJvZkYoE2pyKHKtHqI7Hf-Yaq0n9xK3k";
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"image\"; filename=\"IMG_0001.jpg\"; \
         filename*=utf-8''IMG_0001.jpg\r\ncontent-type: image/jpeg\r\n\r\n"
    );
    let body = [head.as_bytes(), &jpeg(), format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    let kind = format!("multipart/form-data; boundary=\"{boundary}\"");
    let sent = amina.post_as("/storage/upload-image", &kind, body).await.expect(201);
    assert_shown(&sent.body).await;
    std::fs::remove_dir_all(folder).unwrap();
}

async fn assert_shown(sent: &Value) {
    let served = fetch(sent["url"].as_str().unwrap_or_else(|| panic!("no address in {sent}"))).await.unwrap();
    assert!(image::load_from_memory(&served).is_ok());
}
