//! Queries on `order_history`.

use commerce_types::OrderId;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::order::HistoryEntry;
use crate::schema::order_history;

/// The steps of an order, oldest first.
pub(crate) async fn list(conn: &mut AsyncPgConnection, order_id: OrderId) -> QueryResult<Vec<HistoryEntry>> {
    HistoryEntry::query().filter(order_history::order_id.eq(order_id)).order(order_history::version).load(conn).await
}

/// The step that made this version of an order.
pub(crate) async fn find(
    conn: &mut AsyncPgConnection,
    order_id: OrderId,
    version: i64,
) -> QueryResult<Option<HistoryEntry>> {
    HistoryEntry::query()
        .filter(order_history::order_id.eq(order_id))
        .filter(order_history::version.eq(version))
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn insert(conn: &mut AsyncPgConnection, entry: &HistoryEntry) -> QueryResult<()> {
    diesel::insert_into(order_history::table).values(entry).execute(conn).await?;
    Ok(())
}
