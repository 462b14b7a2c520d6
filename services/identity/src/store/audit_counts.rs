//! How many entries of the audit there are of each sort: `audit_counts`, which a trigger writes whenever `audit` is written.

use database::totals::Totals;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::audit::AuditFilter;
use crate::schema::audit_counts;

/// `audit_counts`.
pub(crate) const COUNTS: Totals = Totals { table: "audit_counts", sort: "action, target_type", total: "entries" };

/// Of all sorts that the filter lets through, which names nothing but sorts.
pub(crate) async fn sum(conn: &mut AsyncPgConnection, filter: &AuditFilter) -> QueryResult<i64> {
    let mut sorts = audit_counts::table.select(sql::<BigInt>("coalesce(sum(entries), 0)::bigint")).into_boxed();
    if let Some(action) = &filter.action {
        sorts = sorts.filter(audit_counts::action.eq(action));
    }
    if let Some(target_type) = &filter.target_type {
        sorts = sorts.filter(audit_counts::target_type.eq(target_type));
    }
    sorts.first(conn).await
}

/// How many sorts are said to have another number of entries than they have.
pub(crate) async fn count_wrong(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    COUNTS.count_wrong(conn, "SELECT action, target_type, count(*) FROM audit GROUP BY 1, 2").await
}
