//! Reels: lists, details, and what their sellers do with them (part 2, 3).

use access_token::Account;
use commerce_types::{ProductId, ReelId, UploadId, UserId};
use garde::Validate;
use protocol::convert::required;
use protocol::reels::v1 as wire;
use protocol::reels::v1::publish_reel_request::Video;
use protocol::types::v1::TextChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::change::Change;
use super::error::ApiError;
use super::fields::{Text, given, is_public_url, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::feed::{Feed, feed_page};
use super::shapes::reel::{LikedReel, Reel, ReelStatus};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_list_reels, list_reels).public().with_query(),
        Route::new(__path_show_reel, show_reel).public(),
        Route::new(__path_publish_reel, publish_reel).for_sellers().with_body().with_key(),
        Route::new(__path_change_reel, change_reel).for_sellers().with_body(),
        Route::new(__path_delete_reel, delete_reel).for_sellers_and_admins(),
        Route::new(__path_view_reel, view_reel).for_anyone(),
        Route::new(__path_list_own_reels, list_own_reels).for_sellers_and_admins().with_query(),
        Route::new(__path_list_liked_reels, list_liked_reels).with_query(),
    ]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ReelsQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 50))]
    #[param(minimum = 1, maximum = 50, default = 20)]
    limit: Option<u32>,
    /// `meta.nextCursor` of the answer before, instead of `page`.
    #[garde(skip)]
    cursor: Option<String>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    product_id: Option<ProductId>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    seller_id: Option<UserId>,
}

/// Public reels, newest first
#[utoipa::path(get, path = "/api/v1/reels", tag = "reels", params(ReelsQuery), responses(
    (status = 200, description = "A page with an exact total, or what follows a cursor", body = Feed<Reel>),
    (status = 400, description = "`VALIDATION_ERROR`, `INVALID_CURSOR`", body = super::error::ErrorBody<'static>),
))]
async fn list_reels(call: Call) -> Answer {
    let query: ReelsQuery = call.query()?;
    let page = feed_page(query.page, query.limit, query.cursor)?;
    let message = wire::ListReelsRequest {
        page: Some(page.clone()),
        product_id: query.product_id.map(Into::into),
        seller_id: query.seller_id.map(Into::into),
    };
    let answer = call.app.upstream.list_reels(message, call.account.as_ref()).await?;
    feed(&call, answer, &page)
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct OwnReelsQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 50))]
    #[param(minimum = 1, maximum = 50, default = 20)]
    limit: Option<u32>,
    /// `meta.nextCursor` of the answer before, instead of `page`.
    #[garde(skip)]
    cursor: Option<String>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    product_id: Option<ProductId>,
    #[garde(skip)]
    #[param(inline)]
    status: Option<ReelStatus>,
}

/// The caller's own reels of every status, newest first
#[utoipa::path(get, path = "/api/v1/seller/reels", tag = "reels", params(OwnReelsQuery), responses(
    (status = 200, description = "A page with an exact total, or what follows a cursor", body = Feed<Reel>),
    (status = 400, description = "`VALIDATION_ERROR`, `INVALID_CURSOR`", body = super::error::ErrorBody<'static>),
))]
async fn list_own_reels(call: Call) -> Answer {
    let query: OwnReelsQuery = call.query()?;
    let page = feed_page(query.page, query.limit, query.cursor)?;
    let status = query.status.map_or(wire::ReelStatus::Unspecified, Into::into);
    let message = wire::ListOwnReelsRequest {
        page: Some(page.clone()),
        product_id: query.product_id.map(Into::into),
        status: status.into(),
    };
    let answer = call.app.upstream.list_own_reels(message, call.account.as_ref()).await?;
    feed(&call, answer, &page)
}

fn feed(call: &Call, answer: wire::ListReelsResponse, page: &wire::FeedPage) -> Answer {
    let reels = answer.reels.into_iter().map(|reel| Reel::new(reel, call.caller())).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&Feed::new(reels, page, answer.total, answer.next_cursor)))
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct LikedReelsQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 50))]
    #[param(minimum = 1, maximum = 50, default = 20)]
    limit: Option<u32>,
    /// `meta.nextCursor` of the answer before, instead of `page`.
    #[garde(skip)]
    cursor: Option<String>,
}

/// Public reels that the caller likes, latest like first
#[utoipa::path(get, path = "/api/v1/users/me/likes", tag = "reels", params(LikedReelsQuery), responses(
    (status = 200, description = "A page with an exact total, or what follows a cursor", body = Feed<LikedReel>),
    (status = 400, description = "`VALIDATION_ERROR`, `INVALID_CURSOR`", body = super::error::ErrorBody<'static>),
))]
async fn list_liked_reels(call: Call) -> Answer {
    let query: LikedReelsQuery = call.query()?;
    let page = feed_page(query.page, query.limit, query.cursor)?;
    let message = wire::ListLikedReelsRequest { page: Some(page.clone()) };
    let answer = call.app.upstream.list_liked_reels(message, call.account.as_ref()).await?;
    let reels = answer.reels.into_iter().map(|reel| LikedReel::new(reel, call.caller())).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&Feed::new(reels, &page, answer.total, answer.next_cursor)))
}

