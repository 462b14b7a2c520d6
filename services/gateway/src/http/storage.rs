//! Files: sent as forms or straight to the bucket, looked at, deleted (part 2, 4).

use commerce_types::{ProductId, UploadId};
use garde::Validate;
use protocol::media::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::fields::{Text, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::time::iso_optional;
use super::shapes::upload::{Upload, UploadKind};
use crate::rate_limit::Rule;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_create_upload, create_upload).with_body().strictly(Rule::Upload),
        Route::new(__path_complete_upload, complete_upload).strictly(Rule::Upload),
        Route::new(__path_show_upload, show_upload),
        Route::new(__path_delete_file, delete_file).with_rest(),
    ]
}

/// A file that is to be written straight to the bucket.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUpload {
    #[garde(skip)]
    #[schema(inline)]
    kind: UploadKind,
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    content_type: Text,
    /// Exactly.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    size_bytes: i64,
    /// For `product_image` and `reel_video`, the caller's own.
    #[garde(skip)]
    #[schema(value_type = Option<uuid::Uuid>)]
    product_id: Option<ProductId>,
    /// For `product_image`.
    #[garde(skip)]
    is_primary: Option<bool>,
    /// For `product_image`.
    #[garde(range(max = 1_000))]
    #[schema(minimum = 0, maximum = 1_000)]
    display_order: Option<u32>,
}

impl NewUpload {
    fn intent(&self) -> Result<wire::UploadIntent, ApiError> {
        let is_of_product = matches!(self.kind, UploadKind::ProductImage | UploadKind::ReelVideo);
        match self.kind {
            UploadKind::Image => {
                return Err(ApiError::invalid(
                    "kind",
                    "is sent as a form: avatar, product_image, reel_video or offer_image",
                ));
            }
            _ if is_of_product && self.product_id.is_none() => {
                return Err(ApiError::invalid("product_id", "is missing"));
            }
            _ if !is_of_product && self.product_id.is_some() => {
                return Err(ApiError::invalid("product_id", "is not of this kind"));
            }
            UploadKind::ProductImage => {}
            _ if self.is_primary.is_some() => return Err(ApiError::invalid("is_primary", "is for product images")),
            _ if self.display_order.is_some() => {
                return Err(ApiError::invalid("display_order", "is for product images"));
            }
            _ => {}
        }
        Ok(wire::UploadIntent {
            kind: wire::UploadKind::from(self.kind).into(),
            product_id: self.product_id.map(Into::into),
            is_primary: self.is_primary,
            display_order: self.display_order,
        })
    }
}

/// Where and how to send the bytes.
#[derive(Serialize, ToSchema)]
struct UploadCreated {
    #[schema(format = Uuid)]
    upload_id: String,
    url: String,
    method: &'static str,
    /// To be sent unchanged.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    headers: serde_json::Map<String, serde_json::Value>,
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Of the received object: never public.
    key: String,
}

/// Ask for leave to write a file straight to the bucket
#[utoipa::path(post, path = "/api/v1/storage/uploads", tag = "storage", request_body = NewUpload, responses(
    (status = 201, description = "PUT the bytes to `url` with these headers, within 15 minutes", body = UploadCreated),
    (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    (status = 409, description = "`TOO_MANY_IMAGES`", body = super::error::ErrorBody<'static>),
    (status = 413, description = "`FILE_TOO_LARGE`", body = super::error::ErrorBody<'static>),
    (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`", body = super::error::ErrorBody<'static>),
))]
async fn create_upload(call: Call) -> Answer {
    let new: NewUpload = call.body()?;
    let message = wire::CreateUploadRequest {
        intent: Some(new.intent()?),
        content_type: new.content_type.into(),
        size_bytes: new.size_bytes,
    };
    let created = call.app.upstream.create_upload(message, call.account.as_ref()).await?;
    Ok(Reply::created(&UploadCreated {
        upload_id: created.id,
        url: created.url,
        method: "PUT",
        headers: created.headers.into_iter().map(|header| (header.name, header.value.into())).collect(),
        expires_at: protocol::convert::optional_time("expires_at", created.expires_at.as_ref())?,
        key: created.key,
    }))
}

/// Say that the bytes are in the bucket
#[utoipa::path(post, path = "/api/v1/storage/uploads/{id}/complete", tag = "storage",
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Received; repeated, as it is now", body = Upload),
        (status = 404, description = "`UPLOAD_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`UPLOAD_NOT_RECEIVED`", body = super::error::ErrorBody<'static>),
        (status = 413, description = "`FILE_TOO_LARGE`", body = super::error::ErrorBody<'static>),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`", body = super::error::ErrorBody<'static>),
        (status = 422, description = "`UNPROCESSABLE_MEDIA`", body = super::error::ErrorBody<'static>),
    ))]
async fn complete_upload(call: Call) -> Answer {
    let id: UploadId = call.id("id")?;
    let upload = call.app.upstream.complete_upload(id, call.account.as_ref()).await?;
    Ok(Reply::done(&Upload::try_from(upload)?))
}

/// One upload
#[utoipa::path(get, path = "/api/v1/storage/uploads/{id}", tag = "storage", params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The upload", body = Upload),
        (status = 404, description = "`UPLOAD_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn show_upload(call: Call) -> Answer {
    let upload = call.app.upstream.get_upload(call.id("id")?, call.account.as_ref()).await?;
    Ok(Reply::ok(&Upload::try_from(upload)?))
}

#[derive(Serialize, ToSchema)]
#[schema(as = FileDeleted)]
struct Deleted {
    message: &'static str,
    key: String,
}

/// Delete a file that nothing shows
#[utoipa::path(delete, path = "/api/v1/storage/files/{key}", tag = "storage",
    params(("key" = String, Path, description = "Of a served copy or a pending upload; slashes plain or as %2F")),
    responses(
        (status = 200, description = "Copy, thumbnail and record are gone", body = Deleted),
        (status = 404, description = "`FILE_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`FILE_IN_USE`", body = super::error::ErrorBody<'static>),
    ))]
async fn delete_file(call: Call) -> Answer {
    let deleted = call.app.upstream.delete_file(call.param("key"), call.account.as_ref()).await?;
    Ok(Reply::done(&Deleted { message: "The file was deleted.", key: deleted.key }))
}
