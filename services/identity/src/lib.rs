#![doc = include_str!("../README.md")]

mod app;
mod config;
mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod ordering_client;
mod schema;
mod store;

use std::net::SocketAddr;
use std::time::Duration;

use ::events::{Broker, Consumer, Queue, Relay, Waker, dead_letters, retention};
use access_token::AccessTokens;
use database::{Pool, jobs, migrations};
use protocol::identity::v1::identity_service_server::SERVICE_NAME;
use service_runtime::grpc::GrpcServer;
use service_runtime::self_check::{self, Report};
use service_runtime::{Environment, EnvironmentError, PrivateHttp, Process, Service};
use tonic::service::Routes;

use crate::app::{App, Webhooks};
pub use crate::config::Config;
use crate::domain::svix::WebhookSecrets;
pub use crate::error::StartError;
use crate::ordering_client::OrderingClient;

/// The schema that this program was built with.
pub const MIGRATIONS: migrations::EmbeddedMigrations = migrations::embed_migrations!("../../migrations/identity");

const HOURLY: Duration = Duration::from_secs(60 * 60);

/// The service with its ports bound, not running yet.
pub struct Identity {
    app: App,
    access: AccessTokens,
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
pub async fn build(config: Config, process: Process) -> Result<Identity, StartError> {
    let grpc = GrpcServer::bind(config.grpc_addr).map_err(|error| StartError::Port(config.grpc_addr, error))?;
    let private = match config.private_addr {
        Some(addr) => Some(PrivateHttp::bind(addr).await.map_err(|error| StartError::Port(addr, error))?),
        None => None,
    };
    let clock = process.clock.clone();
    let access = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
    let pool = Pool::new(config.database.clone())?;
    let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
    let relay = Relay::new("identity", pool.clone(), broker.clone());
    let app = app(&config, &process, pool, relay.waker())?;
    Ok(Identity { app, access, process, broker, relay, grpc, private, self_check_every: config.self_check_every })
}

impl Identity {
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
        let Self { app, access, process, broker, relay, grpc, private, self_check_every } = self;
        let pool = app.pool.clone();
        let checked = pool.clone();
        process.readiness.require("identity", move || {
            let pool = checked.clone();
            async move { pool.is_up().await }
        });
        grpc.announce(&process.readiness, "identity port");
        if let Some(private) = private {
            private.start(&process);
        }
        pool.wait_until_ready().await?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        pool.fill().await;
        if app.webhooks.secrets.is_empty() {
            tracing::warn!("IDENTITY_CLERK_WEBHOOK_SECRETS is not set: webhooks are refused");
        }

        let lifecycle = &process.lifecycle;
        let working = lifecycle.working();
        lifecycle.work("identity relay", relay.run(working.clone()));
        let consumer = Consumer::new(Queue::Identity, pool.clone(), broker.clone(), events::Hears);
        lifecycle.work("identity consumer", consumer.run(working.clone()));
        lifecycle.work("identity webhooks", operations::apply_webhooks::run(app.clone(), working.clone()));
        let sweeping = app.clone();
        let sweep = move || {
            let app = sweeping.clone();
            async move { operations::sweep_webhooks::sweep_webhooks(&app).await.map(drop) }
        };
        let stop = working.clone();
        lifecycle.work("identity webhooks retention", jobs::every(HOURLY, "webhooks retention", stop, sweep));
        lifecycle.work("identity counts", store::counts::COUNTS.keep_short(pool.clone(), working.clone()));
        lifecycle.work("identity audit counts", store::audit_counts::COUNTS.keep_short(pool.clone(), working.clone()));
        lifecycle.work("identity events retention", retention::run(pool.clone(), working.clone()));
        lifecycle.work("identity self-check", async move {
            self_check::every(self_check_every, working, || look(&pool, &broker)).await
        });
        let routes = Routes::new(grpc::server(app, access));
        grpc.start(&process, "identity", SERVICE_NAME, routes, protocol::DESCRIPTORS);
        Ok(())
    }
}

fn app(config: &Config, process: &Process, pool: Pool, waker: Waker) -> Result<App, StartError> {
    let secrets = WebhookSecrets::new(&config.webhook_secrets).ok_or(StartError::WebhookSecrets)?;
    Ok(App {
        pool,
        ids: process.ids,
        clock: process.clock.clone(),
        ordering: OrderingClient::new(&config.ordering_url)?,
        waker,
        new_sellers: config.new_sellers,
        webhooks: Webhooks { secrets, instance_id: config.clerk_instance_id.clone(), ..Webhooks::default() },
    })
}

/// Makes an account an admin and answers its id; an account that nobody knows yet is made. Works beside a running
/// identity, whose relay then tells the others.
///
/// # Errors
/// The database is away, or the account is deleted.
pub async fn appoint_admin(config: &Config, clerk_id: &str) -> Result<String, StartError> {
    let pool = Pool::new(config.database.clone().with_pool_size(1))?;
    migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
    let app = app(config, &Process::default(), pool, Waker::default())?;
    let user = operations::appoint_admin::appoint_admin(&app, clerk_id)
        .await
        .map_err(|error| StartError::Appoint(error.into()))?;
    Ok(user.id.to_string())
}

impl Service for Identity {
    const NAME: &'static str = "identity";
    const ABOUT: &'static str = "accounts: who somebody is, what they may do, and what others see of them";
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
        Ok(dead_letters::replay(&broker, Queue::Identity, u32::MAX).await?)
    }

    async fn check(config: &Config) -> Result<Report, StartError> {
        let pool = Pool::new(config.database.clone().with_pool_size(1))?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        Ok(look(&pool, &broker).await)
    }
}

/// Whether what it keeps of its accounts is true, and what it says and hears flows; what else its data must be, the schema's
/// constraints see to.
async fn look(pool: &Pool, broker: &Broker) -> Report {
    let mut report = Report::new("identity");
    report.add("account_counts", operations::check_counts::check_counts(pool).await);
    report.add("audit_counts", operations::check_counts::check_audit_counts(pool).await);
    ::events::self_check::look(&mut report, pool, broker, Queue::Identity).await;
    report
}
