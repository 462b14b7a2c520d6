//! What the program is told, and what it tells the services.
//!
//! A variable of a service that is set in the environment wins over what is derived here.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use service_runtime::{Environment, EnvironmentError};
use url::Url;

use crate::storage::{Keys, Storage};

/// The services with a database of their own.
pub(crate) const SERVICES: [&str; 6] = ["identity", "catalog", "cart", "ordering", "reels", "media"];

const CLERK_PORT: &str = "8090";
const SECRETS: &str = "secrets";
const WEBHOOK_SECRETS: &str = "webhook-secrets";
const STORAGE_KEYS: &str = "s3-keys";

/// What the program is told.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) clerk: SocketAddr,
    /// The server of the databases.
    pub(crate) postgres: Url,
    pub(crate) database_prefix: String,
    /// Where keys and secrets are kept between runs.
    pub(crate) folder: PathBuf,
    pub(crate) storage: Storage,
    pub(crate) drain_pause: Duration,
    redis: String,
    rabbitmq: String,
    port: u16,
    /// A second market beside that of `make run`.
    beside: bool,
    variables: BTreeMap<String, String>,
}

impl Settings {
    pub(crate) fn from_process() -> Result<Self, EnvironmentError> {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(_, value)| !value.is_empty());
        Self::read(variables.collect())
    }

    pub(crate) fn read(variables: BTreeMap<String, String>) -> Result<Self, EnvironmentError> {
        let environment: Environment = variables.clone().into_iter().collect();
        Self::declare(&environment, variables)
    }

    /// A line or two for each variable.
    pub(crate) fn help() -> Result<String, EnvironmentError> {
        let environment = Environment::describing();
        Self::declare(&environment, BTreeMap::new())?;
        Ok(environment.help())
    }

    fn declare(environment: &Environment, variables: BTreeMap<String, String>) -> Result<Self, EnvironmentError> {
        let port = environment.or("PORT", "8080", "the public port; 0: any free one")?;
        let clerk_port: u16 = environment.or(
            "CLERK_PORT",
            CLERK_PORT,
            "of the stand-in for Clerk; with another one, or 0, ports that are not named are any free ones",
        )?;
        let postgres: ServerUrl<Postgres> = environment.required(
            "ZST_POSTGRES_URL",
            "postgres://postgres@127.0.0.1:5432/postgres",
            "a PostgreSQL server and a role that may create databases; `make run` names a private one",
        )?;
        let redis: ServerUrl<Redis> = environment.required(
            "ZST_REDIS_URL",
            "redis://127.0.0.1:6379",
            "a Redis server; `make run` names a private one",
        )?;
        let rabbitmq: ServerUrl<RabbitMq> = environment.required(
            "ZST_RABBITMQ_URL",
            "amqp://guest:guest@127.0.0.1:5672",
            "a RabbitMQ server; `make run` names a private one",
        )?;
        let beside = clerk_port.to_string() != CLERK_PORT;
        let local: PathBuf =
            environment.or("ZST_LOCAL_DIR", ".local/run", "where keys and secrets are kept between runs")?;
        Ok(Self {
            clerk: SocketAddr::from(([127, 0, 0, 1], clerk_port)),
            postgres: postgres.url,
            database_prefix: environment.or("ZST_DATABASE_PREFIX", "zst_", "of the databases' names")?,
            folder: local.join("market"),
            storage: Storage::declare(environment, beside)?,
            drain_pause: environment.duration(
                "DRAIN_PAUSE",
                "0s",
                "between \"not ready\" and \"accepts nothing new\"",
            )?,
            redis: redis.url.to_string(),
            rabbitmq: rabbitmq.url.to_string(),
            port,
            beside,
            variables,
        })
    }

    /// The settings of the services.
    pub(crate) fn environment(&self, clerk_url: &str, secrets: &Secrets) -> Environment {
        let mut all = BTreeMap::from([
            ("LOG_FORMAT".to_owned(), "pretty".to_owned()),
            // While RabbitMQ comes back, every connection says so; readiness tells it as well.
            ("RUST_LOG".to_owned(), "warn,lapin=off,events=error".to_owned()),
            ("GATEWAY_ADDR".to_owned(), format!("127.0.0.1:{}", self.port)),
            ("GATEWAY_ENVIRONMENT".to_owned(), "local".to_owned()),
            // The demo page.
            ("GATEWAY_ALLOWED_ORIGINS".to_owned(), clerk_url.to_owned()),
            ("GATEWAY_CLERK_ISSUER".to_owned(), clerk_url.to_owned()),
            ("IDENTITY_CLERK_WEBHOOK_SECRETS".to_owned(), secrets.webhooks.join(",")),
            ("ORDERING_TRACKING_SECRETS".to_owned(), secrets.tracking.clone()),
        ]);
        for service in SERVICES {
            let name = service.to_uppercase();
            all.insert(format!("{name}_DATABASE_URL"), self.database_url(service));
            if self.beside {
                all.insert(format!("{name}_GRPC_ADDR"), "127.0.0.1:0".to_owned());
            }
        }
        if self.beside {
            all.insert("STANDALONE_PRIVATE_ADDR".to_owned(), "127.0.0.1:0".to_owned());
        }
        for name in SERVICES.into_iter().chain(["gateway"]).map(str::to_uppercase) {
            all.insert(format!("{name}_RABBITMQ_URL"), self.rabbitmq.clone());
            all.insert(format!("{name}_REDIS_URL"), self.redis.clone());
            all.insert(format!("{name}_ACCESS_TOKEN_SECRETS"), secrets.access_tokens.clone());
        }
        all.extend(self.storage.bucket(&secrets.storage).variables());
        all.extend(self.variables.clone());
        all.into_iter().collect()
    }

    pub(crate) fn database_name(&self, service: &str) -> String {
        format!("{}{service}", self.database_prefix)
    }

    fn database_url(&self, service: &str) -> String {
        let mut url = self.postgres.clone();
        url.set_path(&self.database_name(service));
        url.into()
    }
}

