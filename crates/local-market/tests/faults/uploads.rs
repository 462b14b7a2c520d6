//! Files on their way: large ones in little memory, and none that was accepted is lost when media dies (U1–U4).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use futures::{Stream, StreamExt, stream};
use reqwest::Body;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::harness::databases::number;
use crate::harness::files::{Form, jpeg};
use crate::harness::{Caller, Cluster, Plan, eventually, new_product, unique};

const SOON: Duration = Duration::from_secs(90);
const SENDERS: usize = 20;
/// Of each file, the largest that is taken: in memory they would be 2 GB.
const SIZE: usize = 100 * 1024 * 1024;
const PIECE: usize = 64 * 1024;
/// On a slow network: bytes of a second, and for how long such files are watched. Held, they would be 100 MB.
const SLOW: usize = 200_000;
const WATCHED: usize = 25;
/// Of gateway and media together, above what they had before.
const ROOM: u64 = 64 * 1024 * 1024;

/// Somebody who sells, and a product of theirs.
async fn shop(cluster: &Cluster) -> (Caller, String) {
    let seller = cluster.seller().await;
    let product = seller.post("/products", new_product(json!({ "images": [] }))).await.expect(201).text("id");
    (seller, product)
}

const HEAD: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

/// A form with a file of this size that looks like a video, made while it is sent.
fn video_form(size: usize) -> Body {
    let zeros = Bytes::from(vec![0; PIECE]);
    let rest = size - HEAD.len();
    let pieces = stream::iter((0..rest).step_by(PIECE).map(move |at| Ok(zeros.slice(..PIECE.min(rest - at)))));
    form_of(pieces, Ok([b"\r\n", Form::new().whole().as_slice()].concat()))
}

/// One that breaks off after so many pieces.
fn broken_form(pieces: usize) -> Body {
    let zeros = Bytes::from(vec![0; PIECE]);
    form_of(stream::iter((0..pieces).map(move |_| Ok(zeros.clone()))), Err(std::io::ErrorKind::BrokenPipe.into()))
}

/// One on a slow network, which breaks off when it was watched long enough.
fn slow_form() -> Body {
    const PIECES: usize = 10;
    let zeros = Bytes::from(vec![0; SLOW / PIECES]);
    let clock = tokio::time::interval(Duration::from_secs(1) / PIECES as u32);
    let pieces = stream::unfold(clock, move |mut clock| {
        let piece = zeros.clone();
        async move {
            clock.tick().await;
            Some((Ok(piece), clock))
        }
    });
    form_of(pieces.take(PIECES * WATCHED), Err(std::io::ErrorKind::BrokenPipe.into()))
}

fn form_of(
    pieces: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    last: std::io::Result<Vec<u8>>,
) -> Body {
    let head = Form::new().file("file", ("clip.mp4", "video/mp4"), HEAD).broken_off();
    let head = head[..head.len() - 2].to_vec();
    Body::wrap_stream(stream::iter([Ok(head.into())]).chain(pieces).chain(stream::iter([last.map(Bytes::from)])))
}

