//! The real service on a database and a bucket of its own, with the real client.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use access_token::{Account, Caller};
use commerce_types::ProductId;
use diesel_async::SimpleAsyncConnection;
use local_s3::LocalS3;
use media::{Bucket, Config, Role, Times};
use object_storage::Timeouts;
use protocol::media::v1::media_service_client::MediaServiceClient;
use protocol::media::v1::receive_upload_request::Part;
use protocol::media::v1::{
    CheckUploadRequest, CompleteUploadRequest, CreateUploadRequest, CreateUploadResponse, DeleteFileRequest,
    FindUploadsRequest, GetUploadRequest, ReceiveUploadRequest, Upload, UploadIntent, UploadKind, UploadStatus,
};
use service_error::{Reason, ServiceError};
use service_runtime::{Clock, Ids, Process};
use tempfile::TempDir;
use test_support::{SECRET, TestBroker, TestDatabase, Tokens, eventually, eventually_some};
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::others::Others;

/// How soon an effect by worker, event or job must be there.
pub(crate) const SOON: Duration = Duration::from_secs(20);
const CHUNK: usize = 64 * 1024;

pub(crate) type Client = MediaServiceClient<Channel>;

/// Media, running for one test.
pub(crate) struct MediaTest {
    pub(crate) database: TestDatabase,
    pub(crate) broker: Option<TestBroker>,
    pub(crate) s3: LocalS3,
    pub(crate) others: Others,
    pub(crate) client: Client,
    pub(crate) config: Config,
    pub(crate) spool: TempDir,
    pub(crate) process: Process,
    tokens: Tokens,
}

impl MediaTest {
    /// Without broker.
    pub(crate) async fn start() -> Self {
        Self::start_with(None, |_| {}).await
    }

    /// With the broker, so that events flow.
    pub(crate) async fn start_with_broker() -> Self {
        Self::start_with(Some(TestBroker::new()), |_| {}).await
    }

    /// Nobody works on what is received.
    pub(crate) async fn start_without_workers() -> Self {
        Self::start_with(None, |config| config.role = Role::Api).await
    }

    pub(crate) async fn start_with(broker: Option<TestBroker>, change: impl FnOnce(&mut Config)) -> Self {
        let (database, others) = (TestDatabase::new("media").await, Others::default());
        let (s3, spool, process) = (LocalS3::temporary().unwrap(), tempfile::tempdir().unwrap(), Process::default());
        let other = format!("http://{}", others.serve(&process).await);
        let mut pool = database.config();
        // Other tests use the machine too: a free connection may be long in coming, a lock may not.
        pool.wait_timeout = SOON;
        let mut config = Config {
            role: Role::All,
            grpc_addr: "127.0.0.1:0".parse().unwrap(),
            private_addr: None,
            database: pool,
            rabbitmq_url: broker.as_ref().map_or("amqp://guest:guest@127.0.0.1:1", TestBroker::url).to_owned(),
            rabbitmq_prefix: broker.as_ref().map_or("", TestBroker::prefix).to_owned(),
            catalog_url: other.clone(),
            reels_url: other.clone(),
            identity_url: other.clone(),
            ordering_url: other,
            access_token_secrets: vec![SECRET.to_owned()],
            bucket: bucket(&s3),
            spool: spool.path().to_owned(),
            uploads_at_once: 8,
            workers: Some(2),
            times: Times {
                worker_poll: Duration::from_millis(50),
                retry_pause: Duration::from_millis(20),
                reconcile_every: Duration::from_millis(50),
                ..Times::default()
            },
        };
        change(&mut config);
        let running = media::build(config.clone(), process.clone()).await.unwrap();
        let addr = running.addr().unwrap().unwrap();
        running.run().await.unwrap();
        // A stream is not sent again when it came too early.
        eventually(SOON, async || tokio::net::TcpStream::connect(addr).await.is_ok()).await;
        let channel = Channel::from_shared(format!("http://{addr}")).unwrap().connect_lazy();
        let tokens = Tokens::new(&Clock::system());
        let client = MediaServiceClient::new(channel);
        Self { database, broker, s3, others, client, config, spool, process, tokens }
    }

    /// A process of workers beside it.
    pub(crate) async fn start_worker(&self, change: impl FnOnce(&mut Config)) -> Process {
        let process = Process::default();
        let mut config = Config { role: Role::Worker, ..self.config.clone() };
        change(&mut config);
        media::build(config, process.clone()).await.unwrap().run().await.unwrap();
        process
    }

    pub(crate) fn by<T>(&self, caller: &Caller, message: T) -> Request<T> {
        self.tokens.request(caller, message)
    }

