//! The real service on a database of its own, with the real client.

use std::time::Duration;

use access_token::{Account, Caller};
use commerce_types::ReelId;
use protocol::reels::v1::reels_service_client::ReelsServiceClient;
use protocol::reels::v1::{
    AddCommentRequest, CommentWritten, FeedPage, GetReelRequest, ListReelsRequest, ListReelsResponse, Reel,
    SetLikeRequest, ViewReelRequest, ViewReelResponse,
};
use protocol::types::v1::Key;
use reels::Config;
use service_error::{Reason, ServiceError};
use service_runtime::grpc::Channel;
use service_runtime::{Clock, Process};
use test_support::{SECRET, TestBroker, TestDatabase, TestRedis, Tokens};
use tonic::{Request, Status};

use crate::builders::{Made, ReelBuilder};

/// How soon an effect by event or job must be there.
pub(crate) const SOON: Duration = Duration::from_secs(10);
/// Where nobody listens.
const NOBODY: &str = "127.0.0.1:1";

pub(crate) type Client = ReelsServiceClient<Channel>;

/// Reels, running for one test.
pub(crate) struct ReelsTest {
    pub(crate) database: TestDatabase,
    pub(crate) broker: Option<TestBroker>,
    _redis: TestRedis,
    pub(crate) client: Client,
    /// A second process on the same data.
    pub(crate) other: Client,
    tokens: Tokens,
    processes: [Process; 2],
}

impl ReelsTest {
    /// Without broker.
    pub(crate) async fn start() -> Self {
        Self::start_with(None, |_| {}).await
    }

    /// With the broker, so that events flow.
    pub(crate) async fn start_with_broker() -> Self {
        Self::start_with(Some(TestBroker::new()), |_| {}).await
    }

    pub(crate) async fn start_with(broker: Option<TestBroker>, change: impl Fn(&mut Config)) -> Self {
        let (database, redis) = (TestDatabase::new("reels").await, TestRedis::new());
        let processes = [Process::default(), Process::default()];
        let mut clients = Vec::new();
        for process in &processes {
            let mut pool = database.config();
            // Other tests use the machine too: a free connection may be long in coming, a lock may not.
            pool.wait_timeout = SOON;
            let mut config = Config {
                grpc_addr: "127.0.0.1:0".parse().unwrap(),
                private_addr: None,
                database: pool,
                rabbitmq_url: broker.as_ref().map_or("amqp://guest:guest@127.0.0.1:1", TestBroker::url).to_owned(),
                rabbitmq_prefix: broker.as_ref().map_or("", TestBroker::prefix).to_owned(),
                redis_url: redis.url().to_owned(),
                redis_prefix: redis.prefix().to_owned(),
                catalog_url: format!("http://{NOBODY}"),
                media_url: format!("http://{NOBODY}"),
                access_token_secrets: vec![SECRET.to_owned()],
                view_window: Duration::from_secs(1_800),
                view_drain: Duration::from_millis(50),
                self_check_every: Duration::from_secs(3_600),
            };
            change(&mut config);
            let reels = reels::build(config, process.clone()).await.unwrap();
            let addr = reels.addr().unwrap();
            reels.run().await.unwrap();
            let channel = service_runtime::grpc::channel(&format!("http://{addr}")).unwrap();
            clients.push(ReelsServiceClient::new(channel));
        }
        let (other, client) = (clients.pop().unwrap(), clients.pop().unwrap());
        let tokens = Tokens::new(&Clock::system());
        Self { database, broker, _redis: redis, client, other, tokens, processes }
    }

    pub(crate) fn reel(&self) -> ReelBuilder<'_> {
        ReelBuilder::new(&self.database)
    }

    pub(crate) async fn made(&self) -> Made {
        self.reel().insert().await
    }

    pub(crate) fn by<T>(&self, caller: &Caller, message: T) -> Request<T> {
        self.tokens.request(caller, message)
    }

    /// One number of the database.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    /// The likes afterwards.
    pub(crate) async fn set_like(&self, account: &Account, reel: Made, liked: bool) -> Result<i64, Status> {
        self.set_like_at(&self.client, account, reel.id, liked).await
    }

    pub(crate) async fn set_like_at(
        &self,
        client: &Client,
        account: &Account,
        reel_id: ReelId,
        liked: bool,
    ) -> Result<i64, Status> {
        let message = SetLikeRequest { reel_id: reel_id.to_string(), liked };
        let request = self.by(&Caller::Account(account.clone()), message);
        client.clone().set_like(request).await.map(|answer| answer.into_inner().likes_count)
    }

    pub(crate) async fn comment(
        &self,
        account: &Account,
        reel: Made,
        content: &str,
        key: Option<&str>,
    ) -> Result<CommentWritten, Status> {
        let key = key.map(|key| Key { key: key.to_owned(), body_hash: content.as_bytes().to_vec() });
        let message = AddCommentRequest { reel_id: reel.id.to_string(), content: content.to_owned(), key };
        let request = self.by(&Caller::Account(account.clone()), message);
        self.client.clone().add_comment(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn get(&self, caller: &Caller, reel: Made) -> Result<Reel, Status> {
        let request = self.by(caller, GetReelRequest { id: reel.id.to_string() });
        self.client.clone().get_reel(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn view(&self, reel: Made, viewer: &str) -> Result<ViewReelResponse, Status> {
        let message = ViewReelRequest { id: reel.id.to_string(), viewer: viewer.to_owned() };
        let request = self.by(&Caller::GUEST, message);
        self.client.clone().view_reel(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn list(&self, caller: &Caller, request: ListReelsRequest) -> Result<ListReelsResponse, Status> {
        self.client.clone().list_reels(self.by(caller, request)).await.map(tonic::Response::into_inner)
    }

    /// What reels say of themselves against what there is.
    pub(crate) async fn miscounted(&self) -> i64 {
        self.number(
            "SELECT count(*) FROM reel_counts WHERE \
               likes <> (SELECT count(*) FROM reel_likes WHERE reel_likes.reel_id = reel_counts.reel_id) OR \
               comments <> (SELECT count(*) FROM reel_comments WHERE reel_comments.reel_id = reel_counts.reel_id)",
        )
        .await
    }
}

impl Drop for ReelsTest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            for process in &self.processes {
                assert_eq!(process.lifecycle.failure(), None, "a task died");
            }
        }
    }
}

/// So many rows of the numbered page.
pub(crate) fn first(limit: u32) -> Option<FeedPage> {
    Some(FeedPage { limit, number: 1, cursor: None })
}

/// What follows.
pub(crate) fn after(limit: u32, cursor: &str) -> Option<FeedPage> {
    Some(FeedPage { limit, number: 0, cursor: Some(cursor.to_owned()) })
}

/// The code of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> Reason {
    ServiceError::from_status(&answer.unwrap_err()).reason
}
