//! Reels as the contract shows them (part 2, 3.1).

use access_token::Account;
use chrono::{DateTime, Utc};
use commerce_types::Money;
use protocol::convert::{Malformed, money, optional_money, optional_time, required, time};
use protocol::reels::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time::{iso, iso_optional};
use super::upload::UploadError;
use super::user::PublicUser;

/// How far a reel's video is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReelStatus {
    Processing,
    Ready,
    Failed,
}

protocol::wire_enum!(wire::ReelStatus, ReelStatus, { Processing, Ready, Failed });

/// A short video of one product.
#[derive(Serialize, ToSchema)]
pub struct Reel {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    product_id: String,
    #[schema(format = Uuid)]
    seller_id: String,
    caption: Option<String>,
    status: ReelStatus,
    /// Null until it is ready; so is everything else of the file.
    video_url: Option<String>,
    video_storage_path: Option<String>,
    thumbnail_url: Option<String>,
    thumbnail_storage_path: Option<String>,
    duration_seconds: Option<f64>,
    file_size_bytes: Option<i64>,
    width: Option<i32>,
    height: Option<i32>,
    likes_count: i64,
    comments_count: i64,
    views_count: i64,
    /// By the caller.
    is_liked: bool,
    product: ReelProduct,
    seller: PublicUser,
    /// For the reel's seller and admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    error: Option<Option<UploadError>>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
}

/// What a reel shows of its product, at most some seconds old.
#[derive(Serialize, ToSchema)]
pub struct ReelProduct {
    #[schema(format = Uuid)]
    id: String,
    slug: String,
    name: String,
    #[schema(value_type = f64)]
    price: Money,
    #[schema(value_type = Option<f64>)]
    original_price: Option<Money>,
    primary_image: Option<String>,
    in_stock: bool,
}

/// A reel that the caller likes.
#[derive(Serialize, ToSchema)]
pub struct LikedReel {
    #[serde(flatten)]
    reel: Reel,
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = String, format = DateTime)]
    liked_at: Option<DateTime<Utc>>,
}

/// Whose like it is.
#[derive(Serialize, ToSchema)]
pub struct ReelLike {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    reel_id: String,
    #[schema(format = Uuid)]
    user_id: String,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    user: PublicUser,
}

/// What somebody says of a reel.
#[derive(Serialize, ToSchema)]
pub struct ReelComment {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    reel_id: String,
    #[schema(format = Uuid)]
    user_id: String,
    content: String,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
    user: PublicUser,
}

impl Reel {
    /// As the caller sees it.
    ///
    /// # Errors
    /// The message is not what its contract says.
    pub fn new(reel: wire::Reel, caller: Option<&Account>) -> Result<Self, Malformed> {
        let seller: PublicUser = required("seller", reel.seller)?.into();
        let sees_errors = caller.is_some_and(|caller| caller.is_admin() || caller.user_id.to_string() == seller.id);
        let video = reel.video.unwrap_or_default();
        let is_ready = !video.url.is_empty();
        Ok(Self {
            status: protocol::convert::choice::<wire::ReelStatus, _>("status", reel.status)?,
            duration_seconds: is_ready.then_some(video.duration_ms as f64 / 1_000.0),
            file_size_bytes: is_ready.then_some(video.size_bytes),
            width: is_ready.then_some(video.width),
            height: is_ready.then_some(video.height),
            video_url: is_ready.then_some(video.url),
            video_storage_path: is_ready.then_some(video.storage_path),
            thumbnail_url: video.thumbnail_url,
            thumbnail_storage_path: video.thumbnail_storage_path,
            product: required("product", reel.product)?.try_into()?,
            error: sees_errors.then(|| reel.error_code.map(Into::into)),
            created_at: time("created_at", reel.created_at.as_ref())?,
            updated_at: time("updated_at", reel.updated_at.as_ref())?,
            id: reel.id,
            product_id: reel.product_id,
            seller_id: seller.id.clone(),
            seller,
            caption: reel.caption,
            likes_count: reel.likes_count,
            comments_count: reel.comments_count,
            views_count: reel.views_count,
            is_liked: reel.is_liked,
        })
    }
}

impl LikedReel {
    /// # Errors
    /// The message is not what its contract says.
    pub fn new(reel: wire::Reel, caller: Option<&Account>) -> Result<Self, Malformed> {
        Ok(Self { liked_at: optional_time("liked_at", reel.liked_at.as_ref())?, reel: Reel::new(reel, caller)? })
    }
}

impl TryFrom<wire::ReelProduct> for ReelProduct {
    type Error = Malformed;

    fn try_from(product: wire::ReelProduct) -> Result<Self, Malformed> {
        Ok(Self {
            price: money("price", product.price.as_ref())?,
            original_price: optional_money("original_price", product.original_price.as_ref())?,
            id: product.id,
            slug: product.slug,
            name: product.name,
            primary_image: product.image_url,
            in_stock: product.in_stock,
        })
    }
}

impl TryFrom<wire::ReelLike> for ReelLike {
    type Error = Malformed;

    fn try_from(like: wire::ReelLike) -> Result<Self, Malformed> {
        let user: PublicUser = required("user", like.user)?.into();
        Ok(Self {
            created_at: time("created_at", like.created_at.as_ref())?,
            id: like.id,
            reel_id: like.reel_id,
            user_id: user.id.clone(),
            user,
        })
    }
}

impl TryFrom<wire::Comment> for ReelComment {
    type Error = Malformed;

    fn try_from(comment: wire::Comment) -> Result<Self, Malformed> {
        let user: PublicUser = required("user", comment.user)?.into();
        Ok(Self {
            created_at: time("created_at", comment.created_at.as_ref())?,
            updated_at: time("updated_at", comment.updated_at.as_ref())?,
            id: comment.id,
            reel_id: comment.reel_id,
            content: comment.content,
            user_id: user.id.clone(),
            user,
        })
    }
}
