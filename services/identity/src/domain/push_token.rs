//! Devices that take push messages.

use chrono::{DateTime, Utc};
use commerce_types::UserId;
use diesel::{HasQuery, Insertable};

use crate::schema::push_tokens;

/// So many devices an account has at most; the oldest goes.
pub(crate) const MOST: i64 = 10;

commerce_types::text_enum! {
    /// What a device runs.
    pub(crate) enum Platform {
        Ios = "ios",
        Android = "android",
    }
}

/// A device and whose it is.
#[derive(Clone, PartialEq, Eq, HasQuery)]
#[diesel(table_name = push_tokens)]
pub(crate) struct PushToken {
    pub(crate) token: String,
    pub(crate) registered_at: DateTime<Utc>,
}

/// A device that is being registered.
#[derive(Clone, Insertable)]
#[diesel(table_name = push_tokens)]
pub(crate) struct NewPushToken {
    pub(crate) token: String,
    pub(crate) user_id: UserId,
    pub(crate) platform: Option<Platform>,
}
