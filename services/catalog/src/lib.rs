#![doc = include_str!("../README.md")]

mod app;
mod config;
mod domain;
mod error;
mod events;
mod grpc;
mod identity_client;
mod kept;
mod media_client;
mod operations;
mod ordering_client;
mod reply;
mod schema;
mod store;

use std::net::SocketAddr;
use std::time::Duration;

use ::events::{Broker, Consumer, Queue, Relay, Waker, dead_letters, retention};
use database::{Pool, answers, jobs, migrations};
use protocol::catalog::v1::catalog_service_server::SERVICE_NAME;
use service_runtime::grpc::GrpcServer;
use service_runtime::self_check::{self, Report};
use service_runtime::{Environment, EnvironmentError, PrivateHttp, Process, Service};
use tonic::service::Routes;

use crate::app::App;
pub use crate::config::Config;
pub use crate::error::StartError;
use crate::operations::check_everything::check_everything;

/// The schema that this program was built with.
pub const MIGRATIONS: migrations::EmbeddedMigrations = migrations::embed_migrations!("../../migrations/catalog");

/// How long answers to keys are kept (api.md 2.8).
const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const HOURLY: Duration = Duration::from_secs(60 * 60);

/// The service with its ports bound, not running yet.
pub struct Catalog {
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
pub async fn build(config: Config, process: Process) -> Result<Catalog, StartError> {
    let grpc = GrpcServer::bind(config.grpc_addr).map_err(|error| StartError::Port(config.grpc_addr, error))?;
    let private = match config.private_addr {
        Some(addr) => Some(PrivateHttp::bind(addr).await.map_err(|error| StartError::Port(addr, error))?),
        None => None,
    };
    let pool = Pool::new(config.database.clone())?;
    let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
    let relay = Relay::new("catalog", pool.clone(), broker.clone());
    let app = App::new(&config, &process, pool, relay.waker())?;
    let Config { view_drain, self_check_every, .. } = config;
    Ok(Catalog { app, process, broker, relay, grpc, private, view_drain, self_check_every })
}

impl Catalog {
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
        process.readiness.require("catalog", move || {
            let pool = checked.clone();
            async move { pool.is_up().await }
        });
        grpc.announce(&process.readiness, "catalog port");
        if let Some(private) = private {
            private.start(&process);
        }
        pool.wait_until_ready().await?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        pool.fill().await;

        let lifecycle = &process.lifecycle;
        let working = lifecycle.working();
        lifecycle.work("catalog relay", relay.run(working.clone()));
        let consumer = Consumer::new(Queue::Catalog, pool.clone(), broker.clone(), events::Hears::new(app.clone()));
        lifecycle.work("catalog consumer", consumer.run(working.clone()));
        lifecycle.work("catalog events retention", retention::run(pool.clone(), working.clone()));
        let kept = pool.clone();
        lifecycle.work("catalog answers retention", {
            let stop = working.clone();
            async move {
                let forget = async || answers::forget_older_than(&kept, ANSWERS_KEPT).await.map(drop);
                jobs::every(HOURLY, "answers retention", stop, forget).await
            }
        });
        for totals in [store::counts::PRICES, store::counts::BRANDS] {
            lifecycle.work("catalog counts", totals.keep_short(pool.clone(), working.clone()));
        }
        let drained = app.clone();
        lifecycle.work("catalog views", async move {
            let drain = async || operations::drain_views::drain_views(&drained).await.map(drop);
            jobs::every(view_drain, "views", working, drain).await
        });
        let (checked, stopped) = (app.clone(), lifecycle.working());
        lifecycle.work("catalog self-check", async move {
            self_check::every(self_check_every, stopped, || check_everything(&checked, &broker)).await
        });
        let routes = Routes::new(grpc::server(app));
        grpc.start(&process, "catalog", SERVICE_NAME, routes, protocol::DESCRIPTORS);
        Ok(())
    }
}

impl Service for Catalog {
    const NAME: &'static str = "catalog";
    const ABOUT: &'static str = "products, categories and the stock on show";
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
        Ok(dead_letters::replay(&broker, Queue::Catalog, u32::MAX).await?)
    }

    async fn check(config: &Config) -> Result<Report, StartError> {
        let pool = Pool::new(config.database.clone().with_pool_size(1))?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        let app = App::new(config, &Process::default(), pool, Waker::default())?;
        Ok(check_everything(&app, &broker).await)
    }
}
