//! What accounts say of a reel.

use access_token::Account;
use chrono::{DateTime, Utc};
use commerce_types::{CommentId, PublicUser, ReelId, UserId};
use diesel::{HasQuery, Insertable};

use crate::schema::reel_comments;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = reel_comments)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) reel_id: ReelId,
    pub(crate) user_id: UserId,
    pub(crate) content: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Comment {
    /// Its author, the reel's seller and admins may delete it.
    pub(crate) fn may_be_deleted_by(&self, account: &Account, seller_id: UserId) -> bool {
        account.is_admin() || account.user_id == self.user_id || account.user_id == seller_id
    }
}

/// A comment and who made it.
#[derive(Debug, Clone)]
pub(crate) struct ShownComment {
    pub(crate) comment: Comment,
    pub(crate) user: PublicUser,
}
