//! Files sent as forms (part 2, 4.3): passed on to media as they come.

use commerce_types::ProductId;
use futures::FutureExt;
use protocol::convert::required;
use protocol::media::v1 as wire;
use protocol::media::v1::receive_upload_request::Part as Sent;
use serde::Serialize;
use service_error::Reason;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::form::{Form, Part};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::product::ProductImage;
use super::shapes::upload::{UploadStatus, status};
use crate::rate_limit::Rule;

/// Pieces on their way to media.
const AHEAD: usize = 2;
/// Of a piece; what the network brings is smaller, as a rule.
const LARGEST_PIECE: usize = 256 * 1024;

pub(super) fn routes() -> Vec<Route> {
    let form = |route: Route| route.with_form().strictly(Rule::Upload);
    vec![
        form(Route::new(__path_upload_image, upload_image)),
        form(Route::new(__path_upload, upload)),
        form(Route::new(__path_upload_product_image, upload_product_image).for_sellers()),
        form(Route::new(__path_upload_reel_video, upload_reel_video).for_sellers()),
    ]
}

/// The parts that a form may have.
struct Fields {
    /// Of the file; any, if none is named.
    file: &'static [&'static str],
    /// `is_primary` and `display_order` may be there.
    takes_place: bool,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows it")]
