#![doc = include_str!("../README.md")]

mod app;
mod config;
mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod reply;
mod schema;
mod store;
mod upstream;
mod worker;

use std::net::SocketAddr;
use std::time::Duration;

use ::events::{Broker, Consumer, Queue, Relay, Waker, dead_letters, retention};
use database::{Pool, jobs, migrations};
use protocol::media::v1::media_service_server::SERVICE_NAME;
use service_runtime::grpc::GrpcServer;
use service_runtime::self_check::{self, Report};
use service_runtime::{Environment, EnvironmentError, PrivateHttp, Process, Service};
use tonic::service::Routes;

use crate::app::App;
pub use crate::config::{Bucket, Config, Role, Times, UnknownRole};
pub use crate::error::StartError;
use crate::operations::check_everything::check_everything;
use crate::operations::delete_doomed::delete_doomed;
use crate::operations::expire_uploads::expire_uploads;
use crate::operations::forget_receipts::forget_receipts;
use crate::operations::forget_unneeded::forget_unneeded;
use crate::operations::sweep_bucket::sweep_bucket;
use crate::operations::sweep_spool::sweep_spool;

/// The schema that this program was built with.
pub const MIGRATIONS: migrations::EmbeddedMigrations = migrations::embed_migrations!("../../migrations/media");

const HOURLY: Duration = Duration::from_secs(60 * 60);
/// To answer a file after its last byte, beyond the time in which its bytes come.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
/// To fetch a picture from the bucket and look at it.
const COMPLETED_WITHIN: Duration = Duration::from_secs(30);

/// The service with its ports bound, not running yet.
pub struct Media {
    app: App,
    process: Process,
    broker: Broker,
    relay: Relay,
    /// None where calls are not answered.
    grpc: Option<GrpcServer>,
    private: Option<PrivateHttp>,
    /// Files that are worked on at a time; none where nothing is.
    workers: usize,
}

/// Binds the ports and makes everything that lives long; connects to nothing.
///
/// # Errors
/// A port is taken, an address is malformed, or a setting cannot be used.
pub async fn build(config: Config, process: Process) -> Result<Media, StartError> {
    let port = |addr| move |error| StartError::Port(addr, error);
    let grpc = match config.role.answers() {
        true => Some(GrpcServer::bind(config.grpc_addr).map_err(port(config.grpc_addr))?),
        false => None,
    };
    let private = match config.private_addr {
        Some(addr) => Some(PrivateHttp::bind(addr).await.map_err(port(addr))?),
        None => None,
    };
    // Told at the start, not with somebody's first file.
    std::fs::create_dir_all(&config.spool).map_err(|error| StartError::Spool(config.spool.clone(), error))?;
    let pool = Pool::new(config.database.clone())?;
    let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
    let relay = Relay::new("media", pool.clone(), broker.clone());
    let app = App::new(&config, &process, pool, relay.waker())?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if config.role.works() { config.workers.unwrap_or_else(cores) } else { 0 };
    Ok(Media { app, process, broker, relay, grpc, private, workers })
}

impl Media {
    /// Where calls are answered; none where they are not.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn addr(&self) -> std::io::Result<Option<SocketAddr>> {
        self.grpc.as_ref().map(GrpcServer::addr).transpose()
    }

    /// Waits for the database, refuses an outdated schema, and starts answering and working; the process's lifecycle ends
    /// it.
    ///
    /// # Errors
    /// Migrations are pending.
    pub async fn run(self) -> Result<(), StartError> {
        let Self { app, process, broker, relay, grpc, private, workers } = self;
        let pool = app.pool.clone();
        let checked = pool.clone();
        process.readiness.require("media", move || {
            let pool = checked.clone();
            async move { pool.is_up().await }
        });
        if let Some(grpc) = &grpc {
            grpc.announce(&process.readiness, "media port");
        }
        if let Some(private) = private {
            private.start(&process);
        }
        pool.wait_until_ready().await?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        pool.fill().await;

        let lifecycle = &process.lifecycle;
        let working = lifecycle.working();
        lifecycle.work("media relay", relay.run(working.clone()));
        let consumer = Consumer::new(Queue::Media, pool.clone(), broker.clone(), events::Hears::new(app.clone()));
        lifecycle.work("media consumer", consumer.run(working.clone()));
        lifecycle.work("media events retention", retention::run(pool.clone(), working.clone()));
        if workers > 0 {
            lifecycle.work("media worker", worker::run(app.clone(), workers, working.clone()));
            reconcile(&app, &process);
        }
        let (checked, every) = (app.clone(), app.times.self_check_every);
        lifecycle.work("media self-check", async move {
            self_check::every(every, working, || check_everything(&checked, &broker)).await
        });
        if let Some(grpc) = grpc {
            let grpc = grpc
                .with_long_call("ReceiveUpload", app.times.upload_longest + ANSWERED_WITHIN)
                .with_long_call("CompleteUpload", COMPLETED_WITHIN);
            let routes = Routes::new(grpc::server(app));
            grpc.start(&process, "media", SERVICE_NAME, routes, protocol::DESCRIPTORS);
        }
        Ok(())
    }
}

/// What is due again and again. Any number of processes may do it at a time.
fn reconcile(app: &App, process: &Process) {
    let lifecycle = &process.lifecycle;
    let (often, seldom) = (app.times.reconcile_every, app.times.sweep_every);
    let (expiring, stop) = (app.clone(), lifecycle.working());
    lifecycle.work("media expiry", async move {
        let expire = async || expire_uploads(&expiring).await.map(drop);
        jobs::every(often, "expired uploads", stop, expire).await
    });
    let (deleting, stop) = (app.clone(), lifecycle.working());
    lifecycle.work("media doomed objects", async move {
        let delete = async || delete_doomed(&deleting).await.map(drop);
        jobs::every(often, "doomed objects", stop, delete).await
    });
    let (forgetting, stop) = (app.clone(), lifecycle.working());
    lifecycle.work("media unneeded files", async move {
        let forget = async || forget_unneeded(&forgetting).await.map(drop);
        jobs::every(often, "unneeded files", stop, forget).await
    });
    let (sweeping, stop) = (app.clone(), lifecycle.working());
    lifecycle.work("media bucket", async move {
        let sweep = async || sweep_bucket(&sweeping).await.map(drop);
        jobs::every(seldom, "the bucket", stop, sweep).await
    });
    let (disk, stop) = (app.clone(), lifecycle.working());
    lifecycle.work("media spool", async move {
        let sweep = async || sweep_spool(&disk).await.map(drop);
        jobs::every(seldom, "the spool", stop, sweep).await
    });
    let (receipts, stop) = (app.clone(), lifecycle.working());
    lifecycle.work("media receipts retention", async move {
        let forget = async || forget_receipts(&receipts).await.map(drop);
        jobs::every(HOURLY, "receipts retention", stop, forget).await
    });
}

impl Service for Media {
    const NAME: &'static str = "media";
    const ABOUT: &'static str = "files that people send, and the forms in which they are served";
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
        Ok(dead_letters::replay(&broker, Queue::Media, u32::MAX).await?)
    }

    async fn check(config: &Config) -> Result<Report, StartError> {
        let pool = Pool::new(config.database.clone().with_pool_size(1))?;
        migrations::refuse_pending(pool.config(), MIGRATIONS).await?;
        let broker = Broker::new(config.rabbitmq_url.clone(), config.rabbitmq_prefix.clone());
        let app = App::new(config, &Process::default(), pool, Waker::default())?;
        Ok(check_everything(&app, &broker).await)
    }
}
