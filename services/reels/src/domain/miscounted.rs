//! A count that is not the number of its rows.

use std::fmt;

use commerce_types::ReelId;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};

/// What a reel says of itself, and what there is.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Miscounted {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) reel_id: ReelId,
    #[diesel(sql_type = BigInt)]
    pub(crate) likes: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) liked_by: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) comments: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) commented: i64,
}

impl fmt::Display for Miscounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reel_id, likes, liked_by, comments, commented } = self;
        write!(f, "reel {reel_id}: says {likes} likes, {comments} comments; there are {liked_by}, {commented}")
    }
}
