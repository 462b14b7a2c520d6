//! Answers: rows as messages of the contract.

use protocol::convert::{text, timestamp};
use protocol::media::v1 as wire;

use crate::domain::upload::{Upload, UploadStatus};

protocol::wire_enum!(wire::UploadStatus, UploadStatus, { Pending, Processing, Ready, Failed });

/// An upload; `public_url` is where its keys are seen.
pub(crate) fn upload(upload: &Upload, public_url: &str) -> wire::Upload {
    let url = |key: &Option<String>| key.as_ref().map(|key| format!("{public_url}/{key}"));
    wire::Upload {
        id: upload.id.to_string(),
        owner_id: upload.owner_id.to_string(),
        intent: Some(wire::UploadIntent {
            kind: wire::UploadKind::from(upload.kind).into(),
            product_id: text(upload.product_id),
            is_primary: upload.is_primary,
            display_order: upload.display_order.and_then(|order| order.try_into().ok()),
        }),
        status: wire::UploadStatus::from(upload.status).into(),
        content_type: upload.content_type.clone(),
        size_bytes: upload.size_bytes,
        key: upload.key.clone(),
        url: url(&upload.key),
        thumbnail_key: upload.thumbnail_key.clone(),
        thumbnail_url: url(&upload.thumbnail_key),
        served_bytes: upload.served_bytes,
        width: upload.width,
        height: upload.height,
        duration_ms: upload.duration_ms,
        error_code: text(upload.error_code),
        expires_at: upload.expires_at.map(timestamp),
        created_at: Some(timestamp(upload.created_at)),
        updated_at: Some(timestamp(upload.updated_at)),
    }
}