    /// One number of the database.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.database.conn().await.batch_execute(sql).await.unwrap();
    }

    /// A product of the account.
    pub(crate) fn product_of(&self, account: &Account) -> ProductId {
        let id = Ids.next();
        self.others.add_product(id, account.user_id, 0);
        id
    }

    pub(crate) async fn check(&self, caller: &Caller, intent: UploadIntent) -> Result<(), Status> {
        let request = self.by(caller, CheckUploadRequest { intent: Some(intent) });
        self.client.clone().check_upload(request).await.map(drop)
    }

    /// Sends a file in pieces.
    pub(crate) async fn send(&self, account: &Account, intent: UploadIntent, bytes: &[u8]) -> Result<Upload, Status> {
        let request = self.by(&Caller::Account(account.clone()), tokio_stream::iter(parts(intent, bytes)));
        self.client.clone().receive_upload(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn create(
        &self,
        account: &Account,
        intent: UploadIntent,
        (content_type, size_bytes): (&str, i64),
    ) -> Result<CreateUploadResponse, Status> {
        let message = CreateUploadRequest { intent: Some(intent), content_type: content_type.to_owned(), size_bytes };
        let request = self.by(&Caller::Account(account.clone()), message);
        self.client.clone().create_upload(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn complete(&self, account: &Account, id: &str) -> Result<Upload, Status> {
        let request = self.by(&Caller::Account(account.clone()), CompleteUploadRequest { id: id.to_owned() });
        self.client.clone().complete_upload(request).await.map(tonic::Response::into_inner)
    }

    /// Leave, and the bytes written with it.
    pub(crate) async fn write(
        &self,
        account: &Account,
        intent: UploadIntent,
        content_type: &str,
        bytes: &[u8],
    ) -> CreateUploadResponse {
        let leave = self.create(account, intent, (content_type, bytes.len() as i64)).await.unwrap();
        assert_eq!(put(&leave, bytes.to_vec()).await, 200);
        leave
    }

    pub(crate) async fn get(&self, caller: &Caller, id: &str) -> Result<Upload, Status> {
        let request = self.by(caller, GetUploadRequest { id: id.to_owned() });
        self.client.clone().get_upload(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn delete(&self, caller: &Caller, key: &str) -> Result<String, Status> {
        let request = self.by(caller, DeleteFileRequest { key: key.to_owned() });
        self.client.clone().delete_file(request).await.map(|answer| answer.into_inner().key)
    }

    pub(crate) async fn find(&self, caller: &Caller, request: FindUploadsRequest) -> Result<Vec<Upload>, Status> {
        self.client.clone().find_uploads(self.by(caller, request)).await.map(|answer| answer.into_inner().uploads)
    }

    /// As its owner sees it once it is ready or failed.
    pub(crate) async fn settled(&self, upload: &Upload) -> Upload {
        let admin = Caller::Account(test_support::admin());
        eventually_some(SOON, async || {
            let upload = self.get(&admin, &upload.id).await.unwrap();
            matches!(upload.status(), UploadStatus::Ready | UploadStatus::Failed).then_some(upload)
        })
        .await
    }

    /// Until exactly so many objects are in the bucket.
    pub(crate) async fn has_objects(&self, count: usize) {
        eventually(SOON, async || self.s3.keys().len() == count).await;
    }

    /// Neither row nor object nor file.
    pub(crate) async fn assert_nothing_stored(&self) {
        assert_eq!(self.number("SELECT count(*) FROM uploads").await, 0);
        eventually(SOON, async || self.s3.keys().is_empty()).await;
        eventually(SOON, async || self.spooled().is_empty()).await;
        assert_eq!(self.s3.open_uploads(), 0);
    }

    /// The files that wait or are worked on.
    pub(crate) fn spooled(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.spool.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for MediaTest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.process.lifecycle.failure(), None, "a task died");
        }
    }
}

fn bucket(s3: &LocalS3) -> Bucket {
    let options = s3.options();
    Bucket {
        endpoint: s3.endpoint(),
        region: "auto".to_owned(),
        name: options.bucket.clone(),
        access_key: options.access_key.clone(),
        secret_key: options.secret_key.clone().into(),
        public_url: s3.public_url(),
        timeouts: Timeouts::default(),
    }
}

/// An intent, the pieces of a file, and the intent again.
pub(crate) fn parts(intent: UploadIntent, bytes: &[u8]) -> Vec<ReceiveUploadRequest> {
    let chunks = bytes.chunks(CHUNK).map(|chunk| Part::Chunk(chunk.to_vec().into()));
    let parts = std::iter::once(Part::Intent(intent.clone())).chain(chunks).chain([Part::Intent(intent)]);
    parts.map(|part| ReceiveUploadRequest { part: Some(part) }).collect()
}

/// What a client does with leave; answers the status.
pub(crate) async fn put(leave: &CreateUploadResponse, bytes: Vec<u8>) -> u16 {
    let mut request = reqwest::Client::new().put(&leave.url).body(bytes);
    for header in &leave.headers {
        request = request.header(&header.name, &header.value);
    }
    request.send().await.unwrap().status().as_u16()
}

/// What everybody sees there.
pub(crate) async fn fetch(url: &str) -> Option<Vec<u8>> {
    let answer = reqwest::get(url).await.unwrap();
    if !answer.status().is_success() {
        return None;
    }
    Some(answer.bytes().await.unwrap().to_vec())
}

pub(crate) fn intent(kind: UploadKind) -> UploadIntent {
    UploadIntent { kind: kind.into(), ..UploadIntent::default() }
}

pub(crate) fn of_product(kind: UploadKind, product_id: ProductId) -> UploadIntent {
    UploadIntent { product_id: Some(product_id.to_string()), ..intent(kind) }
}

/// An honest picture of these sides.
pub(crate) fn picture(format: image::ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg() -> Vec<u8> {
    picture(image::ImageFormat::Jpeg, 640, 480)
}

/// Two seconds of video, made once.
pub(crate) fn video() -> &'static [u8] {
    static VIDEO: OnceLock<Vec<u8>> = OnceLock::new();
    VIDEO.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("video.mp4");
        let made = std::process::Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc=duration=2:size=320x240:rate=10",
                "-pix_fmt",
                "yuv420p",
            ])
            .args(["-metadata", "title=Secret", "-c:v", "libx264", "-preset", "ultrafast"])
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        std::fs::read(path).unwrap()
    })
}

/// The code of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> Reason {
    ServiceError::from_status(&answer.unwrap_err()).reason
}

/// A member of a refusal's first detail.
pub(crate) fn detail<T: std::fmt::Debug>(answer: Result<T, Status>, name: &str) -> serde_json::Value {
    ServiceError::from_status(&answer.unwrap_err()).details[0].extra[name].clone()
}
