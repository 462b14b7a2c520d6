//! Between the messages of the contract and what operations take and give.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use object_storage::Cause;
use protocol::convert::{Malformed, choice, parse_optional, required, timestamp};
use protocol::media::v1 as wire;
use protocol::media::v1::receive_upload_request::Part;
use tonic::{Status, Streaming};

use crate::domain::intent::{Intent, UploadKind};
use crate::operations::create_upload::Leave;
use crate::operations::find_uploads::Wanted;
use crate::operations::receive_upload::Piece;

protocol::wire_enum!(wire::UploadKind, UploadKind, { Image, ProductImage, ReelVideo, Avatar, OfferImage });

/// Bytes of a piece at most.
const CHUNK: usize = 256 * 1024;
/// Ids, keys and addresses in one question.
const FOUND: usize = 200;

pub(crate) fn intent(intent: Option<wire::UploadIntent>) -> Result<Intent, Malformed> {
    let intent = required("intent", intent)?;
    Ok(Intent {
        kind: choice::<wire::UploadKind, _>("intent.kind", intent.kind)?,
        product_id: parse_optional("intent.product_id", intent.product_id.as_deref())?,
        is_primary: intent.is_primary,
        display_order: intent.display_order,
    })
}

/// The first message of a stream.
pub(crate) fn first(message: Option<wire::ReceiveUploadRequest>) -> Result<Intent, Malformed> {
    match message.and_then(|message| message.part) {
        Some(Part::Intent(first)) => intent(Some(first)),
        _ => Err(Malformed::Missing("intent")),
    }
}

/// All that follow it.
pub(crate) fn body(
    parts: Streaming<wire::ReceiveUploadRequest>,
) -> Pin<Box<dyn Stream<Item = Result<Piece, Cause>> + Send>> {
    Box::pin(parts.map(|message| Ok(piece(message?)?)))
}

fn piece(message: wire::ReceiveUploadRequest) -> Result<Piece, Malformed> {
    match message.part {
        Some(Part::Chunk(chunk)) if chunk.len() <= CHUNK => Ok(Piece::Bytes(chunk)),
        Some(Part::Intent(last)) => Ok(Piece::End(intent(Some(last))?)),
        _ => Err(Malformed::Invalid("chunk")),
    }
}

pub(crate) fn leave(leave: Leave) -> wire::CreateUploadResponse {
    let header = |(name, value): (&str, String)| wire::Header { name: name.to_owned(), value };
    wire::CreateUploadResponse {
        id: leave.id.to_string(),
        url: leave.presigned.url,
        headers: leave.presigned.headers.into_iter().map(header).collect(),
        expires_at: Some(timestamp(leave.expires_at)),
        key: leave.key,
    }
}

/// What is no id owns nothing, as any unknown one.
pub(crate) fn wanted(request: wire::FindUploadsRequest) -> Result<Wanted, Status> {
    let wire::FindUploadsRequest { ids, keys, urls } = request;
    if ids.len() + keys.len() + urls.len() > FOUND {
        return Err(Malformed::Invalid("ids, keys and urls: more than 200").into());
    }
    Ok(Wanted { ids: ids.iter().filter_map(|id| id.parse().ok()).collect(), keys, urls })
}
