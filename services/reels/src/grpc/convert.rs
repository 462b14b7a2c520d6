//! Between the messages of the contract and what operations take and give.

use protocol::convert::{Malformed, optional_choice, parse, parse_optional, required};
use protocol::reels::v1 as wire;
use protocol::types::v1 as types;

use crate::cursor::Cursors;
use crate::domain::feed::{From as Begin, Page};
use crate::domain::reel::ReelStatus;
use crate::operations::add_comment::AddComment;
use crate::operations::change_reel::ReelChanges;
use crate::operations::publish_reel::{Named, PublishReel};
use crate::store::shown::{Filter, OnlyPublic};

protocol::wire_enum!(wire::ReelStatus, ReelStatus, { Processing, Ready, Failed });

/// Characters of a caption or a comment at most.
const LONGEST: usize = 500;

/// The rows of `list` that are asked for.
///
/// # Errors
/// A malformed page; a cursor that is not of the list.
pub(crate) fn page(cursors: &Cursors, list: &str, page: Option<wire::FeedPage>) -> Result<Page, tonic::Status> {
    let page = required("page", page)?;
    if !(1..=100).contains(&page.limit) {
        return Err(Malformed::Invalid("page.limit").into());
    }
    let limit = i64::from(page.limit);
    let from = match &page.cursor {
        Some(cursor) => Begin::After(cursors.read(list, cursor).map_err(tonic::Status::from)?),
        None if (1..=10_000).contains(&page.number) => Begin::Offset(limit * i64::from(page.number - 1)),
        None => return Err(Malformed::Invalid("page.number").into()),
    };
    Ok(Page { limit, from })
}

pub(crate) fn public(request: &wire::ListReelsRequest) -> Result<Filter, Malformed> {
    Ok(Filter {
        product_id: parse_optional("product_id", request.product_id.as_deref())?,
        seller_id: parse_optional("seller_id", request.seller_id.as_deref())?,
        status: None,
        only_public: Some(OnlyPublic),
    })
}

pub(crate) fn own(request: &wire::ListOwnReelsRequest) -> Result<Filter, Malformed> {
    let status = (request.status != 0).then_some(request.status);
    Ok(Filter {
        product_id: parse_optional("product_id", request.product_id.as_deref())?,
        seller_id: None,
        status: optional_choice::<wire::ReelStatus, _>("status", status)?,
        only_public: None,
    })
}

pub(crate) fn publish_reel(request: wire::PublishReelRequest) -> Result<PublishReel, Malformed> {
    let video = match required("video", request.video)? {
        wire::publish_reel_request::Video::UploadId(id) => Named::Upload(parse("upload_id", &id)?),
        wire::publish_reel_request::Video::Stored(stored) => {
            Named::Stored { url: stored.url, key: stored.storage_path }
        }
    };
    let caption = request.caption.filter(|text| !text.is_empty());
    if caption.iter().any(|text| text.chars().count() > LONGEST) {
        return Err(Malformed::Invalid("caption"));
    }
    Ok(PublishReel {
        product_id: parse("product_id", &request.product_id)?,
        video,
        picture_url: request.thumbnail_url,
        caption,
        key: request.key.map(|key| (key.key, key.body_hash)),
    })
}

pub(crate) fn changes(request: &wire::ChangeReelRequest) -> Result<ReelChanges, Malformed> {
    let caption = request.caption.clone().map(|types::TextChange { value }| value.filter(|text| !text.is_empty()));
    if caption.iter().flatten().any(|text| text.chars().count() > LONGEST) {
        return Err(Malformed::Invalid("caption"));
    }
    Ok(ReelChanges { caption, product_id: parse_optional("product_id", request.product_id.as_deref())? })
}

pub(crate) fn add_comment(request: wire::AddCommentRequest) -> Result<AddComment, Malformed> {
    Ok(AddComment {
        reel_id: parse("reel_id", &request.reel_id)?,
        content: content(request.content)?,
        key: request.key.map(|key| (key.key, key.body_hash)),
    })
}

/// # Errors
/// Empty, or too long.
pub(crate) fn content(content: String) -> Result<String, Malformed> {
    let length = content.chars().count();
    if (1..=LONGEST).contains(&length) { Ok(content) } else { Err(Malformed::Invalid("content")) }
}

/// A number that has no sign on the wire.
pub(crate) fn total(total: Option<i64>) -> Option<u64> {
    total.map(|total| u64::try_from(total).unwrap_or_default())
}
