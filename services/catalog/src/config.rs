//! Settings of the service, each from one environment variable.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use database::Config as DatabaseConfig;
use service_runtime::{Environment, EnvironmentError};

/// What the service is told from outside.
#[derive(Clone)]
pub struct Config {
    /// `CATALOG_GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `CATALOG_PRIVATE_ADDR`; none where another service's port shows everything, as in `standalone`.
    pub private_addr: Option<SocketAddr>,
    /// `CATALOG_DATABASE_URL`, `CATALOG_DATABASE_POOL_SIZE`
    pub database: DatabaseConfig,
    /// `CATALOG_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `CATALOG_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `CATALOG_REDIS_URL`
    pub redis_url: String,
    /// `CATALOG_REDIS_PREFIX`
    pub redis_prefix: String,
    /// `CATALOG_ORDERING_URL`
    pub ordering_url: String,
    /// `CATALOG_IDENTITY_URL`
    pub identity_url: String,
    /// `CATALOG_MEDIA_URL`
    pub media_url: String,
    /// `CATALOG_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    /// `CATALOG_VIEW_WINDOW`
    pub view_window: Duration,
    /// `CATALOG_VIEW_DRAIN`
    pub view_drain: Duration,
    /// `CATALOG_CATEGORY_COUNTS_KEPT`
    pub category_counts_kept: Duration,
    /// `CATALOG_BRANDS_KEPT`
    pub brands_kept: Duration,
    /// `CATALOG_SUGGESTIONS_KEPT`
    pub suggestions_kept: Duration,
    /// `CATALOG_SELF_CHECK_EVERY`
    pub self_check_every: Duration,
    /// `CATALOG_STOCK_LAG`
    pub stock_lag: Duration,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let database_url: String = environment.required(
            "CATALOG_DATABASE_URL",
            "postgres://catalog@127.0.0.1/zst_catalog",
            "catalog's own PostgreSQL database",
        )?;
        let pool_size = environment.or("CATALOG_DATABASE_POOL_SIZE", "10", "connections to the database at most")?;
        Ok(Self {
            grpc_addr: environment.address("CATALOG_GRPC_ADDR", "127.0.0.1:7002", "where calls are answered")?,
            private_addr: Some(environment.address(
                "CATALOG_PRIVATE_ADDR",
                "127.0.0.1:9102",
                "metrics and health, for the platform alone",
            )?),
            database: DatabaseConfig::new(database_url, "catalog").with_pool_size(pool_size),
            rabbitmq_url: environment.or(
                "CATALOG_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "the broker of events",
            )?,
            rabbitmq_prefix: environment.or("CATALOG_RABBITMQ_PREFIX", "", "of every name at the broker")?,
            redis_url: environment.or(
                "CATALOG_REDIS_URL",
                "redis://127.0.0.1:6379",
                "views and counts; may be away",
            )?,
            redis_prefix: environment.or("CATALOG_REDIS_PREFIX", "", "of every key in Redis")?,
            ordering_url: environment.or(
                "CATALOG_ORDERING_URL",
                "http://127.0.0.1:7004",
                "ordering, which owns stock; several processes: commas between them",
            )?,
            identity_url: environment.or(
                "CATALOG_IDENTITY_URL",
                "http://127.0.0.1:7001",
                "identity, asked for a seller that is not known as its token says; several processes: commas between them",
            )?,
            media_url: environment.or(
                "CATALOG_MEDIA_URL",
                "http://127.0.0.1:7007",
                "media, which owns uploads; several processes: commas between them",
            )?,
            access_token_secrets: secrets(environment)?,
            view_window: environment.duration(
                "CATALOG_VIEW_WINDOW",
                "30m",
                "a viewer counts once for a product within it",
            )?,
            view_drain: environment.duration("CATALOG_VIEW_DRAIN", "10s", "between two writings of counted views")?,
            category_counts_kept: environment.duration(
                "CATALOG_CATEGORY_COUNTS_KEPT",
                "55s",
                "the products of each category are counted again after it",
            )?,
            brands_kept: environment.duration(
                "CATALOG_BRANDS_KEPT",
                "55s",
                "the products of each brand are counted again after it",
            )?,
            suggestions_kept: environment.duration(
                "CATALOG_SUGGESTIONS_KEPT",
                "20s",
                "products and brands are looked up again for a suggestion after it",
            )?,
            self_check_every: environment.duration(
                "CATALOG_SELF_CHECK_EVERY",
                "1h",
                "between two looks for what must never be in the data",
            )?,
            stock_lag: environment.duration(
                "CATALOG_STOCK_LAG",
                "10s",
                "how far the stock on show may be behind ordering's before a self-check tells",
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
    const NAME: &str = "CATALOG_ACCESS_TOKEN_SECRETS";
    const MEANING: &str = "of internal access tokens: one, or two while they are rotated, of 32 bytes or more";
    let secrets: String = environment.required(NAME, "0123456789abcdef0123456789abcdef", MEANING)?;
    Ok(secrets.split(',').map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect())
}
