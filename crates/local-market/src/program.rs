//! `local-market run` and `local-market migrate`: everything on one machine.
//!
//! What cannot start says so in one line and ends with exit code 1; Ctrl-C drains at any time, also while the market is
//! still being filled, which the next run goes on with.

use std::error::Error as StdError;
use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Instant;

use local_s3::LocalS3;
use service_runtime::{EnvironmentError, Process, telemetry};
use standalone::Standalone;

use crate::clerk::{self, ClerkStandIn, WebhookTarget};
use crate::databases::{self, DatabaseError};
use crate::demo::Market;
use crate::seed::{self, SeedError};
use crate::settings::{PortError, Secrets, Settings, try_ports};

/// Exit code of a process that one of its tasks ended.
const CRASHED: u8 = 70;

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Setting(#[from] EnvironmentError),
    /// A port is taken.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Keys and secrets cannot be kept.
    #[error("ZST_LOCAL_DIR: {} cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The stand-in for Clerk does not start.
    #[error(transparent)]
    Clerk(#[from] clerk::StartError),
    /// The bucket on this machine does not start.
    #[error(transparent)]
    Storage(#[from] local_s3::StartError),
    /// The server of the databases refuses.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The services do not start.
    #[error("the services do not start")]
    Services(#[from] standalone::Error),
    /// Logs and metrics cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] telemetry::TelemetryError),
    /// The demo market cannot be filled.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// A part of the start panicked.
    #[error("the start was interrupted")]
    Interrupted,
}

/// Does what the command line says.
pub async fn main(arguments: Vec<String>) -> ExitCode {
    // An error means that another part of the process has installed one: as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run"] => return Box::pin(run()).await,
        ["migrate"] => Box::pin(migrate()).await,
        [] | ["--help" | "-h" | "help"] => help(),
        _ => {
            complain(&format!("`{}` is not understood; `local-market --help` lists what is", words.join(" ")));
            return ExitCode::FAILURE;
        }
    };
    match done {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn help() -> Result<String, Error> {
    Ok(format!(
        "local-market: the whole marketplace on one machine, with a demo market and a stand-in for Clerk\n\n\
         commands\n  run\n      starts everything; Ctrl-C drains\n  migrate\n      \
         makes the databases and brings them up to date\n\n\
         variables\n{}\nThe variables of the services count too; `standalone --help` lists them.",
        Settings::help()?
    ))
}

async fn migrate() -> Result<String, Error> {
    let Told { settings, config, .. } = read_settings()?;
    databases::prepare(&settings).await?;
    standalone::migrate(&config).await?;
    Ok("the databases are up to date".to_owned())
}

/// What the environment says.
struct Told {
    settings: Settings,
    secrets: Secrets,
    config: standalone::Config,
    telemetry: telemetry::Config,
}

/// Everything that is wrong with the environment is told before anything is begun.
fn read_settings() -> Result<Told, Error> {
    let settings = Settings::from_process()?;
    let secrets = Secrets::in_folder(&settings.folder);
    let secrets = secrets.map_err(|source| Error::Folder { path: settings.folder.clone(), source })?;
    let environment = settings.environment(&format!("http://{}", settings.clerk), &secrets);
    let (config, telemetry) = (standalone::Config::from_env(&environment)?, telemetry::Config::from_env(&environment)?);
    Ok(Told { settings, secrets, config, telemetry })
}

async fn run() -> ExitCode {
    let told = match read_settings() {
        Ok(read) => read,
        Err(error) => return fail(&error),
    };
    let telemetry = match telemetry::init("local-market", &told.telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&error.into()),
    };
    let process = Process::default();
    let mut ended = pin!(process.lifecycle.run(&process.readiness, told.settings.drain_pause));
    // Also told to end before it is up: then what was begun is drained.
    let (started, early) = tokio::select! {
        started = Box::pin(start(&told, &process)) => (Some(started), None),
        ended = &mut ended => (None, Some(ended)),
    };
    let _running = match started {
        Some(Err(error)) if !process.readiness.is_draining() => return fail(&error),
        started => started,
    };
    let ended = match early {
        Some(ended) => ended,
        None => ended.await,
    };
    telemetry.shutdown().await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            complain(&reason);
            ExitCode::from(CRASHED)
        }
    }
}

/// What has to live as long as the process.
type Running = (ClerkStandIn, Option<LocalS3>, Standalone);

async fn start(told: &Told, process: &Process) -> Result<Running, Error> {
    let (settings, mut config) = (&told.settings, told.config.clone());
    try_ports(settings, &config)?;
    let storage = settings.storage.start(&settings.folder, &told.secrets.storage)?;
    let (clerk, address) = (settings.folder.join("clerk"), settings.clerk);
    // Keys take a while to be made; databases too.
    let clerk = tokio::task::spawn_blocking(move || ClerkStandIn::start_with_keys_in(address, clerk));
    let databases = async {
        let complete = databases::prepare(settings).await?;
        standalone::migrate(&config).await?;
        Ok::<_, Error>(complete)
    };
    let (clerk, complete) = tokio::join!(clerk, databases);
    let (clerk, complete) = (clerk.map_err(|_panicked| Error::Interrupted)??, complete?);
    if address.port() == 0 {
        config.gateway.clerk.issuer = clerk.url().to_owned();
        config.gateway.clerk.jwks_url = clerk.jwks_url();
    }
    if let Some(s3) = &storage {
        // Free ports are known only now.
        config.gateway.media_url = s3.public_url();
        (config.media.bucket.endpoint, config.media.bucket.public_url) = (s3.endpoint(), s3.public_url());
    }
    let mut services = Box::pin(Standalone::start_closed(config, process)).await?;
    if !complete {
        let started = Instant::now();
        say("filling the demo market, once");
        seed::seed(&services.config, process, &Market::new(), &say).await?;
        databases::mark_complete(settings).await?;
        say(&format!("the demo market is complete, after {:.0} s", started.elapsed().as_secs_f64()));
    }
    clerk.send_webhooks_to(WebhookTarget {
        url: format!("http://{}/api/v1/webhooks/clerk", services.gateway_addr),
        secrets: services.config.identity.webhook_secrets.clone(),
    });
    services.open();
    say(&where_to_look(&services, &clerk));
    Ok((clerk, storage, services))
}

fn where_to_look(services: &Standalone, clerk: &ClerkStandIn) -> String {
    let (base, clerk) = (format!("http://{}", services.gateway_addr), clerk.url());
    let media = &services.config.gateway.media_url;
    let private = services.config.private_addr.map(|addr| format!("http://{addr}/metrics")).unwrap_or_default();
    format!(
        "\nZST is up; Ctrl-C ends it.\n\n  \
         API         {base}/api/v1\n  \
         Swagger UI  {base}/api/docs\n  \
         Demo page   {clerk}/ (open it in two windows)\n  \
         Clerk       {clerk} (a stand-in; users: demo-customer, demo-importateur, demo-grossiste,\n              \
         demo-fournisseur, demo-admin, and any name you make up)\n  \
         Media       {media} (pictures and videos, as everybody sees them)\n  \
         Metrics     {private}\n\n  \
         curl '{base}/api/v1/products/search?q=parfum&limit=3'\n  \
         curl {clerk}/tokens -d '{{\"user\": \"demo-customer\"}}'\n  \
         curl {clerk}/webhooks/send -d '{{\"type\": \"user.updated\", \"user\": \"demo-customer\", \
         \"data\": {{\"first_name\": \"Amina\"}}}}'\n"
    )
}

fn fail(error: &Error) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    complain(&text.replace('\n', " "));
    ExitCode::FAILURE
}

fn complain(text: &str) {
    let _closed = writeln!(io::stderr(), "local-market: {text}");
}

fn say(text: &str) {
    let _closed = writeln!(io::stdout(), "{}", text.trim_end());
}
