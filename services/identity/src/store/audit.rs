//! Queries on `audit`, which only grows.

use diesel::dsl::count_star;
use diesel::helper_types::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::audit::{AuditEntry, AuditFilter, KeptEntry};
use crate::domain::seller_list::Page;
use crate::schema::audit;

/// Entries that are there already stay as they are.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, entries: &[AuditEntry]) -> QueryResult<()> {
    if entries.is_empty() {
        return Ok(());
    }
    diesel::insert_into(audit::table).values(entries).on_conflict(audit::id).do_nothing().execute(conn).await?;
    Ok(())
}

/// A page, newest first.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    filter: &AuditFilter,
    page: Page,
) -> QueryResult<Vec<KeptEntry>> {
    let newest = matching(filter).order((audit::created_at.desc(), audit::id.desc()));
    newest.select(KeptEntry::as_select()).limit(page.limit).offset(page.offset).load(conn).await
}

/// How many there are on all pages.
pub(crate) async fn count(conn: &mut AsyncPgConnection, filter: &AuditFilter) -> QueryResult<i64> {
    matching(filter).select(count_star()).first(conn).await
}

fn matching(filter: &AuditFilter) -> IntoBoxed<'_, audit::table, Pg> {
    let mut entries = audit::table.into_boxed();
    if let Some(actor_id) = filter.actor_id {
        entries = entries.filter(audit::actor_id.eq(actor_id));
    }
    if let Some(action) = &filter.action {
        entries = entries.filter(audit::action.eq(action));
    }
    if let Some(target_type) = &filter.target_type {
        entries = entries.filter(audit::target_type.eq(target_type));
    }
    if let Some(target_id) = &filter.target_id {
        entries = entries.filter(audit::target_id.eq(target_id));
    }
    if let Some(from) = filter.from {
        entries = entries.filter(audit::created_at.ge(from.begins_at()));
    }
    if let Some(to) = filter.to {
        entries = entries.filter(audit::created_at.lt(to.ends_at()));
    }
    entries
}