struct ImageForm {
    /// JPEG, PNG, GIF or WebP, 10 MB at most. May be named `file` instead.
    #[schema(format = Binary)]
    image: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows it")]
struct FileForm {
    #[schema(format = Binary)]
    file: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows it")]
struct ProductImageForm {
    /// JPEG, PNG, GIF or WebP, 10 MB at most.
    #[schema(format = Binary)]
    file: String,
    is_primary: Option<bool>,
    /// After the last, if it is not said.
    #[schema(minimum = 0, maximum = 1_000)]
    display_order: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct ImageUploaded {
    success: bool,
    message: &'static str,
    url: String,
    key: String,
    #[schema(format = Uuid)]
    upload_id: String,
    status: UploadStatus,
    content_type: String,
    size_bytes: i64,
    width: i32,
    height: i32,
    /// Made later.
    #[serde(rename = "thumbnailUrl")]
    thumbnail_url: Option<String>,
    #[serde(rename = "thumbnailKey")]
    thumbnail_key: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct FileUploaded {
    message: &'static str,
    /// Of a product's picture: as the product shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    image: Option<ProductImage>,
    url: String,
    key: String,
    #[schema(format = Uuid)]
    upload_id: String,
    status: UploadStatus,
    /// Made later.
    #[serde(rename = "thumbnailUrl")]
    thumbnail_url: Option<String>,
    #[serde(rename = "thumbnailKey")]
    thumbnail_key: Option<String>,
}

/// Send a picture
#[utoipa::path(post, path = "/api/v1/storage/upload-image", tag = "storage",
    request_body(content = ImageForm, content_type = "multipart/form-data"), responses(
        (status = 201, description = "Its served copy can be fetched", body = ImageUploaded),
        (status = 413, description = "`FILE_TOO_LARGE`", body = super::error::ErrorBody<'static>),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`", body = super::error::ErrorBody<'static>),
        (status = 422, description = "`UNPROCESSABLE_MEDIA`", body = super::error::ErrorBody<'static>),
    ))]
async fn upload_image(call: Call) -> Answer {
    image(call, Fields { file: &["image", "file"], takes_place: false }).await
}

/// Send a picture under any name
#[utoipa::path(post, path = "/api/v1/storage/upload", tag = "storage",
    request_body(content = FileForm, content_type = "multipart/form-data"), responses(
        (status = 201, description = "Its served copy can be fetched", body = ImageUploaded),
        (status = 413, description = "`FILE_TOO_LARGE`", body = super::error::ErrorBody<'static>),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`", body = super::error::ErrorBody<'static>),
        (status = 422, description = "`UNPROCESSABLE_MEDIA`", body = super::error::ErrorBody<'static>),
    ))]
async fn upload(call: Call) -> Answer {
    image(call, Fields { file: &[], takes_place: false }).await
}

async fn image(mut call: Call, fields: Fields) -> Answer {
    let upload = receive(&mut call, wire::UploadKind::Image, None, &fields).await?;
    Ok(Reply::created(&ImageUploaded {
        success: true,
        message: "The picture was received.",
        url: required("url", upload.url)?,
        key: required("key", upload.key)?,
        upload_id: upload.id,
        status: status(upload.status)?,
        content_type: upload.content_type,
        size_bytes: upload.size_bytes,
        width: required("width", upload.width)?,
        height: required("height", upload.height)?,
        thumbnail_url: upload.thumbnail_url,
        thumbnail_key: upload.thumbnail_key,
    }))
}

/// Send a picture of a product
#[utoipa::path(post, path = "/api/v1/storage/products/{productId}/images", tag = "storage",
    params(("productId" = uuid::Uuid, Path)),
    request_body(content = ProductImageForm, content_type = "multipart/form-data"), responses(
        (status = 201, description = "The product shows it", body = FileUploaded),
        (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`TOO_MANY_IMAGES`", body = super::error::ErrorBody<'static>),
        (status = 413, description = "`FILE_TOO_LARGE`", body = super::error::ErrorBody<'static>),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`", body = super::error::ErrorBody<'static>),
        (status = 422, description = "`UNPROCESSABLE_MEDIA`", body = super::error::ErrorBody<'static>),
    ))]
async fn upload_product_image(mut call: Call) -> Answer {
    let product_id: ProductId = call.id("productId")?;
    let fields = Fields { file: &["file"], takes_place: true };
    let upload = receive(&mut call, wire::UploadKind::ProductImage, Some(product_id), &fields).await?;
    let (key, url) = (required("key", upload.key)?, required("url", upload.url)?);
    let written = call.app.upstream.link_image(upload.id.clone(), call.account.as_ref()).await;
    if written.as_ref().is_err_and(|refused| refused.reason == Reason::TooManyImages) {
        // Nothing shows it now, nor ever will; what is left behind by a failure, media finds.
        drop(call.app.upstream.delete_file(&key, call.account.as_ref()).await);
    }
    let image = call.written(written?)?.images.into_iter().find(|image| image.image_url == url);
    Ok(Reply::created(&FileUploaded {
        message: "The product shows the picture.",
        image,
        url,
        key,
        upload_id: upload.id,
        status: status(upload.status)?,
        thumbnail_url: upload.thumbnail_url,
        thumbnail_key: upload.thumbnail_key,
    }))
}

/// Send a video of a product, for a reel
#[utoipa::path(post, path = "/api/v1/storage/reels/{productId}/video", tag = "storage",
    params(("productId" = uuid::Uuid, Path)),
    request_body(content = FileForm, content_type = "multipart/form-data"), responses(
        (status = 201, description = "Received: pass `upload_id` to POST /reels; `url` is there when it is ready",
            body = FileUploaded),
        (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 413, description = "`FILE_TOO_LARGE`", body = super::error::ErrorBody<'static>),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`", body = super::error::ErrorBody<'static>),
        (status = 422, description = "`UNPROCESSABLE_MEDIA`", body = super::error::ErrorBody<'static>),
    ))]
async fn upload_reel_video(mut call: Call) -> Answer {
    let product_id: ProductId = call.id("productId")?;
    let fields = Fields { file: &["file"], takes_place: false };
    let upload = receive(&mut call, wire::UploadKind::ReelVideo, Some(product_id), &fields).await?;
    Ok(Reply::created(&FileUploaded {
        message: "The video was received.",
        image: None,
        url: required("url", upload.url)?,
        key: required("key", upload.key)?,
        upload_id: upload.id,
        status: status(upload.status)?,
        thumbnail_url: upload.thumbnail_url,
        thumbnail_key: upload.thumbnail_key,
    }))
}

/// Asks whether it may be sent, then sends it on. Nothing is kept of a form that turns out to be wrong at its end.
async fn receive(
    call: &mut Call,
    kind: wire::UploadKind,
    product_id: Option<ProductId>,
    fields: &Fields,
) -> Result<wire::Upload, ApiError> {
    let intent = wire::UploadIntent {
        kind: kind.into(),
        product_id: product_id.map(Into::into),
        ..wire::UploadIntent::default()
    };
    call.app.upstream.check_upload(intent.clone(), call.account.as_ref()).await?;
    let form = call.form()?;
    let (sent, taken) = mpsc::channel(AHEAD);
    let (app, account) = (std::sync::Arc::clone(&call.app), call.account.clone());
    let answer = app.upstream.receive_upload(ReceiverStream::new(taken), account.as_ref());
    let mut answer = std::pin::pin!(answer.fuse());
    let mut send = std::pin::pin!(send(form, intent, fields, sent).fuse());
    let received = tokio::select! {
        // What media refuses it says before the end; with an answer before the end it took what it wanted.
        answered = &mut answer => answered?,
        // Media hears of a wrong form that the call was given up.
        wrong = &mut send => { wrong?; answer.await? }
    };
    Ok(as_received(received))
}

/// A form's answer does not depend on how quick a worker is: the thumbnail comes later (4.3).
fn as_received(upload: wire::Upload) -> wire::Upload {
    wire::Upload { status: wire::UploadStatus::Processing.into(), thumbnail_key: None, thumbnail_url: None, ..upload }
}

/// The parts of a form as media takes them; the end of the stream, which makes it count, comes last.
async fn send(
    mut form: Form,
    mut intent: wire::UploadIntent,
    fields: &Fields,
    sent: mpsc::Sender<wire::ReceiveUploadRequest>,
) -> Result<(), ApiError> {
    let mut has_file = false;
    pass(&sent, Sent::Intent(intent.clone())).await;
    while let Some(part) = form.next().await? {
        match part.name() {
            "is_primary" if fields.takes_place && intent.is_primary.is_none() => {
                intent.is_primary = Some(read("is_primary", part, "must be true or false").await?);
            }
            "display_order" if fields.takes_place && intent.display_order.is_none() => {
                let order = read("display_order", part, "must be 0 to 1000").await?;
                intent.display_order = Some(order);
                if order > 1_000 {
                    return Err(ApiError::invalid("display_order", "must be 0 to 1000"));
                }
            }
            name if fields.file.is_empty() || fields.file.contains(&name) => {
                if std::mem::replace(&mut has_file, true) {
                    return Err(ApiError::invalid(name.to_owned(), "must be one file"));
                }
                send_file(part, &sent).await?;
            }
            name => return Err(ApiError::invalid(name.to_owned(), "is not known here")),
        }
    }
    if !has_file {
        return Err(ApiError::invalid(fields.file.first().copied().unwrap_or("file"), "is missing"));
    }
    // Without its end a file does not count.
    pass(&sent, Sent::Intent(intent)).await;
    Ok(())
}

async fn send_file(mut part: Part, sent: &mpsc::Sender<wire::ReceiveUploadRequest>) -> Result<(), ApiError> {
    let mut is_empty = true;
    while let Some(mut chunk) = part.chunk().await? {
        while !chunk.is_empty() {
            is_empty = false;
            let piece = chunk.split_to(chunk.len().min(LARGEST_PIECE));
            pass(sent, Sent::Chunk(piece)).await;
        }
    }
    if is_empty { Err(ApiError::invalid(part.name().to_owned(), "is empty")) } else { Ok(()) }
}

/// Whether media still listens, its answer tells.
async fn pass(sent: &mpsc::Sender<wire::ReceiveUploadRequest>, part: Sent) {
    if sent.send(wire::ReceiveUploadRequest { part: Some(part) }).await.is_err() {
        std::future::pending().await
    }
}

async fn read<T: std::str::FromStr>(name: &'static str, part: Part, rule: &'static str) -> Result<T, ApiError> {
    part.text().await?.parse().map_err(|_other| ApiError::invalid(name, rule))
}
