//! Why reels does not do as told.

use std::net::SocketAddr;
use std::sync::Arc;

use commerce_types::ProductId;
use database::Kind;
use service_error::{Detail, Reason, Refusal, ServiceError};
use service_runtime::Interrupted;

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the caller may not do this")]
    Caller(#[from] access_token::Refused),
    #[error("no such reel for this caller")]
    ReelNotFound,
    #[error("no such comment for this caller")]
    CommentNotFound,
    #[error("no such product of the caller")]
    ProductNotFound(ProductId),
    #[error("no such upload of the caller")]
    UploadNotFound,
    #[error("no such file of the caller")]
    FileNotFound,
    /// What the field names is not what it is to be.
    #[error("{0} {1}")]
    Invalid(&'static str, &'static str),
    #[error("the upload is pending, or failed")]
    UploadNotUsable,
    #[error("another reel shows the upload")]
    UploadAlreadyUsed,
    /// The caller's account is deleted.
    #[error("the caller has no account")]
    NoAccount,
    #[error("the cursor is not of this list")]
    InvalidCursor,
    #[error("the key was used with another body")]
    KeyReused,
    #[error("the first request with the key still runs")]
    KeyInProgress,
    /// More likes wait than are taken.
    #[error("too many wait")]
    Crowded,
    #[error("catalog is away")]
    Catalog(#[source] ServiceError),
    #[error("media is away")]
    Media(#[source] ServiceError),
    #[error("the database failed")]
    Database(#[from] database::Error),
    /// What failed for all likes that were committed together.
    #[error("a common commit failed")]
    Shared(#[source] Arc<Error>),
    #[error("the work was interrupted")]
    Interrupted(#[from] Interrupted),
    /// What a transaction had just written or locked is not there.
    #[error("a row is missing: {0}")]
    Missing(&'static str),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Refusal for Error {
    fn reason(&self) -> Reason {
        match self {
            Self::Caller(refused) => refused.reason(),
            Self::ReelNotFound => Reason::ReelNotFound,
            Self::CommentNotFound => Reason::CommentNotFound,
            Self::ProductNotFound(_) => Reason::ProductNotFound,
            Self::UploadNotFound => Reason::UploadNotFound,
            Self::FileNotFound => Reason::FileNotFound,
            Self::Invalid(..) => Reason::ValidationError,
            Self::UploadNotUsable => Reason::UploadNotUsable,
            Self::UploadAlreadyUsed => Reason::UploadAlreadyUsed,
            Self::NoAccount => Reason::Unauthorized,
            Self::InvalidCursor => Reason::InvalidCursor,
            Self::KeyReused => Reason::IdempotencyKeyReused,
            Self::KeyInProgress => Reason::IdempotencyInProgress,
            Self::Crowded | Self::Catalog(_) | Self::Media(_) => Reason::Unavailable,
            Self::Shared(error) => error.reason(),
            Self::Database(error) if error.kind().passes() => Reason::Unavailable,
            Self::Database(_) | Self::Interrupted(_) | Self::Missing(_) => Reason::InternalError,
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Caller(refused) => refused.details(),
            Self::Invalid(field, problem) => vec![Detail::new(*field, *problem)],
            Self::ProductNotFound(id) => {
                vec![Detail::new("product_id", "is none of yours").with("product_id", id.to_string())]
            }
            _ => Vec::new(),
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
    /// The database refuses, or lacks migrations: run `reels migrate`.
    #[error("REELS_DATABASE_URL: run `reels migrate` if migrations are pending")]
    Database(#[from] database::Error),
    /// The broker refuses.
    #[error("REELS_RABBITMQ_URL: the broker refuses")]
    Broker(#[from] events::Error),
    /// `REELS_REDIS_URL` is malformed.
    #[error("REELS_REDIS_URL is not an address of Redis")]
    Redis(#[from] redis::RedisError),
    /// The address of another service is malformed.
    #[error("REELS_CATALOG_URL is not an address")]
    Address(#[from] tonic::transport::Error),
    /// `REELS_ACCESS_TOKEN_SECRETS` cannot be used.
    #[error("REELS_ACCESS_TOKEN_SECRETS cannot be used")]
    Secrets(#[from] access_token::SecretError),
    /// What is to be seeded cannot be.
    #[error("the seed")]
    Seed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
