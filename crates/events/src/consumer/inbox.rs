//! One batch in one transaction.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::time::Duration;

use database::Pool;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use service_runtime::context;
use tracing::Instrument;
use uuid::Uuid;

use crate::envelope::Received;
use crate::trace;

use super::{Handler, HandlerError};

/// Why a batch was not applied.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Trying the same later may succeed.
    #[error("the batch cannot be applied now")]
    Passing(#[source] Box<dyn StdError + Send + Sync>),
    /// It fails however often it is tried.
    #[error("the handler failed")]
    Poison(#[source] Box<dyn StdError + Send + Sync>),
    #[error("the handler was cut off after {0:?}")]
    CutOff(Duration),
}

impl From<HandlerError> for Failure {
    fn from(error: HandlerError) -> Self {
        if error.passing { Self::Passing(error.source) } else { Self::Poison(error.source) }
    }
}

impl From<database::Error> for Failure {
    fn from(error: database::Error) -> Self {
        if error.kind().passes() { Self::Passing(error.into()) } else { Self::Poison(error.into()) }
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        database::Error::from(error).into()
    }
}

/// Applies what is new in the batch, in one transaction; answers how many that were.
pub(super) async fn apply<H: Handler>(
    pool: &Pool,
    handler: &H,
    queue: &'static str,
    batch: &[Received],
    limit: Duration,
) -> Result<usize, Failure> {
    let applied = context::scope(
        trace::context(batch),
        apply_new(pool, handler, batch).instrument(trace::applying(queue, batch)),
    );
    tokio::time::timeout(limit, applied).await.unwrap_or(Err(Failure::CutOff(limit)))
}

async fn apply_new<H: Handler>(pool: &Pool, handler: &H, batch: &[Received]) -> Result<usize, Failure> {
    let fresh: Vec<Received> = database::transaction(pool, async |conn| {
        let fresh = record(conn, batch).await?;
        if !fresh.is_empty() {
            handler.apply(conn, &fresh).await?;
        }
        Ok::<_, Failure>(fresh)
    })
    .await?;
    if !fresh.is_empty() {
        handler.committed(&fresh).await;
    }
    tracing::debug!(events = fresh.len(), repeated = batch.len() - fresh.len(), "applied");
    Ok(fresh.len())
}

/// Records the events and answers those that were not there, each once.
async fn record(conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<Vec<Received>, Failure> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        event_id: Uuid,
    }
    let ids: Vec<Uuid> = batch.iter().map(|event| event.event_id).collect();
    let insert =
        diesel::sql_query("INSERT INTO inbox (event_id) SELECT unnest($1) ON CONFLICT DO NOTHING RETURNING event_id");
    let rows: Vec<Row> = insert.bind::<Array<SqlUuid>, _>(ids).load(conn).await?;
    let mut fresh: HashSet<Uuid> = rows.into_iter().map(|row| row.event_id).collect();
    Ok(batch.iter().filter(|event| fresh.remove(&event.event_id)).cloned().collect())
}

impl Failure {
    /// Whether the messages are to be kept.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Passing(_))
    }
}
