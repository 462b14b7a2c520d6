//! Why catalog does not do as told.

use std::net::SocketAddr;
use std::sync::Arc;

use database::Kind;
use service_error::{Detail, Reason, Refusal, ServiceError};
use service_runtime::Interrupted;

use crate::domain::content::Problem;

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("some fields are not valid")]
    Invalid(Vec<Problem>),
    #[error("the caller may not do this")]
    Caller(#[from] access_token::Refused),
    #[error("no such product for this caller")]
    ProductNotFound,
    #[error("the product has no such image")]
    ImageNotFound,
    #[error("no such upload for this caller")]
    UploadNotFound,
    #[error("the upload is no picture of a product, or none yet")]
    UploadNotUsable,
    #[error("the product has as many images as it may")]
    TooManyImages,
    #[error("no such category")]
    CategoryNotFound,
    #[error("the slug is another category's")]
    CategoryExists,
    #[error("products use the category")]
    CategoryInUse { products: i64 },
    #[error("the product was changed since it was read")]
    VersionConflict { current: i64 },
    #[error("the key was used with another body")]
    KeyReused,
    #[error("the first request with the key still runs")]
    KeyInProgress,
    /// ordering's answer is the caller's.
    #[error("ordering refused")]
    Ordering(#[source] ServiceError),
    /// media's answer is the caller's.
    #[error("media refused")]
    Media(#[source] ServiceError),
    #[error("the database failed")]
    Database(#[from] database::Error),
    /// What failed for all who had asked at the same time.
    #[error("a shared count failed")]
    Shared(#[source] Arc<Error>),
    #[error("the work was interrupted")]
    Interrupted(#[from] Interrupted),
    /// What a transaction had just written or locked is not there.
    #[error("a row is missing: {0}")]
    Missing(&'static str),
}

impl Error {
    /// One field that is not valid.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, message)])
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }
}

impl Refusal for Error {
    fn reason(&self) -> Reason {
        match self {
            Self::Invalid(_) => Reason::ValidationError,
            Self::Caller(refused) => refused.reason(),
            Self::ProductNotFound => Reason::ProductNotFound,
            Self::ImageNotFound => Reason::ImageNotFound,
            Self::UploadNotFound => Reason::UploadNotFound,
            Self::UploadNotUsable => Reason::UploadNotUsable,
            Self::TooManyImages => Reason::TooManyImages,
            Self::CategoryNotFound => Reason::CategoryNotFound,
            Self::CategoryExists => Reason::CategoryExists,
            Self::CategoryInUse { .. } => Reason::CategoryInUse,
            Self::VersionConflict { .. } => Reason::VersionConflict,
            Self::KeyReused => Reason::IdempotencyKeyReused,
            Self::KeyInProgress => Reason::IdempotencyInProgress,
            Self::Ordering(answer) | Self::Media(answer) => answer.reason,
            Self::Shared(error) => error.reason(),
            Self::Database(error) if error.kind().passes() => Reason::Unavailable,
            Self::Database(_) | Self::Interrupted(_) | Self::Missing(_) => Reason::InternalError,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Ordering(answer) | Self::Media(answer) => answer.message.clone(),
            other => other.reason().message().to_owned(),
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Invalid(problems) => {
                problems.iter().map(|problem| Detail::new(&problem.field, &problem.message)).collect()
            }
            Self::Caller(refused) => refused.details(),
            Self::CategoryInUse { products } => {
                vec![Detail::new("", format!("{products} products use it")).with("products", *products)]
            }
            Self::VersionConflict { current } => {
                vec![Detail::new("If-Match", format!("version {current} is current")).with("current_version", *current)]
            }
            Self::Ordering(answer) | Self::Media(answer) => answer.details.clone(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Ordering(answer) | Self::Media(answer) => answer.retry_after,
            _ => None,
        }
    }
}

service_error::into_status!(Error);

/// What a wait for a lock means where a twin with the same key may hold it.
pub(crate) fn waiting_for_twin(error: diesel::result::Error) -> Error {
    match Kind::of_query(&error) {
        Kind::LockTimeout | Kind::StatementTimeout => Error::KeyInProgress,
        _ => error.into(),
    }
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or not ours.
    #[error("{0} cannot be listened on")]
    Port(SocketAddr, #[source] std::io::Error),
    /// The database refuses, or lacks migrations: run `catalog migrate`.
    #[error("CATALOG_DATABASE_URL: run `catalog migrate` if migrations are pending")]
    Database(#[from] database::Error),
    /// The broker refuses.
    #[error("CATALOG_RABBITMQ_URL: the broker refuses")]
    Broker(#[from] events::Error),
    /// `CATALOG_REDIS_URL` is malformed.
    #[error("CATALOG_REDIS_URL is not an address of Redis")]
    Redis(#[from] redis::RedisError),
    /// The address of another service is malformed.
    #[error("CATALOG_ORDERING_URL, CATALOG_IDENTITY_URL or CATALOG_MEDIA_URL is not an address")]
    Address(#[from] tonic::transport::Error),
    /// `CATALOG_ACCESS_TOKEN_SECRETS` cannot be used.
    #[error("CATALOG_ACCESS_TOKEN_SECRETS cannot be used")]
    Secrets(#[from] access_token::SecretError),
}
