//! Which parts the gateway works with are there: looked at every second, told by `/health/ready`.
//!
//! None of them decides whether the gateway is ready: it answers without each of them what can be answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use events::live::Status;
use futures::future::join_all;
use serde::Serialize;
use service_runtime::grpc::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(1);
const WITHIN: Duration = Duration::from_millis(500);

/// Whether the gateway can be asked, and what it found when it last looked.
#[derive(Default)]
pub struct Health {
    pub serving: AtomicBool,
    /// Whether it has looked at all.
    pub looked: AtomicBool,
    pub identity: AtomicBool,
    pub catalog: AtomicBool,
    pub cart: AtomicBool,
    pub ordering: AtomicBool,
    pub reels: AtomicBool,
    pub media: AtomicBool,
    pub redis: AtomicBool,
    /// Whether the stream is being read.
    pub hears: OnceLock<Status>,
}

impl Health {
    /// Whether everything has been tried once: the stream, and the ways to all services.
    pub fn has_begun(&self) -> bool {
        self.serving.load(Ordering::Relaxed) && self.looked.load(Ordering::Relaxed)
    }
}

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Up,
    Down,
}

impl State {
    pub(crate) fn of(up: bool) -> Self {
        if up { Self::Up } else { Self::Down }
    }
}

/// Looks again and again; never ends.
pub(crate) async fn watch(app: Arc<App>) {
    let channels = app.upstream.channels.clone();
    loop {
        let health = &app.health;
        let redis = async { app.redis.ping().await.is_ok() };
        let (identity, catalog, cart, ordering, reels, media, redis) = tokio::join!(
            is_serving(&channels.identity),
            is_serving(&channels.catalog),
            is_serving(&channels.cart),
            is_serving(&channels.ordering),
            is_serving(&channels.reels),
            is_serving(&channels.media),
            redis,
        );
        health.identity.store(identity, Ordering::Relaxed);
        health.catalog.store(catalog, Ordering::Relaxed);
        health.cart.store(cart, Ordering::Relaxed);
        health.ordering.store(ordering, Ordering::Relaxed);
        health.reels.store(reels, Ordering::Relaxed);
        health.media.store(media, Ordering::Relaxed);
        health.redis.store(redis, Ordering::Relaxed);
        health.looked.store(true, Ordering::Relaxed);
        tokio::time::sleep(EVERY).await;
    }
}

/// Whether any process of the service is. Each is asked, so that the ways to all of them are open before they are needed.
async fn is_serving(channel: &Channel) -> bool {
    let answers = channel.instances().map(async |instance| {
        let mut client = HealthClient::new(instance);
        let check = client.check(HealthCheckRequest { service: String::new() });
        match tokio::time::timeout(WITHIN, check).await {
            Ok(Ok(answer)) => answer.into_inner().status() == ServingStatus::Serving,
            _ => false,
        }
    });
    join_all(answers).await.contains(&true)
}