/// Sends it; the status, or nothing where the connection broke.
async fn send(cluster: &Cluster, seller: &Caller, product: &str, body: Body) -> Option<u16> {
    let url = format!("http://{}/api/v1/storage/reels/{product}/video", cluster.place("gateway").addr());
    let request = cluster.http.post(url).bearer_auth(seller.token()).header("Content-Type", Form::CONTENT_TYPE);
    // A debug build takes its time for two gigabytes.
    let request = request.timeout(Duration::from_secs(200)).body(body);
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

fn memory(cluster: &Cluster) -> u64 {
    ["gateway", "media"].into_iter().map(|name| cluster.resident(name)).sum()
}

/// The most that gateway and media had at any of many moments of the work.
async fn peak_during<T>(cluster: &Cluster, work: impl Future<Output = T>) -> (u64, T) {
    let (ended, mut until) = watch::channel(false);
    let watched = async {
        let mut peak = 0;
        while !*until.borrow() {
            peak = peak.max(memory(cluster));
            drop(tokio::time::timeout(Duration::from_millis(20), until.changed()).await);
        }
        peak
    };
    let worked = async {
        let done = work.await;
        ended.send_replace(true);
        done
    };
    tokio::join!(watched, worked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_files_pass_through_little_memory_and_broken_ones_leave_nothing() {
    let spool = std::env::temp_dir().join(format!("zst-spool-{}", unique("large")));
    let cluster = Plan::new()
        .with("MEDIA_SPOOL", spool.to_str().unwrap())
        .with("MEDIA_ROLE", "api")
        // Of twenty at once one may wait for its turn.
        .with("MEDIA_STALL", "30s")
        .with("GATEWAY_LIMIT_UPLOAD", "1000")
        .start()
        .await;
    let (seller, product) = shop(&cluster).await;
    assert_eq!(send(&cluster, &seller, &product, video_form(PIECE)).await, Some(201));
    let before = memory(&cluster);
    // The limit's last byte passes; what one more does, storage's tests tell.
    let all = join_all((0..SENDERS).map(|_| send(&cluster, &seller, &product, video_form(SIZE))));
    let (peak, statuses) = peak_during(&cluster, all).await;
    let told = || format!("{}\n{}", cluster.told("gateway"), cluster.told("media"));
    assert!(statuses.iter().all(|status| *status == Some(201)), "{statuses:?} {}", told());
    assert!(peak < before + ROOM, "{} MB more", (peak - before) >> 20);

    // Of those who go away nothing stays: no row, no object, no file.
    let objects = cluster.bucket.keys();
    let slow = join_all((0..SENDERS).map(|_| send(&cluster, &seller, &product, slow_form())));
    let (peak, slow) = peak_during(&cluster, slow).await;
    assert!(peak < before + ROOM, "{} MB more while they are slow", (peak - before) >> 20);
    let broken = join_all((0..SENDERS).map(|_| send(&cluster, &seller, &product, broken_form(40)))).await;
    assert!(slow.iter().chain(&broken).all(|status| *status != Some(201)), "{slow:?} {broken:?}");
    let is_empty = || std::fs::read_dir(&spool).is_ok_and(|mut files| files.next().is_none());
    eventually(SOON, async || is_empty()).await;
    assert_eq!(number(&cluster.databases.media, "SELECT count(*) FROM uploads").await, SENDERS as i64 + 1);
    assert_eq!((cluster.bucket.keys(), cluster.bucket.open_uploads()), (objects, 0));
    cluster.end_all();
    std::fs::remove_dir_all(spool).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_is_shown_once_however_often_media_dies() {
    let cluster = Plan::new()
        .with("MEDIA_LEASE", "1s")
        .with("MEDIA_RETRY_PAUSE", "100ms")
        .with("GATEWAY_LIMIT_UPLOAD", "1000")
        .start()
        .await;
    let (seller, product) = shop(&cluster).await;
    // Leave first: what follows needs no answer of media's but the completions'.
    let leave = json!({ "kind": "product_image", "product_id": product, "content_type": "image/jpeg",
        "size_bytes": jpeg().len() });
    let mut leaves = Vec::new();
    for _ in 0..12 {
        leaves.push(seller.post("/storage/uploads", leave.clone()).await.expect(201).body);
    }
    for leave in &leaves {
        assert_eq!(crate::harness::files::put(leave, jpeg()).await, 200);
    }
    let complete = async |leave: &Value| {
        let path = format!("/storage/uploads/{}/complete", leave["upload_id"].as_str().unwrap());
        // Repeated until it is heard.
        eventually(SOON, async || {
            let sent = seller.try_send(reqwest::Method::POST, &path, None).await;
            sent.is_ok_and(|reply| reply.status == 200)
        })
        .await;
    };
    let done = AtomicUsize::new(0);
    let kill = async {
        for round in 1..=3 {
            eventually(SOON, async || done.load(Ordering::Relaxed) >= 3 * round).await;
            cluster.kill("media");
            cluster.start("media").await;
        }
    };
    let completed = async {
        for leave in &leaves {
            complete(leave).await;
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(kill, completed);

    let path = format!("/products/{product}");
    let images = async || seller.get(&path).await.expect(200).body["images"].as_array().unwrap().clone();
    eventually(SOON, async || images().await.len() == leaves.len()).await;
    eventually(SOON, async || images().await.iter().all(|image| image["thumbnail_url"].is_string())).await;
    let mut shown = BTreeMap::<String, usize>::new();
    for image in images().await {
        *shown.entry(image["image_url"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!((shown.len(), shown.values().max()), (leaves.len(), Some(&1)));
    let states = "SELECT count(*) FROM uploads WHERE status <> 'ready'";
    assert_eq!(number(&cluster.databases.media, states).await, 0);
    // Copy and thumbnail of each, and no other public object.
    let public = || cluster.bucket.keys().iter().filter(|key| !key.starts_with("received/")).count();
    assert_eq!(public(), 2 * leaves.len());
    cluster.end_all();
}
