//! A webhook as it is kept.

use chrono::{DateTime, Utc};
use diesel::Insertable;

use crate::domain::clerk_event::{Change, ClerkEvent};
use crate::schema::webhooks;

/// What becomes of a webhook that is genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is applied within seconds.
    Accepted,
    /// Its id was there before.
    Repeated,
    /// Nothing follows from it.
    Ignored,
}

/// A webhook that is there for the first time.
#[derive(Clone, Insertable)]
#[diesel(table_name = webhooks)]
pub(crate) struct NewWebhook {
    pub(crate) svix_id: String,
    pub(crate) body_hash: Vec<u8>,
    pub(crate) clerk_id: Option<String>,
    /// Absent when there is nothing to apply.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) applied_at: Option<DateTime<Utc>>,
}

impl NewWebhook {
    /// Keeps the body only if something follows from it here: events of other instances and of other types may be as
    /// personal as ours.
    pub(crate) fn new(
        svix_id: String,
        body: Vec<u8>,
        body_hash: Vec<u8>,
        event: &ClerkEvent,
        instance_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        let is_ours = instance_id.is_none_or(|ours| event.instance_id.as_deref() == Some(ours));
        if !is_ours || event.change == Change::Nothing {
            return Self { svix_id, body_hash, clerk_id: None, body: None, applied_at: Some(now) };
        }
        let clerk_id = event.clerk_id().map(str::to_owned);
        Self { svix_id, body_hash, clerk_id, body: Some(body), applied_at: None }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if self.body.is_some() { Outcome::Accepted } else { Outcome::Ignored }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(event: &str, instance_id: Option<&str>) -> NewWebhook {
        let read = ClerkEvent::read(event.as_bytes()).unwrap();
        let body = event.as_bytes().to_vec();
        NewWebhook::new("msg_1".to_owned(), body, Vec::new(), &read, instance_id, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn only_what_is_of_use_is_kept() {
        let ours = r#"{"type":"user.deleted","data":{"id":"user_1"},"instance_id":"ins_1"}"#;
        for instance_id in [None, Some("ins_1")] {
            let kept = kept(ours, instance_id);
            assert_eq!((kept.outcome(), kept.clerk_id.as_deref()), (Outcome::Accepted, Some("user_1")));
        }
        let unknown = r#"{"type":"email.created","data":{"to":"amina@example.dz"},"instance_id":"ins_1"}"#;
        let nameless = r#"{"type":"user.deleted","data":{"id":"user_1"}}"#;
        for (event, instance_id) in [(ours, "ins_2"), (unknown, "ins_1"), (nameless, "ins_1")] {
            let kept = kept(event, Some(instance_id));
            assert_eq!((kept.outcome(), &kept.body, &kept.clerk_id), (Outcome::Ignored, &None, &None));
            assert!(kept.applied_at.is_some());
        }
    }
}
