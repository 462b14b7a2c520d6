//! Totals that are kept, so that a list can say how many it has without looking at them.
//!
//! Triggers add a row of what changed to a table of totals whenever the facts are written, so that no writer waits for
//! another; the sum of a sort's rows is exact in every snapshot. Now and then the rows of a sort become one.

use std::convert::Infallible;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio_util::sync::CancellationToken;

use crate::{Error, Pool, jobs};

const FOLD_EVERY: Duration = Duration::from_secs(10);

/// A table of totals, whose rows have an `id`. All texts are SQL of the service's own.
#[derive(Debug, Clone, Copy)]
pub struct Totals {
    /// Its name.
    pub table: &'static str,
    /// The columns that make a sort, with commas between.
    pub sort: &'static str,
    /// The column that is summed.
    pub total: &'static str,
}

impl Totals {
    /// Keeps the table short until `stop`.
    ///
    /// # Errors
    /// None; in the shape of a task. A turn that fails is logged, and the next one is taken.
    pub async fn keep_short(self, pool: Pool, stop: CancellationToken) -> Result<(), Infallible> {
        let fold = || {
            let pool = pool.clone();
            async move {
                self.fold(&mut *pool.get().await?).await?;
                Ok::<(), Error>(())
            }
        };
        jobs::every(FOLD_EVERY, self.table, stop, fold).await
    }

    /// Makes one row of all rows of a sort, for a thousand sorts that have several. The sum is the same at every moment;
    /// of several who fold at the same time all but one do nothing, and writers are not waited for.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fold(&self, conn: &mut AsyncPgConnection) -> QueryResult<usize> {
        let Self { table, sort, total } = self;
        diesel::sql_query(format!(
            "WITH several AS MATERIALIZED (SELECT array_agg(id) AS ids FROM {table} \
               WHERE (SELECT pg_try_advisory_xact_lock(hashtext('fold {table}'))) \
               GROUP BY {sort} HAVING count(*) > 1 LIMIT 1000), \
             folded AS (DELETE FROM {table} WHERE id IN (SELECT unnest(ids) FROM several) RETURNING {sort}, {total}) \
             INSERT INTO {table} ({sort}, {total}) \
             SELECT {sort}, sum({total}) FROM folded GROUP BY {sort} HAVING sum({total}) <> 0"
        ))
        .execute(conn)
        .await
    }

    /// How many sorts are said to have another total than they have; `facts` is a query for each sort's columns and its
    /// true total.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_wrong(&self, conn: &mut AsyncPgConnection, facts: &'static str) -> QueryResult<i64> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            wrong: i64,
        }
        let Self { table, sort, total } = self;
        let query = diesel::sql_query(format!(
            "WITH facts ({sort}, {total}) AS ({facts}) \
             SELECT count(*) AS wrong FROM (SELECT FROM ( \
               SELECT {sort}, {total} FROM {table} UNION ALL SELECT {sort}, -{total} FROM facts) AS both_sides \
             GROUP BY {sort} HAVING sum({total}) <> 0) AS sorts"
        ));
        Ok(query.get_result::<Row>(conn).await?.wrong)
    }
}
