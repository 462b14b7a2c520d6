//! Settings of the service, each from one environment variable.

use std::net::SocketAddr;
use std::time::Duration;

use database::Config as DatabaseConfig;
use service_runtime::{Environment, EnvironmentError};

/// What the service is told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// `CART_GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `CART_PRIVATE_ADDR`; none where another service's port shows everything, as in `standalone`.
    pub private_addr: Option<SocketAddr>,
    /// `CART_DATABASE_URL`, `CART_DATABASE_POOL_SIZE`
    pub database: DatabaseConfig,
    /// `CART_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `CART_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `CART_CATALOG_URL`
    pub catalog_url: String,
    /// `CART_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    /// `CART_SELF_CHECK_EVERY`
    pub self_check_every: Duration,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let database_url: String = environment.required(
            "CART_DATABASE_URL",
            "postgres://cart@127.0.0.1/zst_cart",
            "cart's own PostgreSQL database",
        )?;
        let pool_size = environment.or("CART_DATABASE_POOL_SIZE", "10", "connections to the database at most")?;
        Ok(Self {
            grpc_addr: environment.address("CART_GRPC_ADDR", "127.0.0.1:7003", "where calls are answered")?,
            private_addr: Some(environment.address(
                "CART_PRIVATE_ADDR",
                "127.0.0.1:9103",
                "metrics and health, for the platform alone",
            )?),
            database: DatabaseConfig::new(database_url, "cart").with_pool_size(pool_size),
            rabbitmq_url: environment.or(
                "CART_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "the broker of events",
            )?,
            rabbitmq_prefix: environment.or("CART_RABBITMQ_PREFIX", "", "of every name at the broker")?,
            catalog_url: environment.or(
                "CART_CATALOG_URL",
                "http://127.0.0.1:7002",
                "catalog, which owns products; several processes: commas between them",
            )?,
            access_token_secrets: secrets(environment)?,
            self_check_every: environment.duration(
                "CART_SELF_CHECK_EVERY",
                "1h",
                "between two looks for what must never be in the data",
            )?,
        })
    }
}

fn secrets(environment: &Environment) -> Result<Vec<String>, EnvironmentError> {
    const NAME: &str = "CART_ACCESS_TOKEN_SECRETS";
    const MEANING: &str = "of internal access tokens: one, or two while they are rotated, of 32 bytes or more";
    let secrets: String = environment.required(NAME, "0123456789abcdef0123456789abcdef", MEANING)?;
    Ok(secrets.split(',').map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect())
}
