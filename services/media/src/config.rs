//! Settings of the service, each from one environment variable.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use database::Config as DatabaseConfig;
use object_storage::Timeouts;
use secrecy::SecretString;
use service_runtime::{Environment, EnvironmentError};

/// Which halves of the service a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Both.
    All,
    /// Answers calls.
    Api,
    /// Works on received files.
    Worker,
}

/// A word that names no role.
#[derive(Debug, thiserror::Error)]
#[error("must be all, api or worker")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        match word {
            "all" => Ok(Self::All),
            "api" => Ok(Self::Api),
            "worker" => Ok(Self::Worker),
            _ => Err(UnknownRole),
        }
    }
}

impl Role {
    /// Whether calls are answered.
    pub(crate) fn answers(self) -> bool {
        self != Self::Worker
    }

    /// Whether files are worked on.
    pub(crate) fn works(self) -> bool {
        self != Self::Api
    }
}

/// The bucket, and where its public objects are seen.
#[derive(Clone)]
pub struct Bucket {
    /// `MEDIA_S3_ENDPOINT`
    pub endpoint: String,
    /// `MEDIA_S3_REGION`
    pub region: String,
    /// `MEDIA_S3_BUCKET`
    pub name: String,
    /// `MEDIA_S3_ACCESS_KEY`
    pub access_key: String,
    /// `MEDIA_S3_SECRET_KEY`
    pub secret_key: SecretString,
    /// `MEDIA_PUBLIC_URL`
    pub public_url: String,
    /// How long anything may take there.
    pub timeouts: Timeouts,
}

/// How long things may take, and how often they are done.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// `MEDIA_STALL`
    pub stall: Duration,
    /// `MEDIA_UPLOAD_LONGEST`
    pub upload_longest: Duration,
    /// `MEDIA_WRITE_VALID`
    pub write_valid: Duration,
    /// `MEDIA_PENDING_LONGEST`
    pub pending_longest: Duration,
    /// `MEDIA_SERVED_WITHIN`
    pub served_within: Duration,
    /// `MEDIA_LEASE`
    pub lease: Duration,
    /// `MEDIA_WORKER_POLL`
    pub worker_poll: Duration,
    /// `MEDIA_RETRY_PAUSE`
    pub retry_pause: Duration,
    /// `MEDIA_RECONCILE_EVERY`
    pub reconcile_every: Duration,
    /// `MEDIA_SWEEP_EVERY`
    pub sweep_every: Duration,
    /// `MEDIA_SELF_CHECK_EVERY`
    pub self_check_every: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            stall: Duration::from_secs(10),
            upload_longest: minutes(15),
            write_valid: minutes(15),
            pending_longest: minutes(60),
            served_within: Duration::from_secs(20),
            lease: minutes(1),
            worker_poll: Duration::from_millis(250),
            retry_pause: Duration::from_secs(2),
            reconcile_every: minutes(1),
            sweep_every: minutes(60),
            self_check_every: minutes(60),
        }
    }
}

/// What the service is told from outside.
#[derive(Clone)]
pub struct Config {
    /// `MEDIA_ROLE`
    pub role: Role,
    /// `MEDIA_GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `MEDIA_PRIVATE_ADDR`; none where another service's port shows everything, as in `standalone`.
    pub private_addr: Option<SocketAddr>,
    /// `MEDIA_DATABASE_URL`, `MEDIA_DATABASE_POOL_SIZE`
    pub database: DatabaseConfig,
    /// `MEDIA_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `MEDIA_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `MEDIA_CATALOG_URL`
    pub catalog_url: String,
    /// `MEDIA_REELS_URL`
    pub reels_url: String,
    /// `MEDIA_IDENTITY_URL`
    pub identity_url: String,
    /// `MEDIA_ORDERING_URL`
    pub ordering_url: String,
    /// `MEDIA_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    /// The bucket.
    pub bucket: Bucket,
    /// `MEDIA_SPOOL`
    pub spool: PathBuf,
    /// `MEDIA_UPLOADS_AT_ONCE`
    pub uploads_at_once: usize,
    /// `MEDIA_WORKERS`; none: as many as there are cores.
    pub workers: Option<usize>,
    /// How long, how often.
    pub times: Times,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let database_url: String = environment.required(
            "MEDIA_DATABASE_URL",
            "postgres://media@127.0.0.1/zst_media",
            "media's own PostgreSQL database",
        )?;
        let pool_size = environment.or("MEDIA_DATABASE_POOL_SIZE", "10", "connections to the database at most")?;
        let spool: Option<PathBuf> = environment.optional(
            "MEDIA_SPOOL",
            "where bodies and videos wait, on a disk; the system's folder for temporary files if absent",
        )?;
        Ok(Self {
            role: environment.or("MEDIA_ROLE", "all", "`api` or `worker` runs one half of the service alone")?,
            grpc_addr: environment.address("MEDIA_GRPC_ADDR", "127.0.0.1:7007", "where calls are answered")?,
            private_addr: Some(environment.address(
                "MEDIA_PRIVATE_ADDR",
                "127.0.0.1:9107",
                "metrics and health, for the platform alone",
            )?),
            database: DatabaseConfig::new(database_url, "media").with_pool_size(pool_size),
            rabbitmq_url: environment.or(
                "MEDIA_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "the broker of events",
            )?,
            rabbitmq_prefix: environment.or("MEDIA_RABBITMQ_PREFIX", "", "of every name at the broker")?,
            catalog_url: other(environment, "MEDIA_CATALOG_URL", "7002", "catalog, which owns products")?,
            reels_url: other(environment, "MEDIA_REELS_URL", "7005", "reels, which shows videos")?,
            identity_url: other(environment, "MEDIA_IDENTITY_URL", "7001", "identity, which shows avatars")?,
            ordering_url: other(environment, "MEDIA_ORDERING_URL", "7004", "ordering, which shows what was sold")?,
            access_token_secrets: secrets(environment)?,
            bucket: bucket(environment)?,
            spool: spool.unwrap_or_else(std::env::temp_dir),
            uploads_at_once: environment.or(
                "MEDIA_UPLOADS_AT_ONCE",
                "64",
                "files that are received at a time, at most",
            )?,
            workers: environment
                .optional("MEDIA_WORKERS", "files that are worked on at a time; one for each core if absent")?,
            times: times(environment)?,
        })
    }
}

