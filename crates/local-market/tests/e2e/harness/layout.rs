//! How the services run: all in this process, or each in one of its own (`ZST_LAYOUT`).

use std::net::SocketAddr;
use std::time::Duration;

use service_runtime::{Environment, Outcome, Process};
use standalone::Standalone;
use tokio::runtime::Runtime;

use crate::harness::databases::SERVICES;
use crate::harness::processes::{Place, Processes};
use crate::harness::settings::{Settings, named};

/// Running services.
pub(crate) enum Layout {
    /// As `standalone` runs them.
    Standalone(Box<InProcess>),
    /// One program per service.
    Split(Processes),
}

/// Services on threads of their own.
pub(crate) struct InProcess {
    runtime: Runtime,
    process: Process,
    running: Standalone,
}

impl Layout {
    /// All of them are ready when this answers.
    pub(crate) async fn start(settings: Settings) -> Self {
        let environment = Environment::from_process();
        let layout: String = environment.or("ZST_LAYOUT", "standalone", "`standalone` or `split`").unwrap();
        match layout.as_str() {
            "standalone" => Self::Standalone(Box::new(InProcess::start(settings).await)),
            "split" => Self::Split(split(settings).await),
            other => panic!("ZST_LAYOUT is `{other}`: it is `standalone` or `split`"),
        }
    }

    /// The public port.
    pub(crate) fn gateway(&self) -> SocketAddr {
        match self {
            Self::Standalone(services) => services.running.gateway_addr,
            Self::Split(processes) => processes.place("gateway").addr(),
        }
    }

    /// The services' own ports.
    pub(crate) fn services(&self) -> [(&'static str, SocketAddr); 6] {
        match self {
            Self::Standalone(services) => {
                let standalone::Config { identity, catalog, cart, ordering, reels, media, .. } =
                    &services.running.config;
                [
                    ("identity", identity.grpc_addr),
                    ("catalog", catalog.grpc_addr),
                    ("cart", cart.grpc_addr),
                    ("ordering", ordering.grpc_addr),
                    ("reels", reels.grpc_addr),
                    ("media", media.grpc_addr),
                ]
            }
            Self::Split(processes) => SERVICES.map(|service| (service, processes.place(service).addr())),
        }
    }

    /// As the operator does.
    pub(crate) async fn appoint_admin(&self, clerk_id: &str) {
        match self {
            Self::Standalone(services) => {
                standalone::appoint_admin(&services.running.config, clerk_id).await.unwrap();
            }
            Self::Split(processes) => {
                let appointed = processes.run("identity", &["appoint-admin", clerk_id], &[]).await;
                assert!(appointed.status.success(), "{appointed:?}");
            }
        }
    }

    /// As the operator does.
    pub(crate) async fn seed_reels(&self, path: &str) {
        match self {
            Self::Standalone(services) => {
                let plan = std::fs::read_to_string(path).unwrap();
                standalone::seed_reels(&services.running.config, &plan).await.unwrap();
            }
            Self::Split(processes) => {
                let seeded = processes.run("reels", &["seed", path], &[]).await;
                assert!(seeded.status.success(), "{seeded:?}");
            }
        }
    }

    /// What all services find when they look at their own data.
    pub(crate) async fn self_check(&self) -> Outcome {
        match self {
            Self::Standalone(services) => standalone::check(&services.running.config).await.unwrap().into(),
            Self::Split(processes) => {
                let mut all = Outcome::from(String::new());
                for service in SERVICES {
                    let checked = processes.run(service, &["check"], &[]).await;
                    all.text += &String::from_utf8(checked.stdout).unwrap();
                    all.code = all.code.max(checked.status.code().unwrap().try_into().unwrap());
                }
                all
            }
        }
    }

    /// Ends them, and fails when one of their tasks had died. Blocks.
    pub(crate) fn end(self) {
        match self {
            Self::Standalone(services) => services.end(),
            Self::Split(processes) => processes.end_all(),
        }
    }
}

async fn split(settings: Settings) -> Processes {
    let places = SERVICES.into_iter().chain(["gateway"]).map(Place::new).collect();
    let settings = named(&[("DRAIN_PAUSE", "0ms")]).into_iter().chain(settings).collect();
    let processes = Processes::new(places, settings);
    processes.launch_all().await;
    processes
}

impl InProcess {
    async fn start(settings: Settings) -> Self {
        show_logs();
        let own = SERVICES.map(|service| format!("{}_GRPC", service.to_uppercase()));
        let own = own.into_iter().chain(["STANDALONE_PRIVATE", "GATEWAY"].map(str::to_owned));
        let own = own.map(|port| (format!("{port}_ADDR"), "127.0.0.1:0".to_owned()));
        let environment: Environment = own.chain(settings).collect();
        let config = standalone::Config::from_env(&environment).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let process = Process::default();
        let of_services = process.clone();
        let started = runtime.spawn(async move { Box::pin(Standalone::start(config, &of_services)).await });
        let running = started.await.unwrap().unwrap_or_else(|error| panic!("the market does not start: {error:?}"));
        Self { runtime, process, running }
    }

    fn end(self) {
        let Self { runtime, process, .. } = self;
        runtime.block_on(process.lifecycle.drain(&process.readiness, Duration::ZERO));
        runtime.shutdown_timeout(Duration::from_secs(1));
        assert_eq!(process.lifecycle.failure(), None, "a task of the market has died");
    }
}

/// `RUST_LOG=info` shows what the services say; those in processes of their own write it to files.
fn show_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_unset| tracing_subscriber::EnvFilter::new("error"));
    let _already_there = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
