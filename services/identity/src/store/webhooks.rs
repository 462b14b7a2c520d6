//! Queries on `webhooks`.

use std::time::Duration;

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::webhook::NewWebhook;
use crate::schema::webhooks;

/// False when the id is there already.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, new: &NewWebhook) -> QueryResult<bool> {
    let rows = diesel::insert_into(webhooks::table).values(new).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

/// Of what came first under the id.
pub(crate) async fn find_body_hash(conn: &mut AsyncPgConnection, svix_id: &str) -> QueryResult<Option<Vec<u8>>> {
    webhooks::table.find(svix_id).select(webhooks::body_hash).first(conn).await.optional()
}

/// The ids of those that wait to be applied, oldest first.
pub(crate) async fn list_due(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<String>> {
    webhooks::table
        .filter(webhooks::applied_at.is_null())
        .filter(webhooks::due_at.le(diesel::dsl::now))
        .order(webhooks::due_at)
        .limit(limit)
        .select(webhooks::svix_id)
        .load(conn)
        .await
}

/// The body, locked; nothing when it was applied, or somebody else is at it.
pub(crate) async fn lock_waiting(conn: &mut AsyncPgConnection, svix_id: &str) -> QueryResult<Option<Vec<u8>>> {
    let waiting = webhooks::table.filter(webhooks::svix_id.eq(svix_id)).filter(webhooks::applied_at.is_null());
    let body = waiting.select(webhooks::body).for_no_key_update().skip_locked().first::<Option<Vec<u8>>>(conn);
    Ok(body.await.optional()?.flatten())
}

/// Nothing is left to do; the body goes.
pub(crate) async fn finish(conn: &mut AsyncPgConnection, svix_id: &str) -> QueryResult<()> {
    let done = (webhooks::body.eq(None::<Vec<u8>>), webhooks::applied_at.eq(diesel::dsl::now));
    diesel::update(webhooks::table.find(svix_id)).set(done).execute(conn).await?;
    Ok(())
}

/// Finishes what waits of an account that is gone, but what is being applied at this moment: that ends by itself.
pub(crate) async fn finish_all_of(conn: &mut AsyncPgConnection, clerk_id: &str) -> QueryResult<usize> {
    let finish = statement(
        "UPDATE webhooks SET body = NULL, applied_at = now() WHERE svix_id IN (\
           SELECT svix_id FROM webhooks WHERE clerk_id = ? AND applied_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)",
    );
    finish.bind::<Text, _>(clerk_id).execute(conn).await
}

/// Another try after a while: 1 s, then twice as long each time, 5 minutes at most.
pub(crate) async fn postpone(conn: &mut AsyncPgConnection, svix_id: &str) -> QueryResult<()> {
    let postpone = statement(
        "UPDATE webhooks SET failures = failures + 1, \
           due_at = now() + least(300, 2 ^ least(failures, 20)) * interval '1 second' \
         WHERE svix_id = ? AND applied_at IS NULL",
    );
    postpone.bind::<Text, _>(svix_id).execute(conn).await?;
    Ok(())
}

/// Deletes some of those that came longer ago than this, and says how many.
pub(crate) async fn delete_older(conn: &mut AsyncPgConnection, kept: Duration, limit: i64) -> QueryResult<usize> {
    let kept_seconds = i64::try_from(kept.as_secs()).unwrap_or(i64::MAX);
    let delete = statement(
        "DELETE FROM webhooks WHERE svix_id IN (SELECT svix_id FROM webhooks \
         WHERE received_at < now() - ? * interval '1 second' LIMIT ?)",
    );
    delete.bind::<BigInt, _>(kept_seconds).bind::<BigInt, _>(limit).execute(conn).await
}
