//! Uploads as the contract shows them (part 2, 4.2).

use chrono::{DateTime, Utc};
use protocol::convert::{Malformed, choice, optional_time, required, time};
use protocol::media::v1 as wire;
use serde::{Deserialize, Serialize};
use service_error::Reason;
use utoipa::ToSchema;

use super::time::{iso, iso_optional};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadKind {
    Image,
    ProductImage,
    ReelVideo,
    Avatar,
    OfferImage,
}

protocol::wire_enum!(wire::UploadKind, UploadKind, { Image, ProductImage, ReelVideo, Avatar, OfferImage });

/// How far it is; the last two are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UploadStatus {
    Pending,
    Processing,
    Ready,
    Failed,
}

protocol::wire_enum!(wire::UploadStatus, UploadStatus, { Pending, Processing, Ready, Failed });

/// A file that was sent, or is awaited.
#[derive(Serialize, ToSchema)]
pub struct Upload {
    #[schema(format = Uuid)]
    id: String,
    kind: UploadKind,
    status: UploadStatus,
    #[schema(format = Uuid)]
    product_id: Option<String>,
    /// As declared while it is pending; then of the served copy.
    content_type: String,
    /// Of the received file.
    size_bytes: i64,
    /// Null until the served copy exists.
    key: Option<String>,
    url: Option<String>,
    /// Null until it is ready.
    thumbnail_key: Option<String>,
    thumbnail_url: Option<String>,
    width: Option<i32>,
    height: Option<i32>,
    /// Of videos.
    duration_seconds: Option<f64>,
    /// When it failed.
    error: Option<UploadError>,
    /// Only while it is pending.
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
}

/// Why an upload failed, or the reel of one.
#[derive(Serialize, ToSchema)]
pub struct UploadError {
    code: String,
    message: String,
}

impl From<String> for UploadError {
    fn from(code: String) -> Self {
        let message = code.parse().map_or("The file could not be processed.", Reason::message);
        Self { message: message.to_owned(), code }
    }
}

impl TryFrom<wire::Upload> for Upload {
    type Error = Malformed;

    fn try_from(upload: wire::Upload) -> Result<Self, Malformed> {
        let intent = required("intent", upload.intent)?;
        Ok(Self {
            kind: choice::<wire::UploadKind, _>("kind", intent.kind)?,
            status: status(upload.status)?,
            #[expect(clippy::cast_precision_loss, reason = "300 seconds at most")]
            duration_seconds: upload.duration_ms.map(|duration| duration as f64 / 1_000.0),
            expires_at: optional_time("expires_at", upload.expires_at.as_ref())?,
            created_at: time("created_at", upload.created_at.as_ref())?,
            updated_at: time("updated_at", upload.updated_at.as_ref())?,
            id: upload.id,
            product_id: intent.product_id,
            content_type: upload.content_type,
            size_bytes: upload.size_bytes,
            key: upload.key,
            url: upload.url,
            thumbnail_key: upload.thumbnail_key,
            thumbnail_url: upload.thumbnail_url,
            width: upload.width,
            height: upload.height,
            error: upload.error_code.map(Into::into),
        })
    }
}

/// # Errors
/// It is none.
pub fn status(number: i32) -> Result<UploadStatus, Malformed> {
    choice::<wire::UploadStatus, _>("status", number)
}
