//! Answers, some of which are stored with their effect: the message, its bytes, and the message again.

use access_token::Caller;
use prost::Message;
use protocol::convert::timestamp;
use protocol::reels::v1 as wire;

use crate::domain::comment::ShownComment;
use crate::domain::product::Product;
use crate::domain::reel::{File, ShownReel};
use crate::error::Error;
use crate::operations::list_likes::ShownLike;

/// The answer to a comment.
#[derive(Debug, Clone)]
pub(crate) struct CommentWritten(wire::CommentWritten);

impl CommentWritten {
    /// With the reel's comments afterwards.
    pub(crate) fn new(shown: &ShownComment, comments_count: i64) -> Self {
        Self(wire::CommentWritten { comment: Some(comment(shown)), comments_count, replayed: false })
    }

    /// The same answer, said again.
    ///
    /// # Errors
    /// The bytes are none of ours.
    pub(crate) fn repeated(bytes: &[u8]) -> Result<Self, Error> {
        let mut written =
            wire::CommentWritten::decode(bytes).map_err(|_unreadable| Error::Missing("a stored answer"))?;
        written.replayed = true;
        Ok(Self(written))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    pub(crate) fn into_message(self) -> wire::CommentWritten {
        self.0
    }
}

/// The answer to a new reel.
#[derive(Debug, Clone)]
pub(crate) struct ReelPublished(wire::ReelPublishedResponse);

impl ReelPublished {
    /// As its seller sees it.
    pub(crate) fn new(shown: ShownReel, seller: &Caller) -> Self {
        Self(wire::ReelPublishedResponse { reel: Some(reel(shown, seller)), replayed: false })
    }

    /// The same answer, said again.
    ///
    /// # Errors
    /// The bytes are none of ours.
    pub(crate) fn repeated(bytes: &[u8]) -> Result<Self, Error> {
        let mut published =
            wire::ReelPublishedResponse::decode(bytes).map_err(|_unreadable| Error::Missing("a stored answer"))?;
        published.replayed = true;
        Ok(Self(published))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    pub(crate) fn into_message(self) -> wire::ReelPublishedResponse {
        self.0
    }
}

/// A reel as the caller sees it.
pub(crate) fn reel(shown: ShownReel, caller: &Caller) -> wire::Reel {
    let ShownReel { reel, counts, product, seller, is_liked, liked_at } = shown;
    let sees_all = reel.shows_all_to(caller);
    wire::Reel {
        id: reel.id.to_string(),
        product_id: reel.product_id.to_string(),
        status: wire::ReelStatus::from(reel.status).into(),
        video: video(&reel.file),
        likes_count: counts.likes,
        comments_count: counts.comments,
        views_count: counts.views,
        is_liked,
        product: Some(of_product(product)),
        seller: Some(seller.into()),
        error_code: reel.error_code.filter(|_| sees_all),
        caption: reel.caption,
        created_at: Some(timestamp(reel.created_at)),
        updated_at: Some(timestamp(reel.updated_at)),
        liked_at: liked_at.map(timestamp),
    }
}

/// The served file; none until the reel is ready.
pub(crate) fn video(file: &File) -> Option<wire::Video> {
    Some(wire::Video {
        url: file.video_url.clone()?,
        storage_path: file.video_path.clone()?,
        thumbnail_url: file.thumbnail_url.clone(),
        thumbnail_storage_path: file.thumbnail_path.clone(),
        duration_ms: file.duration_ms?,
        size_bytes: file.size_bytes?,
        width: file.width?,
        height: file.height?,
    })
}

fn of_product(product: Product) -> wire::ReelProduct {
    wire::ReelProduct {
        id: product.id.to_string(),
        slug: product.slug,
        name: product.name,
        price: Some(product.price.into()),
        original_price: product.original_price.map(Into::into),
        image_url: product.image_url,
        in_stock: product.in_stock,
    }
}

pub(crate) fn comment(shown: &ShownComment) -> wire::Comment {
    let comment = &shown.comment;
    wire::Comment {
        id: comment.id.to_string(),
        reel_id: comment.reel_id.to_string(),
        user: Some(shown.user.clone().into()),
        content: comment.content.clone(),
        created_at: Some(timestamp(comment.created_at)),
        updated_at: Some(timestamp(comment.updated_at)),
    }
}

pub(crate) fn like(reel_id: &str, like: ShownLike) -> wire::ReelLike {
    wire::ReelLike {
        id: like.id.to_string(),
        reel_id: reel_id.to_owned(),
        user: Some(like.user.into()),
        created_at: Some(timestamp(like.created_at)),
    }
}
