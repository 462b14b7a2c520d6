//! How many accounts there are of each sort: `account_counts`, which triggers write whenever `users` is written.

use database::totals::Totals;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::account_list::{AccountFilter, Alike};
use crate::schema::account_counts;

/// `account_counts`.
pub(crate) const COUNTS: Totals = Totals {
    table: "account_counts",
    sort: "role, seller_category, approval, is_verified, is_active, is_deleted",
    total: "accounts",
};

/// Of all sorts that the filter lets through, whose search is left out of it.
pub(crate) async fn sum(conn: &mut AsyncPgConnection, filter: &AccountFilter) -> QueryResult<i64> {
    let mut sorts = account_counts::table.select(sql::<BigInt>("coalesce(sum(accounts), 0)::bigint")).into_boxed();
    sorts = sorts.filter(account_counts::is_deleted.eq(filter.deleted));
    if let Some(role) = filter.role {
        sorts = sorts.filter(account_counts::role.eq(role));
    }
    if let Some(category) = filter.seller_category {
        sorts = sorts.filter(account_counts::seller_category.eq(category));
    }
    if let Some(approval) = filter.approval {
        sorts = sorts.filter(account_counts::approval.eq(approval));
    }
    if let Some(is_verified) = filter.is_verified {
        sorts = sorts.filter(account_counts::is_verified.eq(is_verified));
    }
    if let Some(is_active) = filter.is_active {
        sorts = sorts.filter(account_counts::is_active.eq(is_active));
    }
    sorts.first(conn).await
}

/// All living accounts, by what they are.
pub(crate) async fn list_alike(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Alike>> {
    diesel::sql_query(
        "SELECT role, approval, is_active, sum(accounts)::bigint AS accounts FROM account_counts WHERE NOT is_deleted \
         GROUP BY role, approval, is_active",
    )
    .load(conn)
    .await
}

/// How many sorts are said to have another number of accounts than they have.
pub(crate) async fn count_wrong(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    let facts = "SELECT role, seller_category, approval, is_verified, is_active, deleted_at IS NOT NULL, count(*) \
         FROM users GROUP BY 1, 2, 3, 4, 5, 6";
    COUNTS.count_wrong(conn, facts).await
}