impl fmt::Debug for Config {
    /// Without addresses and secrets: passwords may stand in both.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("role", &self.role).field("grpc_addr", &self.grpc_addr).finish_non_exhaustive()
    }
}

fn other(environment: &Environment, name: &str, port: &str, what: &str) -> Result<String, EnvironmentError> {
    let default = format!("http://127.0.0.1:{port}");
    environment.or(name, &default, &format!("{what}; several processes: commas between them"))
}

fn bucket(environment: &Environment) -> Result<Bucket, EnvironmentError> {
    let public_url: String = environment.required(
        "MEDIA_PUBLIC_URL",
        "https://media.example.dz",
        "below which public objects are seen, without a slash at the end",
    )?;
    let secret_key: String = environment.required("MEDIA_S3_SECRET_KEY", "9a8b", "what the key signs with")?;
    Ok(Bucket {
        endpoint: environment.required(
            "MEDIA_S3_ENDPOINT",
            "https://account.r2.cloudflarestorage.com",
            "the object storage, without the bucket",
        )?,
        region: environment.or("MEDIA_S3_REGION", "auto", "the region that signatures name")?,
        name: environment.required("MEDIA_S3_BUCKET", "zst-media", "the bucket")?,
        access_key: environment.required("MEDIA_S3_ACCESS_KEY", "1f0e", "the name of a key for it")?,
        secret_key: secret_key.into(),
        public_url: public_url.trim_end_matches('/').to_owned(),
        timeouts: Timeouts::default(),
    })
}

fn times(environment: &Environment) -> Result<Times, EnvironmentError> {
    Ok(Times {
        stall: environment.duration("MEDIA_STALL", "10s", "a file whose bytes stop coming for so long is given up")?,
        upload_longest: environment.duration("MEDIA_UPLOAD_LONGEST", "15m", "a file must have come whole within it")?,
        write_valid: environment.duration(
            "MEDIA_WRITE_VALID",
            "15m",
            "how long leave to write to the bucket is good",
        )?,
        pending_longest: environment.duration(
            "MEDIA_PENDING_LONGEST",
            "1h",
            "an upload that is not complete by then has failed",
        )?,
        served_within: environment.duration(
            "MEDIA_SERVED_WITHIN",
            "20s",
            "a picture that was sent is given up when nobody could make its served copy by then",
        )?,
        lease: environment.duration("MEDIA_LEASE", "1m", "after it another worker takes over from a silent one")?,
        worker_poll: environment.duration("MEDIA_WORKER_POLL", "250ms", "between two looks for received files")?,
        retry_pause: environment.duration("MEDIA_RETRY_PAUSE", "2s", "before work that failed is taken up again")?,
        reconcile_every: environment.duration(
            "MEDIA_RECONCILE_EVERY",
            "1m",
            "between two looks for what expired or is not needed any more",
        )?,
        sweep_every: environment.duration("MEDIA_SWEEP_EVERY", "1h", "between two looks through the bucket")?,
        self_check_every: environment.duration(
            "MEDIA_SELF_CHECK_EVERY",
            "1h",
            "between two looks for what must never be in the data",
        )?,
    })
}

fn secrets(environment: &Environment) -> Result<Vec<String>, EnvironmentError> {
    const NAME: &str = "MEDIA_ACCESS_TOKEN_SECRETS";
    const MEANING: &str = "of internal access tokens: one, or two while they are rotated, of 32 bytes or more";
    let secrets: String = environment.required(NAME, "0123456789abcdef0123456789abcdef", MEANING)?;
    Ok(secrets.split(',').map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect())
}
