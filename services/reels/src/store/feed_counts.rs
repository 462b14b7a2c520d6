//! How many reels there are of each sort: `feed_counts`, which triggers write whenever `reels` is written.

use database::totals::Totals;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::schema::feed_counts;

/// `feed_counts`.
pub(crate) const COUNTS: Totals = Totals { table: "feed_counts", sort: "status, is_public", total: "reels" };

/// How many everybody sees.
pub(crate) async fn public(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    let counts = feed_counts::table.filter(feed_counts::is_public);
    counts.select(sql::<BigInt>("coalesce(sum(reels), 0)::bigint")).first(conn).await
}

/// How many sorts are said to have another number of reels than they have.
pub(crate) async fn count_wrong(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    COUNTS.count_wrong(conn, "SELECT status, is_public, count(*) FROM reels GROUP BY 1, 2").await
}
