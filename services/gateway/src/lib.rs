#![doc = include_str!("../README.md")]

pub mod app;
pub mod config;
mod drop_log;
pub mod edge_cache;
mod health;
pub mod http;
mod json;
mod live;
pub mod rate_limit;
pub mod realtime;
pub mod session;
mod single_flight;
pub mod upstream;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use access_token::{AccessTokens, SecretError};
use events::Broker;
use service_runtime::Process;
use uuid::Uuid;

pub use self::app::App;
pub use self::config::Config;
use self::edge_cache::EdgeCache;
use self::http::admin_stats::StatsFlights;
use self::http::cors::Cors;
use self::http::seller_products::FIGURES_KEPT;
use self::http::{Bound, bind};
use self::rate_limit::RateLimiter;
use self::rate_limit::misses::Misses;
use self::rate_limit::redis::Redis;
use self::realtime::Realtime;
use self::session::Sessions;
use self::session::callers::Callers;
use self::session::claims::Expected;
use self::session::keys::Keys;
use self::upstream::Upstream;

const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// Pages of sellers' products whose figures are kept.
const FIGURES: u64 = 10_000;

/// The gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("GATEWAY_ADDR {addr} cannot be listened on: choose another port, or stop the program that has it")]
    Listen {
        addr: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("GATEWAY_ACCESS_TOKEN_SECRETS cannot be used")]
    Secrets(#[from] SecretError),
    #[error("GATEWAY_REDIS_URL cannot be used")]
    Redis(#[from] ::redis::RedisError),
    #[error("an address of a service cannot be used")]
    Upstream(#[from] tonic::transport::Error),
    #[error("keys cannot be fetched over HTTP")]
    Http(#[from] reqwest::Error),
}

/// Bound, not yet serving.
pub struct Gateway {
    bound: Bound,
    app: Arc<App>,
    process: Process,
}

/// Binds the port and makes everything ready; nothing is asked of anybody yet.
///
/// # Errors
/// A setting cannot be used, or the port is taken.
pub fn build(config: Config, process: &Process) -> Result<Gateway, BuildError> {
    let bound = bind(config.addr).map_err(|source| BuildError::Listen { addr: config.addr, source })?;
    let clock = process.clock.clone();
    let tokens = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
    let redis = Arc::new(Redis::new(&config.redis_url)?);
    let expected =
        Expected { issuer: config.clerk.issuer.clone(), authorized_parties: config.clerk.authorized_parties.clone() };
    let keys = Keys::new(config.clerk.jwks_url.clone(), config.clerk.times.clone())?;
    let secret = config.access_token_secrets.first().map(String::as_bytes).unwrap_or_default();
    let instance = process.ids.next::<Uuid>().as_u128();
    let app = Arc::new(App {
        clock: process.clock.clone(),
        ids: process.ids,
        started: Instant::now(),
        readiness: process.readiness.clone(),
        cors: Cors::new(config.allowed_origins.clone()),
        sessions: Sessions::new(expected, keys),
        callers: Callers::new(config.callers.clone()),
        limiter: RateLimiter::new(&config.limits, Arc::clone(&redis), &config.redis_prefix),
        misses: Misses::new(Arc::clone(&redis), &config.redis_prefix, secret, instance),
        edge_cache: EdgeCache::new(config.cache.clone()),
        figures: moka::sync::Cache::builder().max_capacity(FIGURES).time_to_live(FIGURES_KEPT).build(),
        stats_flights: StatsFlights::default(),
        upstream: Upstream::new(&config.upstream, tokens)?,
        health: health::Health::default(),
        redis,
        config,
    });
    Ok(Gateway { bound, app, process: process.clone() })
}

impl Gateway {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.bound.addr()
    }

    /// What it is made of.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Starts serving and the work in the background; the process's lifecycle ends both.
    pub fn run(self) {
        let Self { bound, app, process } = self;
        let lifecycle = &process.lifecycle;
        let can_check = app.sessions.can_check();
        process.readiness.require("token checking", move || std::future::ready(can_check));
        let beginning = Arc::clone(&app);
        process.readiness.require("first look", move || std::future::ready(beginning.health.has_begun()));
        let working = lifecycle.working();
        background(&process, "keys", &app, async |app| app.sessions.keys.keep_fresh().await);
        background(&process, "health", &app, async |app| health::watch(app).await);
        let realtime = Realtime::new(Arc::clone(&app));
        let sockets = Arc::clone(&realtime);
        background(&process, "realtime", &app, async move |_| sockets.look_after().await);
        background(&process, "edge cache", &app, async |app| {
            loop {
                tokio::time::sleep(SWEEP_EVERY).await;
                app.edge_cache.sweep();
            }
        });
        let limiting = Arc::clone(&app);
        lifecycle.work("rate limits", async move {
            limiting.limiter.give_back(working.cancelled()).await;
            Ok::<_, Infallible>(())
        });
        let broker = Broker::new(app.config.rabbitmq_url.clone(), app.config.rabbitmq_prefix.clone());
        let (hearing, telling, stop) = (Arc::clone(&app), Arc::clone(&realtime), lifecycle.working());
        lifecycle.work("stream", async move {
            tokio::select! {
                ended = live::read(hearing, telling, broker) => ended,
                () = stop.cancelled() => Ok(()),
            }
        });
        let accepting = lifecycle.accepting();
        lifecycle.serve("public port", bound.serve(app, realtime, accepting));
    }
}

/// Work that never ends by itself.
fn background<F>(process: &Process, name: &'static str, app: &Arc<App>, work: impl FnOnce(Arc<App>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let working = process.lifecycle.working();
    let work = work(Arc::clone(app));
    process.lifecycle.work(name, async move {
        tokio::select! {
            () = work => {}
            () = working.cancelled() => {}
        }
        Ok::<_, Infallible>(())
    });
}
