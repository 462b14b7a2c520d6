//! Why media does not do as told.

use std::net::SocketAddr;

use commerce_types::ProductId;
use media_files::Refusal as FileRefusal;
use object_storage::Error as StorageError;
use service_error::{Detail, Reason, Refusal, ServiceError};
use service_runtime::Interrupted;

use crate::domain::intent::Invalid;
use crate::domain::quota::Exceeded;

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the caller may not do this")]
    Caller(#[from] access_token::Refused),
    #[error("a field is not valid")]
    Invalid(#[from] Invalid),
    #[error("no such product of the caller")]
    ProductNotFound(ProductId),
    #[error("the product has all the images it may have")]
    TooManyImages,
    #[error("no such upload for this caller")]
    UploadNotFound,
    #[error("no such file for this caller")]
    FileNotFound,
    #[error("somebody shows the file")]
    FileInUse,
    #[error("the bytes have not arrived")]
    NotReceived,
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the file has {received} bytes, not {declared}")]
    SizeMismatch { declared: u64, received: u64 },
    #[error("the file is not taken")]
    File(#[from] FileRefusal),
    #[error("the quota is used up")]
    Quota(#[from] Exceeded),
    /// The body broke off or stood still.
    #[error("the bytes stopped coming")]
    Body(#[source] object_storage::Cause),
    /// As many files are received as may be.
    #[error("too many uploads are under way")]
    Crowded,
    /// ffmpeg is not installed.
    #[error("videos cannot be worked on here")]
    NoVideos,
    /// Nobody had worked on it in time, or five times without success.
    #[error("the file was not processed")]
    Unprocessed,
    #[error("the object storage failed")]
    Storage(#[from] StorageError),
    /// Another service, which had to be asked.
    #[error("another service is away")]
    Other(#[source] ServiceError),
    #[error("the database failed")]
    Database(#[from] database::Error),
    #[error("the work was interrupted")]
    Interrupted(#[from] Interrupted),
    #[error("decoding was interrupted")]
    Decoding(#[from] tokio::task::JoinError),
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
            Self::Invalid(_) | Self::Body(_) => Reason::ValidationError,
            Self::ProductNotFound(_) => Reason::ProductNotFound,
            Self::TooManyImages => Reason::TooManyImages,
            Self::UploadNotFound => Reason::UploadNotFound,
            Self::FileNotFound => Reason::FileNotFound,
            Self::FileInUse => Reason::FileInUse,
            Self::NotReceived => Reason::UploadNotReceived,
            Self::TooLarge { .. } => Reason::FileTooLarge,
            Self::File(FileRefusal::Unsupported) => Reason::UnsupportedMediaType,
            Self::SizeMismatch { .. } | Self::File(FileRefusal::Unprocessable(_)) => Reason::UnprocessableMedia,
            Self::Quota(_) => Reason::RateLimited,
            Self::Crowded | Self::NoVideos | Self::Unprocessed | Self::Other(_) => Reason::Unavailable,
            Self::Storage(StorageError::File(_)) => Reason::InternalError,
            Self::Storage(_) => Reason::Unavailable,
            Self::Database(error) if error.kind().passes() => Reason::Unavailable,
            Self::Database(_) | Self::Interrupted(_) | Self::Decoding(_) => Reason::InternalError,
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Caller(refused) => refused.details(),
            Self::Invalid(Invalid { field, problem }) => vec![Detail::new(*field, *problem)],
            Self::Body(_) => vec![Detail::new("file", "did not come whole")],
            Self::ProductNotFound(id) => {
                vec![Detail::new("product_id", "is none of yours").with("product_id", id.to_string())]
            }
            Self::TooLarge { limit } => {
                vec![Detail::new("file", format!("has more than {limit} bytes")).with("limit_bytes", *limit)]
            }
            Self::SizeMismatch { declared, received } => vec![
                Detail::new("size_bytes", "is not the size of the file")
                    .with("problem", "size_mismatch")
                    .with("declared_bytes", *declared)
                    .with("received_bytes", *received),
            ],
            Self::File(FileRefusal::Unprocessable(reason)) => {
                vec![Detail::new("file", reason.to_string()).with("problem", reason.code())]
            }
            Self::Quota(exceeded) => vec![Detail::new("", exceeded.to_string())],
            _ => Vec::new(),
        }
    }
}

service_error::into_status!(Error);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or not ours.
    #[error("{0} cannot be listened on")]
    Port(SocketAddr, #[source] std::io::Error),
    /// The database refuses, or lacks migrations: run `media migrate`.
    #[error("MEDIA_DATABASE_URL: run `media migrate` if migrations are pending")]
    Database(#[from] database::Error),
    /// The broker refuses.
    #[error("MEDIA_RABBITMQ_URL: the broker refuses")]
    Broker(#[from] events::Error),
    /// Files cannot be put down on their way.
    #[error("MEDIA_SPOOL: {0} is no folder that can be made or used")]
    Spool(std::path::PathBuf, #[source] std::io::Error),
    /// The object storage's settings make no client.
    #[error("MEDIA_S3_ENDPOINT, MEDIA_S3_BUCKET, MEDIA_S3_ACCESS_KEY: they name no bucket")]
    Storage(#[from] object_storage::ConfigError),
    /// The address of another service is malformed.
    #[error("MEDIA_CATALOG_URL, MEDIA_REELS_URL, MEDIA_IDENTITY_URL, MEDIA_ORDERING_URL: one is not an address")]
    Address(#[from] tonic::transport::Error),
    /// `MEDIA_ACCESS_TOKEN_SECRETS` cannot be used.
    #[error("MEDIA_ACCESS_TOKEN_SECRETS cannot be used")]
    Secrets(#[from] access_token::SecretError),
}
