//! An upload: one file from leave to write it until it is deleted.

use access_token::Caller;
use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UploadId, UserId};
use diesel::{HasQuery, Insertable};
use media_files::Refusal;

use crate::domain::intent::{Intent, UploadKind};
use crate::domain::key;
use crate::schema::uploads;

commerce_types::text_enum! {
    /// How far it is; the last two are final.
    pub(crate) enum UploadStatus {
        Pending = "pending",
        Processing = "processing",
        Ready = "ready",
        Failed = "failed",
    }
}

commerce_types::text_enum! {
    /// Why one was given up: codes of the public contract.
    pub(crate) enum ErrorCode {
        FileTooLarge = "FILE_TOO_LARGE",
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        UnprocessableMedia = "UNPROCESSABLE_MEDIA",
        UploadExpired = "UPLOAD_EXPIRED",
        ProcessingFailed = "PROCESSING_FAILED",
    }
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unsupported => Self::UnsupportedMediaType,
            Refusal::Unprocessable(_) => Self::UnprocessableMedia,
        }
    }
}

/// A file, and all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = uploads)]
pub(crate) struct Upload {
    pub(crate) id: UploadId,
    pub(crate) owner_id: UserId,
    pub(crate) kind: UploadKind,
    pub(crate) product_id: Option<ProductId>,
    pub(crate) is_primary: Option<bool>,
    pub(crate) display_order: Option<i32>,
    pub(crate) status: UploadStatus,
    pub(crate) content_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) secret: String,
    pub(crate) received_key: String,
    pub(crate) key: Option<String>,
    pub(crate) thumbnail_key: Option<String>,
    pub(crate) served_bytes: Option<i64>,
    pub(crate) width: Option<i32>,
    pub(crate) height: Option<i32>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) error_code: Option<ErrorCode>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) received_at: Option<DateTime<Utc>>,
    /// The served copy exists.
    pub(crate) served_at: Option<DateTime<Utc>>,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) attempts: i32,
    pub(crate) ask_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What is known of a file whose row is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) size_bytes: i64,
}

/// What was measured of a served copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) content_type: &'static str,
    pub(crate) key: String,
    pub(crate) bytes: i64,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) duration_ms: Option<i64>,
}

