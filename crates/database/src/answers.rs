//! What was said to an `Idempotency-Key`, kept so that it is said again.
//!
//! Always true: an answer is a row of its effect's own transaction, so it exists exactly when the effect does. A key
//! has no states, and is used up for ever; only the answer's bytes are forgotten.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::error::Error;
use crate::pool::Pool;
use crate::transaction::wait_at_most;

diesel::table! {
    answers (key) {
        key -> Text,
        owner_id -> Nullable<Uuid>,
        body_hash -> Binary,
        answer -> Nullable<Binary>,
    }
}

/// How long a twin waits for the first: its refusal must be out before the deadline of a write.
const PATIENCE: Duration = Duration::from_secs(4);

/// A key and what was answered to it.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = answers)]
pub struct Answer {
    /// Account (or a guest's phone), operation and key, in one string.
    pub key: String,
    /// Whose answers go when the account goes.
    pub owner_id: Option<Uuid>,
    /// SHA-256 of path and canonical request body.
    pub body_hash: Vec<u8>,
    /// The encoded answer message, while it is kept.
    pub answer: Option<Vec<u8>>,
}

impl Answer {
    /// The answer to say again; `None` when the key came with another body, or the answer is no longer kept: the
    /// key was reused then.
    pub fn repeat(self, body_hash: &[u8]) -> Option<Vec<u8>> {
        self.answer.filter(|_| self.body_hash == body_hash)
    }
}

/// What is stored under the key.
pub async fn find(conn: &mut AsyncPgConnection, key: &str) -> QueryResult<Option<Answer>> {
    Answer::query().filter(answers::key.eq(key)).first(conn).await.optional()
}

/// Writes the answer unless the key has one; false then.
///
/// A twin whose transaction is still open is waited for, up to 4 s ([`crate::Kind::LockTimeout`] or
/// [`crate::Kind::StatementTimeout`] after that): it commits, and this is false, or it fails, and the key is free. The
/// same patience holds for the rest of the transaction.
pub async fn insert(conn: &mut AsyncPgConnection, answer: &Answer) -> QueryResult<bool> {
    wait_at_most(conn, PATIENCE).await?;
    insert_within(conn, answer).await
}

/// As [`insert`], but patient for as long as the session or the transaction already is.
pub async fn insert_within(conn: &mut AsyncPgConnection, answer: &Answer) -> QueryResult<bool> {
    let rows = diesel::insert_into(answers::table).values(answer).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

/// Forgets what was answered to an account; its keys stay used.
pub async fn empty_for_owner(conn: &mut AsyncPgConnection, owner_id: Uuid) -> QueryResult<usize> {
    let kept = answers::table.filter(answers::owner_id.eq(owner_id)).filter(answers::answer.is_not_null());
    diesel::update(kept).set(answers::answer.eq(None::<Vec<u8>>)).execute(conn).await
}

/// Forgets answers older than `kept`, in small steps, and says how many: the work of a periodic job.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Query`].
pub async fn forget_older_than(pool: &Pool, kept: Duration) -> Result<usize, Error> {
    const STEP: i32 = 1_000;
    let kept_ms = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    let mut forgotten = 0;
    loop {
        let mut conn = pool.get().await?;
        let step = diesel::sql_query(
            "UPDATE answers SET answer = NULL WHERE key IN (\
               SELECT key FROM answers WHERE answer IS NOT NULL \
               AND created_at < now() - $1 * interval '1 millisecond' LIMIT $2)",
        );
        let rows = step.bind::<BigInt, _>(kept_ms).bind::<Integer, _>(STEP).execute(&mut conn).await?;
        forgotten += rows;
        if rows < STEP as usize {
            return Ok(forgotten);
        }
    }
}
