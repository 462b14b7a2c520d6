//! What media says, and what it hears.

use ::events::{Event, Handler, HandlerError, Received, names};
use commerce_types::{ProductId, UploadId, UserId};
use diesel_async::AsyncPgConnection;
use protocol::catalog::v1 as catalog;
use protocol::convert::{parse, parse_optional, required};
use protocol::identity::v1::UserDeleted;
use protocol::media::v1 as wire;
use protocol::reels::v1 as reels;
use protocol::types::v1::AdminAction;
use serde_json::json;

use crate::app::App;
use crate::domain::upload::Upload;
use crate::operations::hear_removals::{Removals, hear_removals};
use crate::reply;

/// All bytes of a file were received.
pub(crate) fn upload_completed(upload: &Upload, public_url: &str) -> Event {
    let payload = wire::UploadCompleted { upload: Some(reply::upload(upload, public_url)) };
    Event::new(names::UPLOAD_COMPLETED, upload.id.into(), &payload)
}

/// Its served copy and thumbnail exist.
pub(crate) fn file_ready(upload: &Upload, public_url: &str) -> Event {
    let (id, message) = (upload.id.into(), Some(reply::upload(upload, public_url)));
    if upload.kind.is_video() {
        Event::new(names::VIDEO_READY, id, &wire::VideoReady { upload: message })
    } else {
        Event::new(names::IMAGE_READY, id, &wire::ImageReady { upload: message })
    }
}

/// It was given up.
pub(crate) fn upload_failed(upload: &Upload, public_url: &str) -> Event {
    let payload = wire::UploadFailed { upload: Some(reply::upload(upload, public_url)) };
    Event::new(names::UPLOAD_FAILED, upload.id.into(), &payload)
}

/// An admin deleted somebody else's file.
pub(crate) fn file_deleted_by_admin(admin: UserId, upload: &Upload, request_id: String) -> Event {
    let changes = json!({ "deleted": { "from": false, "to": true } });
    let payload = AdminAction {
        actor_id: admin.to_string(),
        action: "file.deleted".to_owned(),
        target_type: "upload".to_owned(),
        target_id: upload.id.to_string(),
        changes: changes.to_string(),
        request_id,
    };
    Event::new(names::MEDIA_ADMIN_ACTION, upload.id.into(), &payload)
}

/// What is done with what is heard.
pub(crate) struct Hears {
    app: App,
}

impl Hears {
    pub(crate) fn new(app: App) -> Self {
        Self { app }
    }
}

impl Handler for Hears {
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        let mut removals = Removals::default();
        for event in batch {
            match event.name.as_str() {
                names::USER_DELETED => {
                    removals.accounts.push(parse("user_id", &event.decode::<UserDeleted>()?.user_id)?);
                }
                names::PRODUCT_REMOVED => removals.products.extend(product(&event.decode()?)?),
                names::REEL_REMOVED => removals.uploads.extend(video(&event.decode()?)?),
                _ => {}
            }
        }
        Ok(hear_removals(conn, &removals).await?)
    }

    /// A file that another process received is found at the next look; this makes it sooner.
    async fn committed(&self, batch: &[Received]) {
        if batch.iter().any(|event| event.name == names::UPLOAD_COMPLETED) {
            self.app.received.notify_one();
        }
    }
}

/// Off sale it may come back.
fn product(removed: &catalog::ProductRemoved) -> Result<Option<ProductId>, HandlerError> {
    if removed.reason() != catalog::RemovalReason::Deleted {
        return Ok(None);
    }
    let product = required("product", removed.product.as_ref())?;
    Ok(Some(parse("id", &product.id)?))
}

/// Hidden it may come back.
fn video(removed: &reels::ReelRemoved) -> Result<Option<UploadId>, HandlerError> {
    if removed.reason() != reels::ReelRemoval::Deleted {
        return Ok(None);
    }
    Ok(parse_optional("upload_id", removed.upload_id.as_deref())?)
}
