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

use ::events::{Broker, Consumer, Queue, dead_letters, retention};
use access_token::AccessTokens;
use database::{Pool, answers, jobs, migrations};
use protocol::cart::v1::cart_service_server::SERVICE_NAME;
use service_runtime::grpc::GrpcServer;
use service_runtime::self_check::{self, Report};
use service_runtime::{Environment, EnvironmentError, PrivateHttp, Process, Service};
use tonic::service::Routes;

use crate::app::App;
use crate::catalog_client::CatalogClient;
pub use crate::config::Config;
pub use crate::error::StartError;

/// The schema that this program was built with.
pub const MIGRATIONS: migrations::EmbeddedMigrations = migrations::embed_migrations!("../../migrations/cart");

/// How long answers to keys are kept (api.md 2.8).
const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const HOURLY: Duration = Duration::from_secs(60 * 60);

/// The service with its ports bound, not running yet.
pub struct Cart {
    app: App,
    process: Process,
    broker: Broker,
    grpc: GrpcServer,
    private: Option<PrivateHttp>,
    self_check_every: Duration,
}

/// Binds the ports and makes everything that lives long; connects to nothing.
///
/// # Errors
/// A port is taken, or an address or a secret is malformed.
pub async fn build(config: Config, process: Process) -> Result<Cart, StartError> {
    let grpc = GrpcServer::bind(config.grpc_addr).map_err(|error| StartError::Port(config.grpc_addr, error))?;
    let private = match config.private_addr {
        Some(addr) => Some(PrivateHttp::bind(addr).await.map_err(|error| StartError::Port(addr, error))?),
        None => None,
    };
    let clock = process.clock.clone();
    let access = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
    let catalog = CatalogClient::new(&config.catalog_url, access.clone(), &process.lifecycle)?;
    let pool = Pool::new(config.database.clone())?;
    let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
    let app = App { pool, ids: process.ids, access, catalog };
    Ok(Cart { app, process, broker, grpc, private, self_check_every: config.self_check_every })
}

impl Cart {
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
        let Self { app, process, broker, grpc, private, self_check_every } = self;
        let pool = app.pool.clone();
        let checked = pool.clone();
        process.readiness.require("cart", move || {
            let pool = checked.clone();
            async move { pool.is_up().await }
        });
        grpc.announce(&process.readiness, "cart port");
        if let Some(private) = private {
            private.start(&process);
        }
        pool.wait_until_ready().await?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        pool.fill().await;

        let lifecycle = &process.lifecycle;
        let working = lifecycle.working();
        let consumer = Consumer::new(Queue::Cart, pool.clone(), broker.clone(), events::Hears);
        lifecycle.work("cart consumer", consumer.run(working.clone()));
        lifecycle.work("cart events retention", retention::run(pool.clone(), working.clone()));
        let kept = pool.clone();
        let forget = move || {
            let pool = kept.clone();
            async move { answers::forget_older_than(&pool, ANSWERS_KEPT).await.map(drop) }
        };
        lifecycle.work("cart answers retention", jobs::every(HOURLY, "answers retention", working.clone(), forget));
        lifecycle.work("cart self-check", async move {
            self_check::every(self_check_every, working, || look(&pool, &broker)).await
        });
        let routes = Routes::new(grpc::server(app));
        grpc.start(&process, "cart", SERVICE_NAME, routes, protocol::DESCRIPTORS);
        Ok(())
    }
}

impl Service for Cart {
    const NAME: &'static str = "cart";
    const ABOUT: &'static str = "what accounts mean to buy";
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
        Ok(dead_letters::replay(&broker, Queue::Cart, u32::MAX).await?)
    }

    async fn check(config: &Config) -> Result<Report, StartError> {
        let pool = Pool::new(config.database.clone().with_pool_size(1))?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        Ok(look(&pool, &broker).await)
    }
}

/// Whether what it says and hears flows; what its data must be, the schema's constraints see to.
async fn look(pool: &Pool, broker: &Broker) -> Report {
    let mut report = Report::new("cart");
    ::events::self_check::look(&mut report, pool, broker, Queue::Cart).await;
    report
}
