//! Add reels with their likes and comments from a file: a demo market's first ones.
//!
//! Everything goes through the operations that callers use; a reel that is there already is left as it is, so that a
//! second run changes nothing.

use access_token::{Account, Caller};
use chrono::{DateTime, Utc};
use commerce_types::{ProductId, PublicUser, ReelId, Role};
use futures::future::try_join_all;
use serde::Deserialize;

use crate::app::App;
use crate::domain::reel::File;
use crate::error::Error;
use crate::operations::add_comment::{AddComment, add_comment};
use crate::operations::add_reel::{NewReel, add_reel};
use crate::operations::know_product::know_product;
use crate::operations::set_like::set_like;

/// What a file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    reels: Vec<Planned>,
}

/// A reel of a product that is on sale.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    id: ReelId,
    product_id: ProductId,
    seller: PublicUser,
    caption: Option<String>,
    video: Video,
    created_at: DateTime<Utc>,
    likes: Vec<PublicUser>,
    comments: Vec<Said>,
}

/// The served file: addresses, storage keys, and what was measured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Video {
    url: String,
    storage_path: String,
    thumbnail_url: Option<String>,
    thumbnail_storage_path: Option<String>,
    duration_ms: i64,
    size_bytes: i64,
    width: i32,
    height: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    user: PublicUser,
    content: String,
}

/// How many reels were added.
///
/// # Errors
/// [`Error::ProductNotFound`]: not on sale, or another seller's; those before it are added.
pub(crate) async fn seed(app: &App, plan: Plan) -> Result<usize, Error> {
    let token = app.access.sign(&Caller::service("reels"));
    let mut added = 0;
    for planned in plan.reels {
        know_product(app, planned.product_id, &token).await?.ok_or(Error::ProductNotFound(planned.product_id))?;
        if add(app, planned).await? {
            added += 1;
        }
    }
    Ok(added)
}

async fn add(app: &App, planned: Planned) -> Result<bool, Error> {
    let Planned { id, product_id, seller, caption, video, created_at, likes, comments } = planned;
    let new = NewReel { id, product_id, seller, caption, upload_id: None, file: video.into(), created_at };
    if !add_reel(app, &new).await? {
        return Ok(false);
    }
    let likers: Vec<Account> = likes.into_iter().map(account).collect();
    try_join_all(likers.iter().map(|account| set_like(app, account, id, true))).await?;
    for Said { user, content } in comments {
        add_comment(app, &account(user), &AddComment { reel_id: id, content, key: None }).await?;
    }
    Ok(true)
}

/// Likes and comments look at nothing but the public side of an account.
fn account(user: PublicUser) -> Account {
    Account {
        user_id: user.id,
        role: Role::Customer,
        seller_category: user.seller_category,
        approval: None,
        is_verified: user.is_verified,
        full_name: user.full_name,
        avatar_url: user.avatar_url,
    }
}

impl From<Video> for File {
    fn from(video: Video) -> Self {
        Self {
            video_url: Some(video.url),
            video_path: Some(video.storage_path),
            thumbnail_url: video.thumbnail_url,
            thumbnail_path: video.thumbnail_storage_path,
            duration_ms: Some(video.duration_ms),
            size_bytes: Some(video.size_bytes),
            width: Some(video.width),
            height: Some(video.height),
        }
    }
}