/// One reel
#[utoipa::path(get, path = "/api/v1/reels/{id}", tag = "reels", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The reel; with `error` for its seller and admins", body = Reel),
    (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn show_reel(call: Call) -> Answer {
    let reel = call.app.upstream.get_reel(call.id("id")?, call.account.as_ref()).await?;
    Ok(Reply::ok(&Reel::new(reel, call.caller())?))
}

/// A video by its upload, or by address and storage key; exactly one of the two.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReel {
    #[garde(skip)]
    #[schema(value_type = uuid::Uuid)]
    product_id: ProductId,
    #[garde(skip)]
    #[schema(value_type = Option<uuid::Uuid>)]
    upload_id: Option<UploadId>,
    #[garde(custom(length(1..=2_048)))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2_048)]
    video_url: Option<Text>,
    #[garde(custom(length(1..=1_024)))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_024)]
    video_storage_path: Option<Text>,
    /// Of an own image, shown instead of a frame.
    #[garde(custom(length(1..=2_048)))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2_048)]
    thumbnail_url: Option<Text>,
    /// Of old clients; the measured one wins.
    #[garde(range(min = 0.0, max = 300.0))]
    #[schema(minimum = 0, maximum = 300)]
    duration: Option<f64>,
    #[garde(custom(length(0..=500)))]
    #[schema(value_type = Option<String>, max_length = 500)]
    caption: Option<Text>,
}

/// Make a reel
#[utoipa::path(post, path = "/api/v1/reels", tag = "reels", request_body = NewReel, responses(
    (status = 201, description = "Made", body = Reel),
    (status = 400, description = "`VALIDATION_ERROR`", body = super::error::ErrorBody<'static>),
    (status = 404, description = "`PRODUCT_NOT_FOUND`, `UPLOAD_NOT_FOUND`, `FILE_NOT_FOUND`",
        body = super::error::ErrorBody<'static>),
    (status = 409, description = "`UPLOAD_NOT_USABLE`, `UPLOAD_ALREADY_USED`, `IDEMPOTENCY_IN_PROGRESS`",
        body = super::error::ErrorBody<'static>),
))]
async fn publish_reel(call: Call) -> Answer {
    let new: NewReel = call.body()?;
    let key = call.key()?.map(Into::into);
    let video = match (new.upload_id, new.video_url, new.video_storage_path) {
        (Some(id), None, None) => Video::UploadId(id.to_string()),
        (None, Some(url), Some(path)) => {
            Video::Stored(wire::StoredVideo { url: url.into(), storage_path: path.into() })
        }
        _ => {
            return Err(ApiError::invalid("upload_id", "or video_url with video_storage_path: exactly one of the two"));
        }
    };
    if let Some(Text(url)) = &new.thumbnail_url
        && !is_public_url(url, &call.app.config.media_url)
    {
        return Err(ApiError::invalid("thumbnail_url", "must be the address of an own image"));
    }
    let message = wire::PublishReelRequest {
        product_id: new.product_id.to_string(),
        video: Some(video),
        thumbnail_url: new.thumbnail_url.map(Into::into),
        caption: new.caption.map(String::from).filter(|caption| !caption.is_empty()),
        key,
    };
    let published = call.app.upstream.publish_reel(message, call.account.as_ref()).await?;
    let reel = Reel::new(required("reel", published.reel)?, call.caller())?;
    Ok(Reply::created(&reel).replayed(published.replayed))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReelChanges {
    #[serde(default)]
    #[garde(custom(length(0..=500)))]
    #[schema(value_type = Option<String>, max_length = 500)]
    caption: Change<Text>,
    /// Another own product.
    #[serde(default, deserialize_with = "given")]
    #[garde(skip)]
    #[schema(value_type = Option<uuid::Uuid>, nullable = false)]
    product_id: Option<ProductId>,
}

/// Change a reel's caption or product
#[utoipa::path(patch, path = "/api/v1/reels/{id}", tag = "reels", request_body = ReelChanges,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Changed", body = Reel),
        (status = 404, description = "`REEL_NOT_FOUND`, `PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_reel(call: Call) -> Answer {
    let id: ReelId = call.id("id")?;
    let changes: ReelChanges = call.body()?;
    let message = wire::ChangeReelRequest {
        id: id.to_string(),
        caption: changes.caption.map(|text| TextChange { value: text.map(Into::into) }),
        product_id: changes.product_id.map(Into::into),
    };
    let reel = call.app.upstream.change_reel(message, call.account.as_ref()).await?;
    Ok(Reply::done(&Reel::new(reel, call.caller())?))
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReelDeleted)]
struct Deleted {
    message: &'static str,
    #[schema(format = Uuid)]
    id: String,
}

/// Delete a reel for good
#[utoipa::path(delete, path = "/api/v1/reels/{id}", tag = "reels", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "Deleted", body = Deleted),
    (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn delete_reel(call: Call) -> Answer {
    let id: ReelId = call.id("id")?;
    let deleted = call.app.upstream.delete_reel(id, call.account.as_ref()).await?;
    Ok(Reply::done(&Deleted { message: "The reel was deleted.", id: deleted.id }))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReelViewed)]
struct Viewed {
    #[schema(format = Uuid)]
    reel_id: String,
    view_count: i64,
    /// Whether this call moved the number.
    counted: bool,
}

/// Count a look at a reel, once for a viewer in 30 minutes. After a crash of Redis up to ten seconds of views may be missing
#[utoipa::path(post, path = "/api/v1/reels/{id}/view", tag = "reels", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The number of views", body = Viewed),
    (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn view_reel(call: Call) -> Answer {
    let id: ReelId = call.id("id")?;
    let message = wire::ViewReelRequest { id: id.to_string(), viewer: call.viewer() };
    let viewed = call.app.upstream.view_reel(message, call.account.as_ref()).await?;
    Ok(Reply::done(&Viewed { reel_id: id.to_string(), view_count: viewed.views_count, counted: viewed.counted }))
}

impl Call {
    /// Who sees what a reel shows its seller and admins alone.
    fn caller(&self) -> Option<&Account> {
        self.account.as_deref()
    }
}