/// A port of the start could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Another program has it.
    #[error("port {} is taken: stop the program that listens on {address}, or choose another with {variable}", address.port())]
    Taken {
        /// What was asked for.
        address: SocketAddr,
        /// Which variable says so.
        variable: &'static str,
    },
    /// The system refuses.
    #[error("{variable}: {address} cannot be listened on")]
    Refused {
        /// What was asked for.
        address: SocketAddr,
        /// Which variable says so.
        variable: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Tells a taken port before anything is begun. All are held until the last was tried: two may be the same.
pub(crate) fn try_ports(settings: &Settings, config: &standalone::Config) -> Result<(), PortError> {
    let ports = [
        ("PORT", Some(config.gateway.addr)),
        ("CLERK_PORT", Some(settings.clerk)),
        ("IDENTITY_GRPC_ADDR", Some(config.identity.grpc_addr)),
        ("CATALOG_GRPC_ADDR", Some(config.catalog.grpc_addr)),
        ("CART_GRPC_ADDR", Some(config.cart.grpc_addr)),
        ("ORDERING_GRPC_ADDR", Some(config.ordering.grpc_addr)),
        ("REELS_GRPC_ADDR", Some(config.reels.grpc_addr)),
        ("MEDIA_GRPC_ADDR", Some(config.media.grpc_addr)),
        ("STANDALONE_PRIVATE_ADDR", config.private_addr),
    ];
    let mut held = Vec::new();
    for (variable, address) in ports.into_iter().chain(settings.storage.ports()) {
        let Some(address) = address else { continue };
        held.push(TcpListener::bind(address).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => PortError::Taken { address, variable },
            _ => PortError::Refused { address, variable, source },
        })?);
    }
    Ok(())
}

/// What services sign with; made by the first run.
pub(crate) struct Secrets {
    access_tokens: String,
    tracking: String,
    /// As they stand at Clerk: two, as while they are rotated.
    webhooks: [String; 2],
    /// Of the bucket on this machine.
    pub(crate) storage: Keys,
}

impl Secrets {
    /// Reads those of a folder, or makes them there.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let [access_tokens, tracking] = kept(folder, SECRETS, random_secret)?;
        let webhooks = kept(folder, WEBHOOK_SECRETS, random_webhook_secret)?;
        let [access, secret] = kept(folder, STORAGE_KEYS, random_secret)?;
        Ok(Self { access_tokens, tracking, webhooks, storage: Keys { access, secret } })
    }
}

