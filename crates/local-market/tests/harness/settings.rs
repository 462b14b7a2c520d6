//! What the services of a market are told, wherever they run.

use local_market::clerk::ClerkStandIn;
use local_s3::LocalS3;
use test_support::{SECRET, TestBroker, TestRedis};

use crate::harness::databases::{Databases, SERVICES};

/// Environment variables.
pub(crate) type Settings = Vec<(String, String)>;

/// The origin of the market's own web page.
pub(crate) const ORIGIN: &str = "https://app.zst.dz";
/// Of the links to orders.
pub(crate) const TRACKING_SECRET: &str = "a secret of tracking tokens that only tests know";

/// Where data and tokens are; not where the services are.
pub(crate) fn settings(
    databases: &Databases,
    broker: &TestBroker,
    redis: &TestRedis,
    clerk: &ClerkStandIn,
    bucket: &LocalS3,
) -> Settings {
    let mut all = Settings::new();
    let mut set = |name: String, value: &str| all.push((name, value.to_owned()));
    for service in SERVICES.into_iter().chain(["gateway"]) {
        let prefix = service.to_uppercase();
        if let Some(database) = databases.of(service) {
            set(format!("{prefix}_DATABASE_URL"), database.url());
            set(format!("{prefix}_DATABASE_POOL_SIZE"), "4");
        }
        set(format!("{prefix}_RABBITMQ_URL"), broker.url());
        set(format!("{prefix}_RABBITMQ_PREFIX"), broker.prefix());
        set(format!("{prefix}_REDIS_URL"), redis.url());
        set(format!("{prefix}_REDIS_PREFIX"), redis.prefix());
        set(format!("{prefix}_ACCESS_TOKEN_SECRETS"), SECRET);
    }
    let (jwks_url, endpoint, public_url) = (clerk.jwks_url(), bucket.endpoint(), bucket.public_url());
    let keys = bucket.options();
    let others = [
        ("ACCESS_TOKEN_SECRETS", SECRET),
        ("ORDERING_TRACKING_SECRETS", TRACKING_SECRET),
        ("ORDERING_CHECKOUT_POOL_SIZE", "6"),
        ("GATEWAY_WORKERS", "2"),
        ("GATEWAY_CLERK_ISSUER", clerk.url()),
        ("GATEWAY_CLERK_JWKS_URL", &jwks_url),
        ("GATEWAY_CLERK_AUTHORIZED_PARTIES", ORIGIN),
        ("GATEWAY_TRUSTED_PROXIES", "1"),
        ("GATEWAY_MEDIA_PUBLIC_URL", &public_url),
        ("MEDIA_PUBLIC_URL", &public_url),
        ("MEDIA_S3_ENDPOINT", &endpoint),
        ("MEDIA_S3_BUCKET", &keys.bucket),
        ("MEDIA_S3_ACCESS_KEY", &keys.access_key),
        ("MEDIA_S3_SECRET_KEY", &keys.secret_key),
    ];
    for (name, value) in others {
        set(name.to_owned(), value);
    }
    all
}

/// These settings beside others.
pub(crate) fn named(settings: &[(&str, &str)]) -> Settings {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
