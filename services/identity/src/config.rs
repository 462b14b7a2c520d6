//! Settings of the service, each from one environment variable.

use std::net::SocketAddr;
use std::time::Duration;

use commerce_types::Approval;
use database::Config as DatabaseConfig;
use service_runtime::{Environment, EnvironmentError};

/// What the service is told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// `IDENTITY_GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `IDENTITY_PRIVATE_ADDR`; none where another service's port shows everything, as in `standalone`.
    pub private_addr: Option<SocketAddr>,
    /// `IDENTITY_DATABASE_URL`, `IDENTITY_DATABASE_POOL_SIZE`
    pub database: DatabaseConfig,
    /// `IDENTITY_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `IDENTITY_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `IDENTITY_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    /// `IDENTITY_SELLER_APPROVAL`
    pub new_sellers: Approval,
    /// `IDENTITY_ORDERING_URL`
    pub ordering_url: String,
    /// `IDENTITY_CLERK_WEBHOOK_SECRETS`
    pub webhook_secrets: Vec<String>,
    /// `IDENTITY_CLERK_INSTANCE_ID`
    pub clerk_instance_id: Option<String>,
    /// `IDENTITY_SELF_CHECK_EVERY`
    pub self_check_every: Duration,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let database_url: String = environment.required(
            "IDENTITY_DATABASE_URL",
            "postgres://identity@127.0.0.1/zst_identity",
            "identity's own PostgreSQL database",
        )?;
        let pool_size = environment.or("IDENTITY_DATABASE_POOL_SIZE", "10", "connections to the database at most")?;
        Ok(Self {
            grpc_addr: environment.address("IDENTITY_GRPC_ADDR", "127.0.0.1:7001", "where calls are answered")?,
            private_addr: Some(environment.address(
                "IDENTITY_PRIVATE_ADDR",
                "127.0.0.1:9101",
                "metrics and health, for the platform alone",
            )?),
            database: DatabaseConfig::new(database_url, "identity").with_pool_size(pool_size),
            rabbitmq_url: environment.or(
                "IDENTITY_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "the broker of events",
            )?,
            rabbitmq_prefix: environment.or("IDENTITY_RABBITMQ_PREFIX", "", "of every name at the broker")?,
            access_token_secrets: secrets(environment)?,
            new_sellers: new_sellers(environment)?,
            ordering_url: environment.or(
                "IDENTITY_ORDERING_URL",
                "http://127.0.0.1:7004",
                "ordering, which knows whether a seller has orders to finish; several processes: commas between them",
            )?,
            webhook_secrets: environment.list(
                "IDENTITY_CLERK_WEBHOOK_SECRETS",
                "",
                "signing secret of the webhook endpoint at Clerk, two with a comma while it is rotated; none: \
                 webhooks are refused",
            )?,
            clerk_instance_id: environment.optional(
                "IDENTITY_CLERK_INSTANCE_ID",
                "the instance of Clerk, `ins_…`; webhooks of others change nothing then",
            )?,
            self_check_every: environment.duration(
                "IDENTITY_SELF_CHECK_EVERY",
                "1h",
                "between two looks for what must never be in the data",
            )?,
        })
    }
}

fn secrets(environment: &Environment) -> Result<Vec<String>, EnvironmentError> {
    const NAME: &str = "IDENTITY_ACCESS_TOKEN_SECRETS";
    const MEANING: &str = "of internal access tokens: one, or two while they are rotated, of 32 bytes or more";
    let secrets: String = environment.required(NAME, "0123456789abcdef0123456789abcdef", MEANING)?;
    Ok(secrets.split(',').map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect())
}

fn new_sellers(environment: &Environment) -> Result<Approval, EnvironmentError> {
    let policy: Policy = environment.or(
        "IDENTITY_SELLER_APPROVAL",
        "auto",
        "`auto` approves new sellers, `manual` leaves them pending until an admin decides",
    )?;
    Ok(policy.0)
}

struct Policy(Approval);

impl std::str::FromStr for Policy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self(Approval::Approved)),
            "manual" => Ok(Self(Approval::Pending)),
            _ => Err("must be auto or manual"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(policy: &str) -> Result<Config, EnvironmentError> {
        let variables = [
            ("IDENTITY_DATABASE_URL", "postgres://identity@127.0.0.1/zst_identity"),
            ("IDENTITY_ACCESS_TOKEN_SECRETS", "a-secret-of-at-least-32-characters,another-secret-of-32-characters-"),
            ("IDENTITY_SELLER_APPROVAL", policy),
        ];
        Config::from_env(&variables.into_iter().collect())
    }

    #[test]
    fn new_sellers_are_approved_unless_told_otherwise() {
        assert_eq!(config("").unwrap().new_sellers, Approval::Approved);
        assert_eq!(config("auto").unwrap().new_sellers, Approval::Approved);
        assert_eq!(config("manual").unwrap().new_sellers, Approval::Pending);
        assert!(config("yes").unwrap_err().to_string().starts_with("IDENTITY_SELLER_APPROVAL"));
    }
}
