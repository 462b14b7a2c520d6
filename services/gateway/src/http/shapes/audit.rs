//! What was done by whom (`api.md` 11).

use chrono::{DateTime, Utc};
use protocol::convert::{Malformed, time};
use protocol::identity::v1 as wire;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::time::iso;
use super::user::PublicUser;

/// Something that was done. Entries never change.
#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    #[schema(format = Uuid)]
    id: String,
    /// Null: the system.
    actor_id: Option<String>,
    actor: Option<PublicUser>,
    /// Such as `user.role_changed`.
    action: String,
    /// Such as `user`.
    target_type: String,
    target_id: String,
    /// What differs, by field, without personal data.
    #[schema(value_type = BTreeMap<String, Difference>)]
    changes: Value,
    /// `X-Request-Id` of the request that did it.
    request_id: Option<String>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// A field before and after.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only for the document: the values are passed on as they were kept")]
pub struct Difference {
    from: Value,
    to: Value,
}

impl TryFrom<wire::AuditEntry> for AuditEntry {
    type Error = Malformed;

    fn try_from(entry: wire::AuditEntry) -> Result<Self, Malformed> {
        Ok(Self {
            id: entry.id,
            actor_id: entry.actor_id,
            actor: entry.actor.map(PublicUser::from),
            action: entry.action,
            target_type: entry.target_type,
            target_id: entry.target_id,
            changes: serde_json::from_str(&entry.changes).map_err(|_malformed| Malformed::Invalid("changes"))?,
            request_id: entry.request_id,
            created_at: time("created_at", entry.created_at.as_ref())?,
        })
    }
}
