//! Keeps outbox and inbox small. Sent rows stay a while: they are what can be replayed, and the inbox has to outlive
//! that.

use std::convert::Infallible;
use std::time::Duration;

use database::Pool;
use diesel::sql_types::{BigInt, Integer};
use diesel_async::RunQueryDsl;
use tokio_util::sync::CancellationToken;

use crate::error::Error;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Sent rows of the outbox.
const SENT_FOR: Duration = DAY.saturating_mul(7);
/// Rows of the inbox.
const RECEIVED_FOR: Duration = DAY.saturating_mul(14);
const STEP: i32 = 1_000;
/// Between two steps others have their turn.
const PAUSE: Duration = Duration::from_millis(50);

/// Deletes what is too old, once an hour until `stop`.
///
/// # Errors
/// None; in the shape of a task.
pub async fn run(pool: Pool, stop: CancellationToken) -> Result<(), Infallible> {
    let hour = Duration::from_secs(60 * 60);
    let job = move || {
        let pool = pool.clone();
        async move { sweep(&pool).await.map(drop) }
    };
    database::jobs::every(hour, "events retention", stop, job).await
}

/// Deletes sent rows older than 7 days and inbox rows older than 14, in small steps; answers how many.
///
/// # Errors
/// [`Error::Database`]; what was deleted before stays deleted.
pub async fn sweep(pool: &Pool) -> Result<usize, Error> {
    let sent = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox \
                WHERE sent_at < now() - $1 * interval '1 second' LIMIT $2)";
    let received = "DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox \
                    WHERE received_at < now() - $1 * interval '1 second' LIMIT $2)";
    Ok(delete(pool, sent, SENT_FOR).await? + delete(pool, received, RECEIVED_FOR).await?)
}

async fn delete(pool: &Pool, statement: &'static str, kept: Duration) -> Result<usize, Error> {
    let kept_seconds = i64::try_from(kept.as_secs()).unwrap_or(i64::MAX);
    let mut deleted = 0;
    loop {
        let mut conn = pool.get().await?;
        let step = diesel::sql_query(statement).bind::<BigInt, _>(kept_seconds).bind::<Integer, _>(STEP);
        let rows = step.execute(&mut conn).await?;
        drop(conn);
        deleted += rows;
        if rows < STEP as usize {
            return Ok(deleted);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
