//! A process that dies at an exact point, as `kill -9` would do it, and what the next one makes of it.

use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use access_token::Caller;
use chrono::TimeDelta;
use events::names::{IMAGE_READY, UPLOAD_COMPLETED, VIDEO_READY};
use protocol::media::v1::UploadKind::{Image, ReelVideo};
use protocol::media::v1::media_service_client::MediaServiceClient;
use protocol::media::v1::{Upload, UploadStatus};
use secrecy::ExposeSecret;
use service_runtime::Process;
use test_support::{SECRET, customer, eventually, outbox, seller};
use tokio::process::{Child, Command};
use tonic::transport::Channel;

use crate::harness::{MediaTest, SOON, fetch, intent, jpeg, of_product, parts, video};

/// The program itself, with the crash point armed.
fn program(media: &MediaTest, role: &str, point: &str, port: u16) -> Child {
    let bucket = &media.config.bucket;
    let mut command = Command::new(env!("CARGO_BIN_EXE_media"));
    command
        .arg("serve")
        .env("FAILPOINTS", format!("{point}=return"))
        .env("MEDIA_ROLE", role)
        .env("MEDIA_GRPC_ADDR", format!("127.0.0.1:{port}"))
        .env("MEDIA_PRIVATE_ADDR", "127.0.0.1:0")
        .env("MEDIA_DATABASE_URL", media.database.url())
        .env("MEDIA_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:1")
        .env("MEDIA_ACCESS_TOKEN_SECRETS", SECRET)
        .env("MEDIA_S3_ENDPOINT", &bucket.endpoint)
        .env("MEDIA_S3_BUCKET", &bucket.name)
        .env("MEDIA_S3_ACCESS_KEY", &bucket.access_key)
        .env("MEDIA_S3_SECRET_KEY", bucket.secret_key.expose_secret())
        .env("MEDIA_PUBLIC_URL", &bucket.public_url)
        .env("MEDIA_SPOOL", media.spool.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command.spawn().unwrap()
}

async fn dies(mut child: Child) {
    let status = tokio::time::timeout(SOON, child.wait()).await.expect("it dies").unwrap();
    assert_eq!(status.signal(), Some(6), "{status}");
}

/// The next worker, after the lease of the dead one.
async fn go_on(media: &MediaTest, upload: &Upload) -> (Process, Upload) {
    media.execute("UPDATE uploads SET due_at = now() WHERE status = 'processing'").await;
    let worker = media.start_worker(|_| {}).await;
    let ready = media.settled(upload).await;
    assert_eq!(ready.status(), UploadStatus::Ready);
    assert!(fetch(ready.url.as_ref().unwrap()).await.is_some());
    assert!(fetch(ready.thumbnail_url.as_ref().unwrap()).await.is_some());
    // One copy, one thumbnail, nothing else.
    media.has_objects(2).await;
    (worker, ready)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_may_die_anywhere_in_a_picture() {
    for point in
        ["media_after_fetched", "media_after_copy", "media_after_served", "media_after_thumbnail", "media_after_ready"]
    {
        let media = MediaTest::start_without_workers().await;
        let own = customer();
        let leave = media.write(&own, intent(Image), "image/jpeg", &jpeg()).await;
        let upload = media.complete(&own, &leave.id).await.unwrap();
        dies(program(&media, "worker", point, 0)).await;
        let _worker = go_on(&media, &upload).await;
        let said = outbox::names(&mut media.database.conn().await).await;
        assert_eq!(said, [UPLOAD_COMPLETED, IMAGE_READY], "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_may_die_anywhere_in_a_video() {
    for point in ["media_after_fetched", "media_after_copy", "media_after_thumbnail", "media_after_ready"] {
        let media = MediaTest::start_without_workers().await;
        let own = seller();
        let product = media.product_of(&own);
        let upload = media.send(&own, of_product(ReelVideo, product), video()).await.unwrap();
        dies(program(&media, "worker", point, 0)).await;
        let (_worker, ready) = go_on(&media, &upload).await;
        assert_eq!(ready.key, upload.key);
        // What the dead one left on the disk goes when nobody can be using it.
        assert_eq!(media.spooled().len(), 1);
        let sweeper = media.start_worker(|config| config.times.sweep_every = Duration::from_millis(50)).await;
        sweeper.clock.advance(TimeDelta::minutes(121));
        eventually(SOON, async || media.spooled().is_empty()).await;
        let said = outbox::names(&mut media.database.conn().await).await;
        assert_eq!(said, [UPLOAD_COMPLETED, VIDEO_READY], "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_while_it_takes_a_file_has_taken_all_of_it_or_nothing() {
    for (point, rows) in [("media_after_received", 0), ("media_before_accepted", 0), ("media_after_accepted", 1)] {
        let media = MediaTest::start_without_workers().await;
        let own = customer();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = program(&media, "api", point, port);
        let channel = Channel::from_shared(format!("http://127.0.0.1:{port}")).unwrap().connect_lazy();
        let client = MediaServiceClient::new(channel);
        let caller = Caller::Account(own.clone());
        eventually(SOON, async || {
            let request = media.by(&caller, tokio_stream::iter(parts(intent(Image), &jpeg())));
            client.clone().receive_upload(request).await.unwrap_err();
            !media.s3.keys().is_empty()
        })
        .await;
        dies(program).await;
        assert_eq!(media.number("SELECT count(*) FROM uploads").await, rows, "{point}");
        assert_eq!(media.number("SELECT count(*) FROM receipts").await, rows, "{point}");
        assert_eq!(outbox::names(&mut media.database.conn().await).await.len() as i64, rows, "{point}");
        assert_eq!(media.s3.keys().len(), 1);
        let worker = media.start_worker(|config| config.times.sweep_every = Duration::from_millis(50)).await;
        worker.clock.advance(TimeDelta::minutes(121));
        // Nobody needs the object, or it becomes a picture and its thumbnail.
        media.has_objects(if rows == 0 { 0 } else { 2 }).await;
    }
}
