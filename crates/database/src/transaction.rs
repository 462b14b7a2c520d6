//! Transactions that are run again when the database asks for it, or when nobody knows how they ended.

use std::error::Error as StdError;
use std::time::Duration;

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use metrics::counter;
use rand::Rng;

use crate::error::{Error, Kind};
use crate::pool::Pool;

/// How often a transaction is run again after its first time.
const RERUNS: u32 = 3;

/// What is done in a transaction: an `async |conn| …` that borrows what it needs and can be called again.
///
/// Only there so that its future can be said to be `Send`; nobody implements it by hand.
pub trait AsyncWork<C, R>: AsyncFn(C) -> R + Fn(C) -> <Self as AsyncWork<C, R>>::Future {
    /// What the closure answers.
    type Future: Future<Output = R>;
}

impl<F, C, R, Fut> AsyncWork<C, R> for F
where
    F: AsyncFn(C) -> R + Fn(C) -> Fut,
    Fut: Future<Output = R>,
{
    type Future = Fut;
}

/// Runs `work` in one transaction, and again if it failed with 40001 or 40P01, or if its connection or the answer
/// to its COMMIT was lost.
///
/// A COMMIT without an answer may have happened, so `work` must be idempotent by its own keys: ids are drawn before
/// the transaction, and running it a second time finds what the first left behind and says the same. A statement that
/// failed ends the transaction: `work` has to return an error then, or use a savepoint (`conn.transaction`).
///
/// # Errors
/// What `work` failed with; [`Error::Unavailable`] if there is no connection.
pub async fn transaction<R, E, F>(pool: &Pool, work: F) -> Result<R, E>
where
    F: for<'c> AsyncWork<&'c mut AsyncPgConnection, Result<R, E>, Future: Send>
        + for<'c> AsyncFn(&'c mut AsyncPgConnection) -> Result<R, E>
        + Send
        + Sync,
    R: Send,
    E: From<DieselError> + From<Error> + StdError + Send + 'static,
{
    let mut reruns = 0;
    loop {
        let error = match once(pool, &work).await {
            Ok(result) => return Ok(result),
            Err(error) => error,
        };
        let again = matches!(Kind::of(&error), Some(Kind::Conflict | Kind::ConnectionLost));
        if !again || reruns == RERUNS {
            return Err(error);
        }
        reruns += 1;
        tracing::debug!(error = &error as &dyn StdError, reruns, "running a transaction again");
        counter!("database_transactions_rerun_total", "database" => pool.config().application_name.clone())
            .increment(1);
        let pause = rand::rng().random_range(5..=50);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

async fn once<R, E, F>(pool: &Pool, work: &F) -> Result<R, E>
where
    F: for<'c> AsyncWork<&'c mut AsyncPgConnection, Result<R, E>, Future: Send> + Send + Sync,
    R: Send,
    E: From<DieselError> + From<Error> + Send,
{
    type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

    let mut conn = pool.get().await?;
    let conn: &mut AsyncPgConnection = &mut conn;
    Manager::begin_transaction(conn).await?;
    match work(conn).await {
        Ok(result) => {
            Manager::commit_transaction(conn).await?;
            Ok(result)
        }
        Err(error) => {
            // The reason stands whether or not the rollback was heard: without it the pool drops the connection.
            if let Err(rollback) = Manager::rollback_transaction(conn).await {
                tracing::debug!(error = &rollback as &dyn StdError, "a rollback failed");
            }
            Err(error)
        }
    }
}

/// From here to the end of the transaction, locks and statements may take `patience`.
pub async fn wait_at_most(conn: &mut AsyncPgConnection, patience: Duration) -> diesel::QueryResult<()> {
    // Zero would mean without end.
    let patience_ms = patience.as_millis().max(1);
    conn.batch_execute(&format!("SET LOCAL lock_timeout = {patience_ms}; SET LOCAL statement_timeout = {patience_ms}"))
        .await
}
