//! Settings of the gateway, each with its variable.

use std::net::SocketAddr;

use service_runtime::{Environment, EnvironmentError};

use crate::edge_cache::CacheSize;
use crate::rate_limit::Limits;
use crate::realtime::RealtimeConfig;
use crate::session::callers::CallerTimes;
use crate::session::keys::KeyTimes;

#[derive(Debug, Clone)]
pub struct Config {
    /// `GATEWAY_ADDR`
    pub addr: SocketAddr,
    /// `GATEWAY_WORKERS`
    pub workers: usize,
    /// `GATEWAY_ENVIRONMENT`
    pub environment: String,
    /// `GATEWAY_DOCS`
    pub docs: bool,
    pub clerk: ClerkConfig,
    /// `GATEWAY_ALLOWED_ORIGINS`
    pub allowed_origins: Vec<String>,
    /// `GATEWAY_TRUSTED_PROXIES`
    pub trusted_proxies: usize,
    /// `GATEWAY_MEDIA_PUBLIC_URL`
    pub media_url: String,
    /// `GATEWAY_ACCESS_TOKEN_SECRETS`
    pub access_token_secrets: Vec<String>,
    pub upstream: UpstreamConfig,
    /// `GATEWAY_RABBITMQ_URL`
    pub rabbitmq_url: String,
    /// `GATEWAY_RABBITMQ_PREFIX`
    pub rabbitmq_prefix: String,
    /// `GATEWAY_REDIS_URL`
    pub redis_url: String,
    /// `GATEWAY_REDIS_PREFIX`
    pub redis_prefix: String,
    pub limits: Limits,
    pub cache: CacheSize,
    pub callers: CallerTimes,
    pub realtime: RealtimeConfig,
}

/// Whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct ClerkConfig {
    /// `GATEWAY_CLERK_ISSUER`
    pub issuer: String,
    /// `GATEWAY_CLERK_JWKS_URL`
    pub jwks_url: String,
    /// `GATEWAY_CLERK_AUTHORIZED_PARTIES`
    pub authorized_parties: Vec<String>,
    pub times: KeyTimes,
}

/// Where the services are.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// `GATEWAY_IDENTITY_URL`
    pub identity: String,
    /// `GATEWAY_CATALOG_URL`
    pub catalog: String,
    /// `GATEWAY_CART_URL`
    pub cart: String,
    /// `GATEWAY_ORDERING_URL`
    pub ordering: String,
    /// `GATEWAY_REELS_URL`
    pub reels: String,
    /// `GATEWAY_MEDIA_URL`
    pub media: String,
}

impl Config {
    /// # Errors
    /// A variable is missing or cannot be read.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            addr: environment.address("GATEWAY_ADDR", "127.0.0.1:8080", "public port of the API")?,
            workers: environment.or("GATEWAY_WORKERS", "0", "threads that serve requests; 0: one per core")?,
            environment: environment.or("GATEWAY_ENVIRONMENT", "production", "name shown by GET /api")?,
            docs: environment.or("GATEWAY_DOCS", "true", "whether Swagger UI is served below /api/docs")?,
            clerk: ClerkConfig::from_env(environment)?,
            allowed_origins: environment.list(
                "GATEWAY_ALLOWED_ORIGINS",
                "",
                "exact origins of web pages that may call the API, with commas",
            )?,
            trusted_proxies: environment.or(
                "GATEWAY_TRUSTED_PROXIES",
                "0",
                "how many proxies in front of the gateway append to X-Forwarded-For",
            )?,
            media_url: environment.or("GATEWAY_MEDIA_PUBLIC_URL", "", "public address of uploaded media")?,
            access_token_secrets: secrets(environment)?,
            upstream: UpstreamConfig::from_env(environment)?,
            rabbitmq_url: environment.or(
                "GATEWAY_RABBITMQ_URL",
                "amqp://guest:guest@127.0.0.1:5672",
                "RabbitMQ, for what changed elsewhere",
            )?,
            rabbitmq_prefix: environment.or(
                "GATEWAY_RABBITMQ_PREFIX",
                "",
                "prefix of every name in RabbitMQ, for tests",
            )?,
            redis_url: environment.or("GATEWAY_REDIS_URL", "redis://127.0.0.1:6379", "Redis, for rate limits")?,
            redis_prefix: environment.or("GATEWAY_REDIS_PREFIX", "", "prefix of every key in Redis, for tests")?,
            limits: limits(environment)?,
            cache: CacheSize {
                bytes: environment.or("GATEWAY_CACHE_BYTES", "50331648", "memory of the edge cache, in bytes")?,
                life: environment.duration("GATEWAY_CACHE_LIFE", "60s", "how old a cached answer may be")?,
            },
            callers: CallerTimes {
                fresh_for: environment.duration("GATEWAY_CALLER_FRESH", "5s", "how long a caller is not asked for")?,
                stale_for: environment.duration(
                    "GATEWAY_CALLER_STALE",
                    "10m",
                    "how long a caller is known while identity is away",
                )?,
                ..CallerTimes::default()
            },
            realtime: RealtimeConfig::from_env(environment)?,
        })
    }
}

