//! Settings of the service, each from one environment variable.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use database::Config as DatabaseConfig;
use service_runtime::{Environment, EnvironmentError};

/// What the service is told from outside.
#[derive(Clone)]
pub struct Config {
    /// `ORDERING_GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `ORDERING_PRIVATE_ADDR`; none where another service's port shows everything, as in `standalone`.
    pub private_addr: Option<SocketAddr>,
    /// `ORDERING_DATABASE_URL`, `ORDERING_DATABASE_POOL_SIZE`
    pub database: DatabaseConfig,
    /// `ORDERING_CHECKOUT_POOL_SIZE`
    pub checkout_pool_size: usize,
    /// `ORDERING_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `ORDERING_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `ORDERING_CATALOG_URL`
    pub catalog_url: String,
    /// `ORDERING_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    /// `ORDERING_TRACKING_SECRETS`
    pub tracking_secrets: Vec<String>,
    /// `ORDERING_SELF_CHECK_EVERY`
    pub self_check_every: Duration,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let database_url: String = environment.required(
            "ORDERING_DATABASE_URL",
            "postgres://ordering@127.0.0.1/zst_ordering",
            "ordering's own PostgreSQL database",
        )?;
        let pool_size = environment.or(
            "ORDERING_DATABASE_POOL_SIZE",
            "10",
            "connections to the database at most, beside those of checkouts",
        )?;
        Ok(Self {
            grpc_addr: environment.address("ORDERING_GRPC_ADDR", "127.0.0.1:7004", "where calls are answered")?,
            private_addr: Some(environment.address(
                "ORDERING_PRIVATE_ADDR",
                "127.0.0.1:9104",
                "metrics and health, for the platform alone",
            )?),
            database: DatabaseConfig::new(database_url, "ordering").with_pool_size(pool_size),
            checkout_pool_size: environment.or(
                "ORDERING_CHECKOUT_POOL_SIZE",
                "12",
                "connections of transactions that lock stock; more buyers wait for one of them",
            )?,
            rabbitmq_url: environment.or(
                "ORDERING_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "the broker of events",
            )?,
            rabbitmq_prefix: environment.or("ORDERING_RABBITMQ_PREFIX", "", "of every name at the broker")?,
            catalog_url: environment.or(
                "ORDERING_CATALOG_URL",
                "http://127.0.0.1:7002",
                "catalog, which knows what is on sale; several processes: commas between them",
            )?,
            access_token_secrets: secrets(
                environment,
                "ORDERING_ACCESS_TOKEN_SECRETS",
                "of internal access tokens: one, or two while they are rotated, of 32 bytes or more",
            )?,
            tracking_secrets: secrets(
                environment,
                "ORDERING_TRACKING_SECRETS",
                "of guests' tracking tokens: one, or the new one and older ones after it, of 32 bytes or more",
            )?,
            self_check_every: environment.duration(
                "ORDERING_SELF_CHECK_EVERY",
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

fn secrets(environment: &Environment, name: &str, meaning: &str) -> Result<Vec<String>, EnvironmentError> {
    let secrets: String = environment.required(name, "0123456789abcdef0123456789abcdef", meaning)?;
    Ok(secrets.split(',').map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_a_comma_list_that_is_not_shown() {
        let secret = "0123456789abcdef0123456789abcdef";
        let two = format!("{secret}, {secret}2");
        let variables = [
            ("ORDERING_DATABASE_URL", "postgres://ordering:password@127.0.0.1/zst_ordering"),
            ("ORDERING_ACCESS_TOKEN_SECRETS", secret),
            ("ORDERING_TRACKING_SECRETS", &two),
        ];
        let config = Config::from_env(&variables.into_iter().collect()).unwrap();
        assert_eq!(config.tracking_secrets.len(), 2);
        let shown = format!("{config:?}");
        assert!(!shown.contains(secret) && !shown.contains("password"));
    }
}
