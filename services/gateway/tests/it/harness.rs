//! A gateway on a port of its own.

use std::time::Duration;

use gateway::Config;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::json;
use service_runtime::{Environment, Process};
use test_support::TestRedis;

use crate::clerk::FakeClerk;

pub(crate) struct GatewayTest {
    pub url: String,
    pub process: Process,
    client: Client,
    clerk: FakeClerk,
    _redis: TestRedis,
}

impl GatewayTest {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let clerk = FakeClerk::start("ins_1").await;
        let redis = TestRedis::new();
        let issuer = clerk.issuer();
        // Port 9 is where nobody listens: services are away unless a test starts them.
        let usual = [
            ("GATEWAY_ADDR", "127.0.0.1:0"),
            ("GATEWAY_WORKERS", "1"),
            ("GATEWAY_CLERK_ISSUER", &issuer),
            ("GATEWAY_ACCESS_TOKEN_SECRETS", "replaced-below-since-it-has-a-comma"),
            ("GATEWAY_REDIS_URL", redis.url()),
            ("GATEWAY_REDIS_PREFIX", redis.prefix()),
            ("GATEWAY_IDENTITY_URL", "http://127.0.0.1:9"),
            ("GATEWAY_CATALOG_URL", "http://127.0.0.1:9"),
            ("GATEWAY_CART_URL", "http://127.0.0.1:9"),
            ("GATEWAY_ORDERING_URL", "http://127.0.0.1:9"),
            ("GATEWAY_REELS_URL", "http://127.0.0.1:9"),
            ("GATEWAY_MEDIA_URL", "http://127.0.0.1:9"),
            ("GATEWAY_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:9"),
        ];
        let environment: Environment = usual.iter().chain(settings).copied().collect();
        let process = Process::default();
        let mut config = Config::from_env(&environment).unwrap();
        config.access_token_secrets = vec![test_support::SECRET.to_owned()];
        let gateway = gateway::build(config, &process).unwrap();
        let url = format!("http://{}", gateway.addr());
        gateway.run();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url, process, client, clerk, _redis: redis }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).timeout(Duration::from_secs(10))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// A session token of somebody known at Clerk under this name.
    pub(crate) fn token(&self, subject: &str) -> String {
        self.clerk.token("ins_1", self.process.clock.now().timestamp(), json!({ "sub": subject }))
    }

    /// What somebody sees who has signed in.
    pub(crate) async fn get_as(&self, subject: &str, path: &str) -> Response {
        self.request(Method::GET, path).bearer_auth(self.token(subject)).send().await.unwrap()
    }
}

/// A header as text.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
