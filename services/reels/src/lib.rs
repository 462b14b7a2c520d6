#![doc = include_str!("../README.md")]

mod app;
mod catalog_client;
mod config;
mod cursor;
mod domain;
mod error;
mod events;
mod grpc;
mod media_client;
mod operations;
mod reply;
mod schema;
mod store;

use std::net::SocketAddr;
use std::time::Duration;

use ::events::{Broker, Consumer, Queue, Relay, Waker, dead_letters, retention};
use database::{Pool, answers, jobs, migrations};
use protocol::reels::v1::reels_service_server::SERVICE_NAME;
use service_runtime::grpc::GrpcServer;
use service_runtime::self_check::{self, Report};
use service_runtime::{Environment, EnvironmentError, PrivateHttp, Process, Service};
use tonic::service::Routes;

use crate::app::App;
pub use crate::config::Config;
pub use crate::error::StartError;
use crate::operations::check_everything::check_everything;
use crate::operations::seed::Plan;

/// The schema that this program was built with.
pub const MIGRATIONS: migrations::EmbeddedMigrations = migrations::embed_migrations!("../../migrations/reels");

/// How long answers to keys are kept (api.md 2.8).
const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two looks for videos that products name.
const NAMED_EVERY: Duration = Duration::from_secs(1);
/// Between two looks for videos whose end was not heard.
const AWAITED_EVERY: Duration = Duration::from_secs(10);
const HOURLY: Duration = Duration::from_secs(60 * 60);

/// The service with its ports bound, not running yet.
pub struct Reels {
    app: App,
    process: Process,
    broker: Broker,
    relay: Relay,
    grpc: GrpcServer,
    private: Option<PrivateHttp>,
    view_drain: Duration,
    self_check_every: Duration,
}

/// Binds the ports and makes everything that lives long; connects to nothing.
///
/// # Errors
/// A port is taken, or an address is malformed.
pub async fn build(config: Config, process: Process) -> Result<Reels, StartError> {
    let grpc = GrpcServer::bind(config.grpc_addr).map_err(|error| StartError::Port(config.grpc_addr, error))?;
    let private = match config.private_addr {
        Some(addr) => Some(PrivateHttp::bind(addr).await.map_err(|error| StartError::Port(addr, error))?),
        None => None,
    };
    let pool = Pool::new(config.database.clone())?;
    let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
    let relay = Relay::new("reels", pool.clone(), broker.clone());
    let app = App::new(&config, &process, pool, relay.waker())?;
    let Config { view_drain, self_check_every, .. } = config;
    Ok(Reels { app, process, broker, relay, grpc, private, view_drain, self_check_every })
}

impl Reels {
    /// Where calls are answered.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn addr(&self) -> std::io::Result<SocketAddr> {
        self.grpc.addr()
    }

    /// Waits for the database, refuses an outdated schema, and starts answering; the process's lifecycle ends it.
    ///
    /// # Errors
    /// Migrations are pending.
    pub async fn run(self) -> Result<(), StartError> {
        let Self { app, process, broker, relay, grpc, private, view_drain, self_check_every } = self;
        let pool = app.pool.clone();
        let checked = pool.clone();
        process.readiness.require("reels", move || {
            let pool = checked.clone();
            async move { pool.is_up().await }
        });
        grpc.announce(&process.readiness, "reels port");
        if let Some(private) = private {
            private.start(&process);
        }
        pool.wait_until_ready().await?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        pool.fill().await;

        let lifecycle = &process.lifecycle;
        let working = lifecycle.working();
        lifecycle.work("reels relay", relay.run(working.clone()));
        let consumer = Consumer::new(Queue::Reels, pool.clone(), broker.clone(), events::Hears::new(app.clone()));
        lifecycle.work("reels consumer", consumer.run(working.clone()));
        lifecycle.work("reels events retention", retention::run(pool.clone(), working.clone()));
        lifecycle.work("reels counts", store::feed_counts::COUNTS.keep_short(pool.clone(), working.clone()));
        let kept = pool.clone();
        lifecycle.work("reels answers retention", {
            let stop = working.clone();
            async move {
                let forget = async || answers::forget_older_than(&kept, ANSWERS_KEPT).await.map(drop);
                jobs::every(HOURLY, "answers retention", stop, forget).await
            }
        });
        let (shown, stop) = (app.clone(), working.clone());
        lifecycle.work("reels named videos", async move {
            let show = async || operations::show_named_videos::show_named_videos(&shown).await;
            jobs::every(NAMED_EVERY, "named videos", stop, show).await
        });
        let (followed, stop) = (app.clone(), working.clone());
        lifecycle.work("reels uploads", async move {
            let follow = async || operations::follow_uploads::follow_awaited(&followed).await;
            jobs::every(AWAITED_EVERY, "uploads", stop, follow).await
        });
        let drained = app.clone();
        lifecycle.work("reels views", async move {
            let drain = async || operations::drain_views::drain_views(&drained).await.map(drop);
            jobs::every(view_drain, "views", working, drain).await
        });
        let (checked, stopped) = (app.clone(), lifecycle.working());
        lifecycle.work("reels self-check", async move {
            self_check::every(self_check_every, stopped, || check_everything(&checked, &broker)).await
        });
        let routes = Routes::new(grpc::server(app));
        grpc.start(&process, "reels", SERVICE_NAME, routes, protocol::DESCRIPTORS);
        Ok(())
    }
}

/// Adds the reels, likes and comments that a JSON text names, beside the running service; answers how many reels those
/// were.
///
/// # Errors
/// The text is none of these, or what it names is refused: reels before that are added.
pub async fn seed(config: &Config, plan: &str) -> Result<usize, StartError> {
    let plan: Plan = serde_json::from_str(plan).map_err(|error| StartError::Seed(error.into()))?;
    let pool = Pool::new(config.database.clone())?;
    migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
    // The running service's relay finds what is said here.
    let app = App::new(config, &Process::default(), pool, Waker::default())?;
    operations::seed::seed(&app, plan).await.map_err(|error| StartError::Seed(error.into()))
}

impl Service for Reels {
    const NAME: &'static str = "reels";
    const ABOUT: &'static str = "short videos of products, their likes and comments";
    type Config = Config;
    type Error = StartError;

    fn config(environment: &Environment) -> Result<Config, EnvironmentError> {
        Config::from_env(environment)
    }

    async fn serve(config: Config, process: Process) -> Result<(), StartError> {
        build(config, process).await?.run().await
    }

    async fn migrate(config: &Config) -> Result<Vec<String>, StartError> {
        Ok(migrations::up(&config.database, MIGRATIONS).await?)
    }

    async fn replay_dead_letters(config: &Config) -> Result<u32, StartError> {
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        Ok(dead_letters::replay(&broker, Queue::Reels, u32::MAX).await?)
    }

    async fn check(config: &Config) -> Result<Report, StartError> {
        let pool = Pool::new(config.database.clone().with_pool_size(1))?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        let app = App::new(config, &Process::default(), pool, Waker::default())?;
        Ok(check_everything(&app, &broker).await)
    }
}
