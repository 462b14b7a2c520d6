//! Settings of the service, each from one environment variable.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use database::Config as DatabaseConfig;
use service_runtime::{Environment, EnvironmentError};

/// What the service is told from outside.
#[derive(Clone)]
pub struct Config {
    /// `REELS_GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `REELS_PRIVATE_ADDR`; none where another service's port shows everything, as in `standalone`.
    pub private_addr: Option<SocketAddr>,
    /// `REELS_DATABASE_URL`, `REELS_DATABASE_POOL_SIZE`
    pub database: DatabaseConfig,
    /// `REELS_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `REELS_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `REELS_REDIS_URL`
    pub redis_url: String,
    /// `REELS_REDIS_PREFIX`
    pub redis_prefix: String,
    /// `REELS_CATALOG_URL`
    pub catalog_url: String,
    /// `REELS_MEDIA_URL`
    pub media_url: String,
    /// `REELS_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    /// `REELS_VIEW_WINDOW`
    pub view_window: Duration,
    /// `REELS_VIEW_DRAIN`
    pub view_drain: Duration,
    /// `REELS_SELF_CHECK_EVERY`
    pub self_check_every: Duration,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let database_url: String = environment.required(
            "REELS_DATABASE_URL",
            "postgres://reels@127.0.0.1/zst_reels",
            "reels' own PostgreSQL database",
        )?;
        let pool_size = environment.or("REELS_DATABASE_POOL_SIZE", "10", "connections to the database at most")?;
        Ok(Self {
            grpc_addr: environment.address("REELS_GRPC_ADDR", "127.0.0.1:7005", "where calls are answered")?,
            private_addr: Some(environment.address(
                "REELS_PRIVATE_ADDR",
                "127.0.0.1:9105",
                "metrics and health, for the platform alone",
            )?),
            database: DatabaseConfig::new(database_url, "reels").with_pool_size(pool_size),
            rabbitmq_url: environment.or(
                "REELS_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "the broker of events",
            )?,
            rabbitmq_prefix: environment.or("REELS_RABBITMQ_PREFIX", "", "of every name at the broker")?,
            redis_url: environment.or(
                "REELS_REDIS_URL",
                "redis://127.0.0.1:6379",
                "views that are not written yet; may be away",
            )?,
            redis_prefix: environment.or("REELS_REDIS_PREFIX", "", "of every key in Redis")?,
            catalog_url: environment.or(
                "REELS_CATALOG_URL",
                "http://127.0.0.1:7002",
                "catalog, which owns products; several processes: commas between them",
            )?,
            media_url: environment.or(
                "REELS_MEDIA_URL",
                "http://127.0.0.1:7007",
                "media, which owns uploads; several processes: commas between them",
            )?,
            access_token_secrets: secrets(environment)?,
            view_window: environment.duration(
                "REELS_VIEW_WINDOW",
                "30m",
                "a viewer counts once for a reel within it",
            )?,
            view_drain: environment.duration("REELS_VIEW_DRAIN", "10s", "between two writings of counted views")?,
            self_check_every: environment.duration(
                "REELS_SELF_CHECK_EVERY",
                "1h",
                "between two looks for what must never be in the data",
            )?,
        })
    }
}

impl fmt::Debug for Config {
    /// Without addresses and secrets: passwords may stand in both.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("grpc_addr", &self.grpc_addr).finish_non_exhaustive()
    }
}

fn secrets(environment: &Environment) -> Result<Vec<String>, EnvironmentError> {
    const NAME: &str = "REELS_ACCESS_TOKEN_SECRETS";
    const MEANING: &str = "of internal access tokens: one, or two while they are rotated, of 32 bytes or more";
    let secrets: String = environment.required(NAME, "0123456789abcdef0123456789abcdef", MEANING)?;
    Ok(secrets.split(',').map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect())
}
