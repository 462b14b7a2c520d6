//! All services, with databases, names at the broker and keys in Redis of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use commerce_types::Approval;
use futures::future::LocalBoxFuture;
use local_market::clerk::{ClerkStandIn, TokenRequest, WebhookTarget};
use local_s3::LocalS3;
use reqwest::Client;
use serde_json::{Value, json};
use service_runtime::Outcome;
use test_support::{TestBroker, TestDatabase, TestRedis, eventually};

use crate::harness::contract::Contract;
use crate::harness::databases::{Databases, number};
use crate::harness::layout::Layout;
use crate::harness::settings::{named, settings};
use crate::harness::{Caller, new_product, unique};

const LONG: Duration = Duration::from_secs(10);
/// The new one and the old one, as while they are rotated.
const WEBHOOK_SECRETS: &str = "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM=,whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=";
/// What only these tests care for.
const OF_TESTS: [(&str, &str); 6] = [
    ("CATALOG_VIEW_DRAIN", "100ms"),
    ("REELS_VIEW_DRAIN", "100ms"),
    ("MEDIA_RECONCILE_EVERY", "200ms"),
    ("CATALOG_STOCK_LAG", "2s"),
    ("IDENTITY_CLERK_WEBHOOK_SECRETS", WEBHOOK_SECRETS),
    ("IDENTITY_CLERK_INSTANCE_ID", local_market::clerk::INSTANCE_ID),
];
/// As long as the longest test.
const TOKEN_SECONDS: i64 = 3_600;

/// A running market. Dropped, it drains, and fails the test when one of its tasks had died.
pub(crate) struct Market {
    layout: Option<Layout>,
    pub(crate) clerk: ClerkStandIn,
    http: Client,
    pub(crate) contract: Arc<Contract>,
    pub(crate) databases: Held,
    broker: Option<TestBroker>,
    redis: Option<TestRedis>,
    /// Where files are.
    pub(crate) bucket: LocalS3,
}

/// The databases, until the market ends.
pub(crate) struct Held(Option<Databases>);

impl std::ops::Deref for Held {
    type Target = Databases;

    fn deref(&self) -> &Databases {
        self.0.as_ref().unwrap()
    }
}

