#![doc = include_str!("../README.md")]

mod app;
mod catalog_client;
mod config;
mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod reply;
mod schema;
mod store;

use std::net::SocketAddr;
use std::time::Duration;

use ::events::{Broker, Consumer, Queue, Relay, Waker, dead_letters, retention};
use database::{Pool, answers, jobs, migrations};
use protocol::ordering::v1::ordering_service_server::SERVICE_NAME;
use service_runtime::grpc::GrpcServer;
use service_runtime::self_check::{self, Report};
use service_runtime::{Environment, EnvironmentError, PrivateHttp, Process, Service};
use tonic::service::Routes;

use crate::app::App;
pub use crate::config::Config;
pub use crate::error::StartError;
use crate::operations::check_everything::check_everything;

/// The schema that this program was built with.
pub const MIGRATIONS: migrations::EmbeddedMigrations = migrations::embed_migrations!("../../migrations/ordering");

/// How long answers to keys are kept (api.md 2.8).
const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const HOURLY: Duration = Duration::from_secs(60 * 60);

/// The service with its ports bound, not running yet.
pub struct Ordering {
    app: App,
    process: Process,
    broker: Broker,
    relay: Relay,
    grpc: GrpcServer,
    private: Option<PrivateHttp>,
    self_check_every: Duration,
}

/// Binds the ports and makes everything that lives long; connects to nothing.
///
/// # Errors
/// A port is taken, or an address or a secret is malformed.
pub async fn build(config: Config, process: Process) -> Result<Ordering, StartError> {
    let grpc = GrpcServer::bind(config.grpc_addr).map_err(|error| StartError::Port(config.grpc_addr, error))?;
    let private = match config.private_addr {
        Some(addr) => Some(PrivateHttp::bind(addr).await.map_err(|error| StartError::Port(addr, error))?),
        None => None,
    };
    let pool = Pool::new(config.database.clone())?;
    let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
    let relay = Relay::new("ordering", pool.clone(), broker.clone());
    let app = App::new(&config, &process, pool, relay.waker())?;
    Ok(Ordering { app, process, broker, relay, grpc, private, self_check_every: config.self_check_every })
}

impl Ordering {
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
        let Self { app, process, broker, relay, grpc, private, self_check_every } = self;
        let pool = app.pool.clone();
        let checked = pool.clone();
        process.readiness.require("ordering", move || {
            let pool = checked.clone();
            async move { pool.is_up().await }
        });
        grpc.announce(&process.readiness, "ordering port");
        if let Some(private) = private {
            private.start(&process);
        }
        pool.wait_until_ready().await?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        tokio::join!(pool.fill(), app.checkouts.fill());

        let lifecycle = &process.lifecycle;
        let stop = || lifecycle.working();
        lifecycle.work("ordering relay", relay.run(stop()));
        let consumer = Consumer::new(Queue::Ordering, pool.clone(), broker.clone(), events::Hears::new(&app));
        lifecycle.work("ordering consumer", consumer.run(stop()));
        lifecycle.work("ordering events retention", retention::run(pool.clone(), stop()));
        lifecycle.work("ordering counts", store::counts::COUNTS.keep_short(pool.clone(), stop()));
        let forget = move || {
            let pool = pool.clone();
            async move { answers::forget_older_than(&pool, ANSWERS_KEPT).await.map(drop) }
        };
        lifecycle.work("ordering answers retention", jobs::every(HOURLY, "answers retention", stop(), forget));
        let (checked, stopped) = (app.clone(), stop());
        lifecycle.work("ordering self-check", async move {
            self_check::every(self_check_every, stopped, || check_everything(&checked, &broker)).await
        });
        let routes = Routes::new(grpc::server(app));
        grpc.start(&process, "ordering", SERVICE_NAME, routes, protocol::DESCRIPTORS);
        Ok(())
    }
}

impl Service for Ordering {
    const NAME: &'static str = "ordering";
    const ABOUT: &'static str = "stock, checkouts and orders: what can be bought, what was, and where it stands";
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
        Ok(dead_letters::replay(&broker, Queue::Ordering, u32::MAX).await?)
    }

    async fn check(config: &Config) -> Result<Report, StartError> {
        let pool = Pool::new(config.database.clone().with_pool_size(1))?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        let app = App::new(config, &Process::default(), pool, Waker::default())?;
        Ok(check_everything(&app, &broker).await)
    }
}