/// Two secrets of a file, which is made where it is missing.
fn kept(folder: &Path, name: &str, make: fn() -> String) -> io::Result<[String; 2]> {
    let path = folder.join(name);
    let made = format!("{}\n{}\n", make(), make());
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match created.and_then(|mut file| file.write_all(made.as_bytes())) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let kept = fs::read_to_string(&path)?;
    let mut lines = kept.lines().map(str::to_owned).filter(|secret| secret.len() >= 32);
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => Err(io::Error::other(format!("{name} is incomplete: delete it and start again"))),
    }
}

fn random_secret() -> String {
    rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random_webhook_secret() -> String {
    format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 24]>()))
}

/// The address of one kind of server.
struct ServerUrl<K> {
    url: Url,
    kind: std::marker::PhantomData<K>,
}

trait Schemes {
    const SCHEMES: [&'static str; 2];
}

struct Postgres;
struct Redis;
struct RabbitMq;

impl Schemes for Postgres {
    const SCHEMES: [&'static str; 2] = ["postgres", "postgresql"];
}

impl Schemes for Redis {
    const SCHEMES: [&'static str; 2] = ["redis", "rediss"];
}

impl Schemes for RabbitMq {
    const SCHEMES: [&'static str; 2] = ["amqp", "amqps"];
}

impl<K: Schemes> FromStr for ServerUrl<K> {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let url = Url::parse(text).ok().filter(|url| K::SCHEMES.contains(&url.scheme())).ok_or(())?;
        Ok(Self { url, kind: std::marker::PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(more: &[(&str, &str)]) -> Result<Settings, EnvironmentError> {
        let mut variables = BTreeMap::from([
            ("ZST_POSTGRES_URL".to_owned(), "postgres://ann:word@db.example:5433/postgres?sslmode=disable".to_owned()),
            ("ZST_REDIS_URL".to_owned(), "redis://127.0.0.1:6379".to_owned()),
            ("ZST_RABBITMQ_URL".to_owned(), "amqp://guest:guest@127.0.0.1:5672".to_owned()),
        ]);
        variables.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Settings::read(variables)
    }

    fn config(settings: &Settings) -> standalone::Config {
        let webhooks = [random_webhook_secret(), random_webhook_secret()];
        let storage = Keys { access: random_secret(), secret: random_secret() };
        let secrets = Secrets { access_tokens: random_secret(), tracking: random_secret(), webhooks, storage };
        standalone::Config::from_env(&settings.environment("http://127.0.0.1:8090", &secrets)).unwrap()
    }

    #[test]
    fn every_service_gets_a_database_of_the_server() {
        let settings = settings(&[]).unwrap();
        let url = settings.database_url("cart");
        assert_eq!(url, "postgres://ann:word@db.example:5433/zst_cart?sslmode=disable");
        assert_eq!(config(&settings).identity.grpc_addr.port(), 7001);
        assert_eq!(config(&settings).identity.webhook_secrets.len(), 2);
        assert_eq!(config(&settings).gateway.media_url, "http://127.0.0.1:8091");
    }

    #[test]
    fn a_market_beside_another_takes_free_ports_unless_told_otherwise() {
        let beside = settings(&[("PORT", "18080"), ("CLERK_PORT", "18090")]).unwrap();
        let config_beside = config(&beside);
        assert_eq!(config_beside.gateway.addr.port(), 18080);
        assert_eq!((config_beside.identity.grpc_addr.port(), config_beside.private_addr.unwrap().port()), (0, 0));
        let named = settings(&[("CLERK_PORT", "18090"), ("CATALOG_GRPC_ADDR", "127.0.0.1:7777")]).unwrap();
        assert_eq!(config(&named).catalog.grpc_addr.port(), 7777);
    }

    #[test]
    fn a_wrong_variable_is_named() {
        for (name, value) in [("PORT", "http"), ("ZST_POSTGRES_URL", "mysql://x"), ("ZST_REDIS_URL", "6379")] {
            let message = settings(&[(name, value)]).unwrap_err().to_string();
            assert!(message.starts_with(name), "{message}");
        }
    }
}
