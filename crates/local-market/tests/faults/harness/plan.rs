//! What a market is made of, before it is started.

use local_market::clerk::ClerkStandIn;
use local_s3::LocalS3;
use test_support::{TestBroker, TestDatabase, TestRedis};

use crate::harness::Cluster;
use crate::harness::databases::{Databases, SERVICES};
use crate::harness::processes::{Place, Processes};
use crate::harness::settings::settings;

/// A market to be. Everything that is not named is at the servers of the machine.
#[derive(Default)]
pub(crate) struct Plan {
    instances: Vec<&'static str>,
    postgres: Vec<(&'static str, String)>,
    rabbitmq: Option<String>,
    redis: Option<String>,
    changes: Vec<(String, String)>,
}

impl Plan {
    /// One of each service, and no class limit that a test would meet.
    pub(crate) fn new() -> Self {
        let instances = SERVICES.into_iter().chain(["gateway"]).collect();
        Self { instances, ..Self::default() }.with("GATEWAY_RATE_LIMIT_FACTOR", "1000")
    }

    /// A second process of a service: `other gateway`.
    #[must_use]
    pub(crate) fn and(mut self, instance: &'static str) -> Self {
        self.instances.push(instance);
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.changes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The database of this service is at another server.
    #[must_use]
    pub(crate) fn database_at(mut self, service: &'static str, url: String) -> Self {
        self.postgres.push((service, url));
        self
    }

    #[must_use]
    pub(crate) fn rabbitmq_at(mut self, url: String) -> Self {
        self.rabbitmq = Some(url);
        self
    }

    #[must_use]
    pub(crate) fn redis_at(mut self, url: String) -> Self {
        self.redis = Some(url);
        self
    }

    /// Everything runs and works when this answers.
    pub(crate) async fn start(self) -> Cluster {
        let cluster = self.prepare().await;
        cluster.start_all().await;
        cluster
    }

    /// Databases and settings, but no process yet.
    pub(crate) async fn prepare(self) -> Cluster {
        let clerk = tokio::task::spawn_blocking(|| ClerkStandIn::start(([127, 0, 0, 1], 0).into()).unwrap());
        let (identity, catalog, cart, ordering, reels, media) = tokio::join!(
            self.database("identity"),
            self.database("catalog"),
            self.database("cart"),
            self.database("ordering"),
            self.database("reels"),
            self.database("media"),
        );
        let databases = Databases { identity, catalog, cart, ordering, reels, media };
        let broker = self.rabbitmq.as_ref().map_or_else(TestBroker::new, TestBroker::at);
        let redis = self.redis.as_ref().map_or_else(TestRedis::new, TestRedis::at);
        let clerk = clerk.await.unwrap();
        let places = self.instances.iter().map(|name| Place::new(name)).collect();
        let bucket = LocalS3::temporary().unwrap();
        let mut settings = settings(&databases, &broker, &redis, &clerk, &bucket);
        settings.push(("DRAIN_PAUSE".to_owned(), "50ms".to_owned()));
        settings.extend(self.changes);
        Cluster::new(Processes::new(places, settings), clerk, databases, broker, redis, bucket)
    }

    async fn database(&self, service: &'static str) -> TestDatabase {
        match self.postgres.iter().find(|(name, _)| *name == service) {
            Some((_, url)) => TestDatabase::at(url, service).await,
            None => TestDatabase::new(service).await,
        }
    }
}