impl ClerkConfig {
    fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let issuer: String = environment.required(
            "GATEWAY_CLERK_ISSUER",
            "https://clerk.example.com",
            "claim `iss` of session tokens: Clerk's Frontend API",
        )?;
        let jwks_url = environment
            .optional("GATEWAY_CLERK_JWKS_URL", "Clerk's key set; when absent, /.well-known/jwks.json of the issuer")?;
        let times = KeyTimes::default();
        Ok(Self {
            jwks_url: jwks_url.unwrap_or_else(|| format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'))),
            issuer,
            authorized_parties: environment.list(
                "GATEWAY_CLERK_AUTHORIZED_PARTIES",
                "",
                "values of claim `azp` that are accepted, with commas; none: tokens of web pages are refused",
            )?,
            times: KeyTimes {
                refresh_every: environment.duration("GATEWAY_KEYS_REFRESH", "5m", "how often keys are fetched")?,
                unknown_key_cool_down: environment.duration(
                    "GATEWAY_KEYS_COOL_DOWN",
                    "30s",
                    "least time between two fetches for unknown keys",
                )?,
                stale_for: environment.duration("GATEWAY_KEYS_STALE", "24h", "how long keys are good without Clerk")?,
                ..times
            },
        })
    }
}

impl RealtimeConfig {
    fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            connections: environment.or(
                "GATEWAY_REALTIME_CONNECTIONS",
                "20000",
                "Engine.IO connections at a time; above, new ones are answered 503",
            )?,
            connect_within: environment.duration(
                "GATEWAY_REALTIME_CONNECT_WITHIN",
                "10s",
                "how long a connection may be without a socket",
            )?,
            life: environment.duration("GATEWAY_REALTIME_LIFE", "12h", "how old a socket may become")?,
            close_over: environment.duration(
                "GATEWAY_REALTIME_CLOSE_OVER",
                "5s",
                "over how long a gateway that stops ends its sockets",
            )?,
        })
    }
}

impl UpstreamConfig {
    fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let url = |name, port: &str, meaning| environment.or(name, &format!("http://127.0.0.1:{port}"), meaning);
        Ok(Self {
            identity: url(
                "GATEWAY_IDENTITY_URL",
                "7001",
                "gRPC address of identity; several processes: commas between them",
            )?,
            catalog: url(
                "GATEWAY_CATALOG_URL",
                "7002",
                "gRPC address of catalog; several processes: commas between them",
            )?,
            cart: url("GATEWAY_CART_URL", "7003", "gRPC address of cart; several processes: commas between them")?,
            ordering: url(
                "GATEWAY_ORDERING_URL",
                "7004",
                "gRPC address of ordering; several processes: commas between them",
            )?,
            reels: url("GATEWAY_REELS_URL", "7005", "gRPC address of reels; several processes: commas between them")?,
            media: url("GATEWAY_MEDIA_URL", "7007", "gRPC address of media; several processes: commas between them")?,
        })
    }
}

fn secrets(environment: &Environment) -> Result<Vec<String>, EnvironmentError> {
    let list: String = environment.required(
        "GATEWAY_ACCESS_TOKEN_SECRETS",
        "a-secret-of-at-least-32-characters",
        "secret of the services' access tokens; two with a comma while it is rotated",
    )?;
    Ok(list.split(',').map(str::trim).filter(|secret| !secret.is_empty()).map(str::to_owned).collect())
}

fn limits(environment: &Environment) -> Result<Limits, EnvironmentError> {
    let limit = |name, default, meaning| environment.or(name, default, meaning);
    Ok(Limits {
        anonymous: limit("GATEWAY_LIMIT_ANONYMOUS", "60", "requests a minute of an address without account")?,
        signed_in: limit("GATEWAY_LIMIT_SIGNED_IN", "100", "requests a minute of an account")?,
        seller: limit("GATEWAY_LIMIT_SELLER", "200", "requests a minute of a seller")?,
        webhook: limit("GATEWAY_LIMIT_WEBHOOK", "600", "webhooks a minute of an address, instead of a class")?,
        choose_role: limit("GATEWAY_LIMIT_CHOOSE_ROLE", "5", "choices of a role a minute, of an account")?,
        track_order: limit("GATEWAY_LIMIT_TRACK_ORDER", "10", "look-ups of orders a minute, of an address")?,
        like: limit("GATEWAY_LIMIT_LIKE", "10", "likes of reels a minute, of an account")?,
        comment: limit("GATEWAY_LIMIT_COMMENT", "5", "comments on reels a minute, of an account")?,
        upload: limit("GATEWAY_LIMIT_UPLOAD", "30", "uploads a minute, of an account")?,
        factor: environment.or("GATEWAY_RATE_LIMIT_FACTOR", "1", "multiplies the class limits and that of webhooks")?,
    })
}