impl Upload {
    /// Whose bytes are awaited until `expires_at`. `secrets` are two of 32 hexadecimal digits: the received object's key is
    /// told to whoever writes it, and tells nothing of the others.
    pub(crate) fn pending(
        (id, secrets): (UploadId, &[String; 2]),
        (owner_id, intent): (UserId, &Intent),
        file: File<'_>,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            owner_id,
            kind: intent.kind,
            product_id: intent.product_id,
            is_primary: intent.is_primary,
            display_order: intent.display_order.and_then(|order| order.try_into().ok()),
            status: UploadStatus::Pending,
            content_type: file.content_type.to_owned(),
            size_bytes: file.size_bytes,
            received_key: key::received(id, &secrets[0]),
            secret: secrets[1].clone(),
            key: None,
            thumbnail_key: None,
            served_bytes: None,
            width: None,
            height: None,
            duration_ms: None,
            error_code: None,
            expires_at: Some(expires_at),
            received_at: None,
            served_at: None,
            due_at: None,
            attempts: 0,
            ask_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Its bytes are all there, and are what `content_type` says. A video's key is fixed from here on.
    pub(crate) fn receive(&mut self, content_type: &str, video_extension: Option<&str>, now: DateTime<Utc>) {
        self.status = UploadStatus::Processing;
        content_type.clone_into(&mut self.content_type);
        self.key = video_extension.map(|extension| key::served(&self.stem(), extension));
        self.expires_at = None;
        (self.received_at, self.due_at, self.updated_at) = (Some(now), Some(now), now);
    }

    /// The served copy is there.
    pub(crate) fn serve(&mut self, served: &Served, now: DateTime<Utc>) {
        served.content_type.clone_into(&mut self.content_type);
        self.key = Some(served.key.clone());
        self.served_bytes = Some(served.bytes);
        (self.width, self.height) = (Some(served.width), Some(served.height));
        self.duration_ms = served.duration_ms;
        (self.served_at, self.updated_at) = (Some(now), now);
    }

    /// So is the thumbnail: nothing is left to be done.
    pub(crate) fn finish(&mut self, now: DateTime<Utc>) {
        self.status = UploadStatus::Ready;
        self.thumbnail_key = Some(key::thumbnail(&self.stem()));
        self.due_at = None;
        self.updated_at = now;
    }

    /// It is given up, and nothing of it is served.
    pub(crate) fn fail(&mut self, code: ErrorCode, now: DateTime<Utc>) {
        self.status = UploadStatus::Failed;
        self.error_code = Some(code);
        (self.key, self.served_bytes, self.duration_ms) = (None, None, None);
        (self.width, self.height) = (None, None);
        (self.expires_at, self.served_at, self.due_at) = (None, None, None);
        self.updated_at = now;
    }

    /// What the keys of all that is served of it begin with.
    pub(crate) fn stem(&self) -> String {
        key::stem(self.kind, self.product_id, self.id, &self.secret)
    }

    /// Every object that there may be of it.
    pub(crate) fn objects(&self) -> Vec<String> {
        let mut keys = vec![self.received_key.clone()];
        match self.status {
            UploadStatus::Pending => {}
            _ if self.kind.is_video() => {
                keys.extend(self.key.clone());
                keys.push(key::thumbnail(&self.stem()));
            }
            UploadStatus::Ready => keys.extend(self.key.clone().into_iter().chain(self.thumbnail_key.clone())),
            UploadStatus::Processing | UploadStatus::Failed => keys.extend(key::of_picture(&self.stem())),
        }
        keys
    }

    /// Whether an object under one of its keys is there for it; what is not is left over.
    pub(crate) fn needs(&self, object: &str) -> bool {
        match self.status {
            UploadStatus::Pending => object == self.received_key,
            // A worker may be writing any of them.
            UploadStatus::Processing => true,
            UploadStatus::Ready => [&self.key, &self.thumbnail_key].into_iter().flatten().any(|key| key == object),
            UploadStatus::Failed => false,
        }
    }

    /// Its owner and admins.
    pub(crate) fn is_visible_to(&self, caller: &Caller) -> bool {
        caller.is_admin() || caller.is_user(self.owner_id)
    }

    /// A picture's served copy can be fetched, a video's will be.
    pub(crate) fn is_answered(&self) -> bool {
        self.kind.is_video() || self.served_at.is_some() || self.status == UploadStatus::Failed
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn upload(kind: UploadKind) -> Upload {
        let secrets = ["0".repeat(32), "1".repeat(32)];
        let product_id = (kind == UploadKind::ReelVideo).then(|| Uuid::from_u128(3).into());
        let intent = Intent { kind, product_id, is_primary: None, display_order: None };
        let (id, owner) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let file = File { content_type: "image/png", size_bytes: 5 };
        let at = DateTime::UNIX_EPOCH;
        Upload::pending((id, &secrets), (owner, &intent), file, at, at)
    }

    #[test]
    fn the_received_key_tells_nothing_of_the_served_one() {
        let upload = upload(UploadKind::Image);
        assert!(upload.received_key.contains(&"0".repeat(32)) && !upload.stem().contains(&"0".repeat(32)));
    }

    #[test]
    fn a_picture_needs_what_is_served_of_it_and_nothing_else() {
        let mut upload = upload(UploadKind::Image);
        let received = upload.received_key.clone();
        assert!(upload.needs(&received) && !upload.needs("images/other"));
        upload.receive("image/png", None, DateTime::UNIX_EPOCH);
        assert!(upload.key.is_none() && !upload.is_answered());
        let key = key::served(&upload.stem(), "png");
        let served =
            Served { content_type: "image/png", key: key.clone(), bytes: 9, width: 1, height: 1, duration_ms: None };
        upload.serve(&served, DateTime::UNIX_EPOCH);
        assert!(upload.is_answered());
        upload.finish(DateTime::UNIX_EPOCH);
        assert!(upload.needs(&key) && upload.needs(&key::thumbnail(&upload.stem())) && !upload.needs(&received));
        assert!(!upload.needs(&key::served(&upload.stem(), "jpg")));
    }

    #[test]
    fn nothing_is_left_of_what_failed() {
        let mut upload = upload(UploadKind::ReelVideo);
        upload.receive("video/mp4", Some("mp4"), DateTime::UNIX_EPOCH);
        let objects = upload.objects();
        assert_eq!(objects.len(), 3);
        upload.fail(ErrorCode::ProcessingFailed, DateTime::UNIX_EPOCH);
        assert!(upload.key.is_none() && !objects.iter().any(|object| upload.needs(object)));
    }
}