impl Market {
    /// With class limits so high that no test meets them.
    pub(crate) fn start() -> LocalBoxFuture<'static, Self> {
        Self::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000")])
    }

    /// With settings changed; the limits are the real ones.
    pub(crate) fn start_with<'a>(changes: &'a [(&'a str, &'a str)]) -> LocalBoxFuture<'a, Self> {
        Box::pin(Self::started(changes))
    }

    async fn started(changes: &[(&str, &str)]) -> Self {
        let clerk = tokio::task::spawn_blocking(|| ClerkStandIn::start(([127, 0, 0, 1], 0).into()).unwrap());
        let (identity, catalog, cart, ordering, reels, media) = tokio::join!(
            TestDatabase::new("identity"),
            TestDatabase::new("catalog"),
            TestDatabase::new("cart"),
            TestDatabase::new("ordering"),
            TestDatabase::new("reels"),
            TestDatabase::new("media"),
        );
        let databases = Databases { identity, catalog, cart, ordering, reels, media };
        let (broker, redis, clerk) = (TestBroker::new(), TestRedis::new(), clerk.await.unwrap());
        let bucket = LocalS3::temporary().unwrap();
        let mut settings = settings(&databases, &broker, &redis, &clerk, &bucket);
        settings.extend(named(&OF_TESTS));
        let origins = format!("https://app.zst.dz,http://localhost:3000,{}", clerk.url());
        settings.push(("GATEWAY_ALLOWED_ORIGINS".to_owned(), origins));
        settings.extend(named(changes));

        let layout = Layout::start(settings).await;
        // Kept connections would hold up the end.
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        clerk.send_webhooks_to(WebhookTarget {
            url: format!("http://{}/api/v1/webhooks/clerk", layout.gateway()),
            secrets: WEBHOOK_SECRETS.split(',').map(str::to_owned).collect(),
        });
        let contract = contract(&http, layout.gateway()).await;
        let market = Self {
            layout: Some(layout),
            clerk,
            http,
            contract: Arc::new(contract),
            databases: Held(Some(databases)),
            broker: Some(broker),
            redis: Some(redis),
            bucket,
        };
        let guest = market.guest();
        eventually(LONG, async || guest.get("/health/ready").await.body["status"] == "ok").await;
        market
    }

    /// The public port.
    pub(crate) fn gateway(&self) -> SocketAddr {
        self.layout().gateway()
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.gateway())
    }

    fn layout(&self) -> &Layout {
        self.layout.as_ref().unwrap()
    }

    /// The services' own ports.
    pub(crate) fn services(&self) -> [(&'static str, SocketAddr); 6] {
        self.layout().services()
    }

    /// What the market keeps in Redis.
    pub(crate) fn redis(&self) -> &TestRedis {
        self.redis.as_ref().unwrap()
    }

    /// Somebody without an account.
    pub(crate) fn guest(&self) -> Caller {
        Caller {
            id: String::new(),
            http: self.http.clone(),
            base: format!("http://{}", self.gateway()),
            contract: Arc::clone(&self.contract),
            token: None,
            headers: Vec::new(),
        }
    }

    /// A token that outlives the test.
    pub(crate) fn token(&self, name: &str) -> String {
        self.clerk.token(&self.token_request(name))
    }

    pub(crate) fn token_request(&self, name: &str) -> TokenRequest {
        let spoken: Vec<String> = name
            .split('-')
            .map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect())
            .collect();
        TokenRequest::new(name).ttl_seconds(TOKEN_SECONDS).with("name", spoken.join(" "))
    }

    /// A customer. `amina-haddad` is called Amina Haddad.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        let caller = self.guest().with_token(Some(&self.token(name)));
        let me = caller.get("/auth/me").await.expect(200);
        Caller { id: me.text("id"), ..caller }
    }

    /// Somebody who sells.
    pub(crate) async fn seller(&self, name: &str, category: &str) -> Caller {
        let caller = self.user(name).await;
        let body = json!({ "role": "seller", "seller_category": category });
        caller.post("/auth/sync-role", body).await.expect(200);
        eventually(LONG, async || caller.get("/seller/orders").await.status != 403).await;
        caller
    }

    pub(crate) async fn admin(&self, name: &str) -> Caller {
        self.layout().appoint_admin(&local_market::clerk::user_id(name)).await;
        self.user(name).await
    }

    /// Publishes a product; see [`new_product`].
    pub(crate) async fn product(&self, seller: &Caller, changes: Value) -> Value {
        seller.post("/products", new_product(changes)).await.expect(201).body
    }

    /// Publishes a product and answers its id.
    pub(crate) async fn product_id(&self, seller: &Caller, changes: Value) -> String {
        self.product(seller, changes).await["id"].as_str().unwrap().to_owned()
    }

    /// Makes a reel of a product on sale as an operator does, and answers its id.
    pub(crate) async fn reel(&self, seller: &Caller, product_id: &str) -> String {
        let id = service_runtime::Ids.next::<uuid::Uuid>().to_string();
        let seller = json!({ "id": seller.id, "full_name": "A seller", "avatar_url": null,
            "seller_category": "grossiste", "is_verified": false });
        let folder = format!("{}/videos", self.clerk.url());
        let video = json!({ "url": format!("{folder}/dune.mp4"), "storage_path": "videos/dune.mp4",
            "thumbnail_url": format!("{folder}/dune.jpg"), "thumbnail_storage_path": "videos/dune.jpg",
            "duration_ms": 8_000, "size_bytes": 90_000, "width": 720, "height": 1_280 });
        let reel = json!({ "id": id, "product_id": product_id, "seller": seller, "caption": "Un tapis",
            "video": video, "created_at": service_runtime::Clock::system().now(), "likes": [], "comments": [] });
        let file = std::env::temp_dir().join(format!("zst-reels-{id}.json"));
        std::fs::write(&file, json!({ "reels": [reel] }).to_string()).unwrap();
        self.layout().seed_reels(file.to_str().unwrap()).await;
        std::fs::remove_file(&file).unwrap();
        id
    }

    /// Changes an account as an admin does.
    pub(crate) async fn change_account(&self, caller: &Caller, changes: Value) {
        let admin = self.admin(&unique("admin-behind-the-scenes")).await;
        admin.patch(&format!("/admin/users/{}", caller.id), changes).await.expect(200);
    }

    /// What all services find when they look at their own data.
    pub(crate) async fn self_check(&self) -> Outcome {
        self.layout().self_check().await
    }

    /// Whether anything is still to be said or applied.
    pub(crate) async fn is_busy(&self) -> bool {
        let Databases { identity, catalog, cart, ordering, reels, media } = &*self.databases;
        let mut waiting = number(identity, "SELECT count(*) FROM webhooks WHERE applied_at IS NULL").await;
        for database in [identity, catalog, cart, ordering, reels, media] {
            waiting += number(database, "SELECT count(*) FROM outbox WHERE sent_at IS NULL").await;
        }
        waiting > 0
    }

    /// Switches an account off, and waits until the market knows.
    pub(crate) async fn ban(&self, caller: &Caller) {
        self.change_account(caller, json!({ "is_active": false })).await;
        eventually(LONG, async || caller.get("/auth/me").await.status == 403).await;
    }

    /// Decides on a seller, and waits until the market knows.
    pub(crate) async fn approve(&self, caller: &Caller, approval: Approval) {
        self.change_account(caller, json!({ "approval": approval })).await;
        let status = if approval == Approval::Approved { 200 } else { 403 };
        eventually(LONG, async || caller.get("/seller/orders").await.status == status).await;
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        let layout = self.layout.take().unwrap();
        let ended = std::thread::spawn(|| layout.end()).join();
        // Each of these waits for its server; together they wait once.
        let Databases { identity, catalog, cart, ordering, reels, media } = self.databases.0.take().unwrap();
        let (broker, redis) = (self.broker.take(), self.redis.take());
        std::thread::scope(|threads| {
            for database in [identity, catalog, cart, ordering, reels, media] {
                threads.spawn(|| drop(database));
            }
            threads.spawn(|| drop(broker));
            threads.spawn(|| drop(redis));
        });
        if !std::thread::panicking() {
            assert!(ended.is_ok(), "the market does not end well");
        }
    }
}

/// The document of the server, which judges all its answers from then on.
async fn contract(http: &Client, gateway: SocketAddr) -> Contract {
    let answer = http.get(format!("http://{gateway}/api/openapi.json")).send().await.unwrap();
    Contract::new(answer.json().await.unwrap())
}
