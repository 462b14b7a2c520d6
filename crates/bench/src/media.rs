//! Files: the worker's pictures beside those of sharp, and uploads beside what the bucket itself takes.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::future::try_join_all;
use media_files::picture::{Picture, thumbnail_of};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::market::Market;
use crate::table::Row;

const COMPARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/compare/pictures.mjs");
/// Where `make bench` puts sharp.
const SHARP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/sharp");
/// Of each measurement.
const SECONDS: u64 = 8;
const CORES: usize = 2;
const SENDERS: usize = 16;
/// Pictures straight to the bucket: an account may have fifty leaves.
const LEAVES_EACH: usize = 25;
const PICTURE: usize = 2 * 1024 * 1024;
const VIDEO: usize = 100 * 1024 * 1024;
const VIDEOS: usize = 4;
const BOUNDARY: &str = "----bench-8c1f2a77";

/// Pictures that are made anew in each run.
struct Photos(PathBuf);

impl Photos {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("zst-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// A JPEG of this many pixels as a phone writes it: colours at half the resolution, and `grain`, without which there
    /// would be little in it to read and to write.
    async fn jpeg(&self, width: u32, height: u32, grain: u8) -> Result<PathBuf> {
        let path = self.0.join(format!("{width}.jpg"));
        // ffmpeg draws no larger one.
        let drawn = match width {
            ..=4_096 => format!("mandelbrot=size={width}x{height}"),
            _ => format!("mandelbrot=size={}x{},scale={width}:{height}", width / 2, height / 2),
        };
        let scene = format!("{drawn},noise=alls={grain}:all_seed=1");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", &scene, "-frames:v", "1"])
            .args(["-pix_fmt", "yuvj420p", "-q:v", "2"])
            .arg(&path)
            .status()
            .await;
        ensure!(made.context("ffmpeg does not start")?.success(), "ffmpeg makes no picture");
        Ok(path)
    }
}

impl Drop for Photos {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What the worker does, without storage.
pub(crate) async fn pictures() -> Result<Vec<Row>> {
    let photos = Photos::new()?;
    let photo = photos.jpeg(4_000, 3_000, 20).await?;
    let bytes = Arc::new(std::fs::read(&photo)?);
    let thumbnails = rate(Arc::clone(&bytes), |bytes| drop(thumbnail_of(bytes).expect("it is a picture")))?;
    let steps = rate(bytes, |bytes| {
        let picture = Picture::open(bytes).expect("it is a picture");
        drop((picture.served(), picture.thumbnail()));
    })?;
    let sharp = sharp(&photo).await?;
    let of = |name: &str| sharp[name].as_f64().context("sharp told no figure");
    let (their_thumbnails, their_steps) = (of("thumbnails")?, of("steps")?);
    let large = photos.jpeg(8_000, 5_000, 20).await?;
    Ok(vec![
        beside("thumbnail of a 12-megapixel photograph of 4 MB, both cores", thumbnails, their_thumbnails),
        beside("served copy and thumbnail of the same, both cores", steps, their_steps),
        memory(peak(&large).await?),
    ])
}

fn beside(path: &'static str, ours: f64, theirs: f64) -> Row {
    let ratio = ours / theirs;
    Row {
        path,
        measured: format!("{ours:.1} / s = {ratio:.2} of sharp"),
        limit: format!("{theirs:.1} / s, sharp"),
        must: "1.0",
        goal: "1.3",
        reached: ratio >= 1.0,
    }
}

fn memory(megabytes: f64) -> Row {
    Row {
        path: "peak memory of one picture of 40 megapixels, decoded, copied and made small",
        measured: format!("{megabytes:.0} MB"),
        limit: String::new(),
        must: "300 MB",
        goal: "200 MB",
        reached: megabytes <= 300.0,
    }
}

/// How often both cores do it in a second.
fn rate(bytes: Arc<Vec<u8>>, work: impl Fn(&[u8]) + Copy + Send + 'static) -> Result<f64> {
    let began = Instant::now();
    let threads: Vec<_> = (0..CORES)
        .map(|_| {
            let bytes = Arc::clone(&bytes);
            std::thread::spawn(move || {
                let mut done = 0_u32;
                while began.elapsed() < Duration::from_secs(SECONDS) {
                    work(&bytes);
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for thread in threads {
        done += thread.join().map_err(|_panicked| anyhow::anyhow!("a picture was not made"))?;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}

async fn sharp(photo: &Path) -> Result<Value> {
    let run = Command::new("node")
        .args([COMPARE, SHARP])
        .arg(photo)
        .arg(SECONDS.to_string())
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("node does not start")?;
    ensure!(run.status.success(), "sharp makes no pictures: `make bench` installs it");
    Ok(serde_json::from_slice(&run.stdout)?)
}

/// Of a process that does nothing else, in megabytes.
async fn peak(photo: &Path) -> Result<f64> {
    let run =
        Command::new(std::env::current_exe()?).arg("picture").arg(photo).stderr(Stdio::inherit()).output().await?;
    ensure!(run.status.success(), "a large picture is not made");
    Ok(String::from_utf8(run.stdout)?.trim().parse()?)
}

/// Makes what is made of a picture, and prints the most memory that this process had, in megabytes.
pub(crate) fn make_and_measure(photo: &Path) -> Result<()> {
    let bytes = std::fs::read(photo)?;
    let picture = Picture::open(&bytes).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    drop(bytes);
    drop((picture.served(), picture.thumbnail()));
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no peak is told")?;
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse()?;
    crate::println(&format!("{:.1}", kilobytes / 1024.0));
    Ok(())
}

/// Through the gateway, beside the same bytes written straight to the bucket.
pub(crate) async fn uploads(market: &Market) -> Result<Vec<Row>> {
    let photos = Photos::new()?;
    let picture = std::fs::read(photos.jpeg(2_048, 1_536, 60).await?)?;
    ensure!(picture.len().abs_diff(PICTURE) < PICTURE / 10, "the picture has {} bytes", picture.len());
    let senders = try_join_all((0..SENDERS).map(|number| sender(market, number))).await?;
    crate::say("Pictures straight to the bucket, and through the gateway");
    let straight = straight_pictures(market, &senders, &picture).await?;
    let through = through_pictures(market, &senders, &picture).await?;
    crate::say("Videos likewise");
    let (seller, product) = shop(market).await?;
    let mut video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    video.resize(VIDEO, 0);
    let straight_video = straight_videos(market, &seller, &product, &video).await?;
    let through_video = through_videos(market, &seller, &product, &video).await?;
    let ratio = through_video / straight_video;
    Ok(vec![
        Row {
            path: "2 MB photograph of 3 megapixels through the gateway, 16 at once, until its served copy is there",
            measured: format!("{through:.1} / s = {:.2} of straight", through / straight),
            limit: format!("{straight:.1} / s, the same bytes straight to the bucket"),
            must: "30 / s",
            goal: "",
            reached: through >= 30.0,
        },
        Row {
            path: "100 MB video through the gateway",
            measured: format!("{through_video:.0} MB / s = {ratio:.2} of straight"),
            limit: format!("{straight_video:.0} MB / s, straight to the bucket"),
            must: "0.5",
            goal: "0.8",
            reached: ratio >= 0.5,
        },
    ])
}

async fn sender(market: &Market, number: usize) -> Result<String> {
    let token = market.token(&format!("bench-sender-{}-{number}", std::process::id())).await?;
    market.get("/auth/me", Some(&token)).await?;
    Ok(token)
}

/// A seller of the demo market, and one of its products.
async fn shop(market: &Market) -> Result<(String, String)> {
    let token = market.token("demo-grossiste").await?;
    let own = market.get("/seller/products?limit=1", Some(&token)).await?;
    let product = own["data"][0]["id"].as_str().context("the shop is empty")?.to_owned();
    Ok((token, product))
}

async fn straight_pictures(market: &Market, senders: &[String], picture: &[u8]) -> Result<f64> {
    let body = Bytes::copy_from_slice(picture);
    let wish = json!({ "kind": "avatar", "content_type": "image/jpeg", "size_bytes": picture.len() });
    let leaves = try_join_all(senders.iter().map(async |token| {
        let mut leaves = Vec::new();
        for _ in 0..LEAVES_EACH {
            leaves.push(market.post("/storage/uploads", token, &wish).await?);
        }
        anyhow::Ok(leaves)
    }))
    .await?;
    let began = Instant::now();
    try_join_all(leaves.iter().map(async |leaves| {
        for leave in leaves {
            put(market, leave, &body).await?;
        }
        anyhow::Ok(())
    }))
    .await?;
    Ok((SENDERS * LEAVES_EACH) as f64 / began.elapsed().as_secs_f64())
}

async fn through_pictures(market: &Market, senders: &[String], picture: &[u8]) -> Result<f64> {
    let body = Bytes::from(form(picture));
    let (done, began) = (AtomicU64::new(0), Instant::now());
    try_join_all(senders.iter().map(async |token| {
        while began.elapsed() < Duration::from_secs(SECONDS) {
            send(market, "/storage/upload-image", token, &body).await?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        anyhow::Ok(())
    }))
    .await?;
    Ok(done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

async fn straight_videos(market: &Market, token: &str, product: &str, video: &[u8]) -> Result<f64> {
    let body = Bytes::copy_from_slice(video);
    let wish =
        json!({ "kind": "reel_video", "product_id": product, "content_type": "video/mp4", "size_bytes": video.len() });
    let mut time = Duration::ZERO;
    for _ in 0..VIDEOS {
        let leave = market.post("/storage/uploads", token, &wish).await?;
        let began = Instant::now();
        put(market, &leave, &body).await?;
        time += began.elapsed();
    }
    Ok(megabytes(VIDEOS * VIDEO) / time.as_secs_f64())
}

async fn through_videos(market: &Market, token: &str, product: &str, video: &[u8]) -> Result<f64> {
    let body = Bytes::from(form(video));
    let mut time = Duration::ZERO;
    for _ in 0..VIDEOS {
        let began = Instant::now();
        let sent = send(market, &format!("/storage/reels/{product}/video"), token, &body).await?;
        time += began.elapsed();
        // Its worker fetches it now: that is no part of sending, and the next one shall not wait for it.
        let path = format!("/storage/uploads/{}", sent["upload_id"].as_str().context("it has no id")?);
        while market.get(&path, Some(token)).await?["status"] == "processing" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(megabytes(VIDEOS * VIDEO) / time.as_secs_f64())
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_048_576.0
}

async fn put(market: &Market, leave: &Value, body: &Bytes) -> Result<()> {
    let mut request = market.http().put(leave["url"].as_str().context("there is no address")?).body(body.clone());
    for (name, value) in leave["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let answer = request.send().await?;
    ensure!(answer.status().is_success(), "the bucket answers {}", answer.status());
    Ok(())
}

async fn send(market: &Market, path: &str, token: &str, body: &Bytes) -> Result<Value> {
    let url = format!("http://{}/api/v1{path}", market.address());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = market.http().post(url).bearer_auth(token).header("Content-Type", kind).body(body.clone());
    let answer = request.send().await?;
    let status = answer.status();
    ensure!(status.as_u16() == 201, "{status}: {}", answer.text().await?);
    Ok(answer.json().await?)
}

fn form(file: &[u8]) -> Vec<u8> {
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: image/jpeg";
    let (head, end) = (format!("--{BOUNDARY}\r\n{head}\r\n\r\n"), format!("\r\n--{BOUNDARY}--\r\n"));
    [head.as_bytes(), file, end.as_bytes()].concat()
}
