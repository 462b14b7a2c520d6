//! Queries on `uploads`. Times are the database's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UploadId, UserId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Integer, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::upload::{Upload, UploadStatus};
use crate::schema::uploads;

/// What time it is for the database, at this very moment.
pub(crate) async fn now(conn: &mut AsyncPgConnection) -> QueryResult<DateTime<Utc>> {
    #[derive(QueryableByName)]
    struct Now {
        #[diesel(sql_type = Timestamptz)]
        now: DateTime<Utc>,
    }
    let now: Now = statement("SELECT clock_timestamp() AS now").get_result(conn).await?;
    Ok(now.now)
}

/// Until the transaction ends nobody else counts what the account sends.
pub(crate) async fn hold_owner(conn: &mut AsyncPgConnection, owner_id: UserId) -> QueryResult<()> {
    let hold = statement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))");
    hold.bind::<diesel::sql_types::Text, _>(owner_id.to_string()).execute(conn).await?;
    Ok(())
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: UploadId) -> QueryResult<Option<Upload>> {
    Upload::query().filter(uploads::id.eq(id)).first(conn).await.optional()
}

/// Locked until the transaction ends.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, id: UploadId) -> QueryResult<Option<Upload>> {
    Upload::query().filter(uploads::id.eq(id)).for_update().first(conn).await.optional()
}

/// By what is served of it, or by where its bytes are awaited.
pub(crate) async fn find_by_key(conn: &mut AsyncPgConnection, key: &str) -> QueryResult<Option<Upload>> {
    let awaited = uploads::received_key.eq(key).and(uploads::status.eq(UploadStatus::Pending));
    Upload::query().filter(uploads::key.eq(key).or(awaited)).first(conn).await.optional()
}

/// Those of these ids, and those that are served under these keys, thumbnails too.
pub(crate) async fn list(conn: &mut AsyncPgConnection, ids: &[UploadId], keys: &[String]) -> QueryResult<Vec<Upload>> {
    let served = uploads::key.eq_any(keys).or(uploads::thumbnail_key.eq_any(keys));
    Upload::query().filter(uploads::id.eq_any(ids).or(served)).load(conn).await
}

/// How many uploads of the account are pending.
pub(crate) async fn count_pending(conn: &mut AsyncPgConnection, owner_id: UserId) -> QueryResult<i64> {
    let own = uploads::table.filter(uploads::owner_id.eq(owner_id));
    own.filter(uploads::status.eq(UploadStatus::Pending)).count().get_result(conn).await
}

/// False when it is there already: by the transaction that is run again.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, upload: &Upload) -> QueryResult<bool> {
    let insert = diesel::insert_into(uploads::table).values(upload).on_conflict(uploads::id).do_nothing();
    Ok(insert.execute(conn).await? == 1)
}

/// Writes what changes with its status; the caller has locked it.
pub(crate) async fn update(conn: &mut AsyncPgConnection, upload: &Upload) -> QueryResult<()> {
    diesel::update(uploads::table.find(upload.id))
        .set((
            uploads::status.eq(upload.status),
            uploads::content_type.eq(&upload.content_type),
            uploads::size_bytes.eq(upload.size_bytes),
            uploads::key.eq(upload.key.as_deref()),
            uploads::thumbnail_key.eq(upload.thumbnail_key.as_deref()),
            uploads::served_bytes.eq(upload.served_bytes),
            uploads::width.eq(upload.width),
            uploads::height.eq(upload.height),
            uploads::duration_ms.eq(upload.duration_ms),
            uploads::error_code.eq(upload.error_code),
            uploads::expires_at.eq(upload.expires_at),
            uploads::received_at.eq(upload.received_at),
            uploads::served_at.eq(upload.served_at),
            uploads::due_at.eq(upload.due_at),
            uploads::updated_at.eq(upload.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn delete(conn: &mut AsyncPgConnection, ids: &[UploadId]) -> QueryResult<usize> {
    diesel::delete(uploads::table.filter(uploads::id.eq_any(ids))).execute(conn).await
}

/// One that waits for a worker, now this one's for as long as the lease; nobody waits for anybody. Who cannot work on videos
/// leaves them to others.
pub(crate) async fn claim(
    conn: &mut AsyncPgConnection,
    lease: Duration,
    can_work_on_videos: bool,
) -> QueryResult<Option<Upload>> {
    let claim = statement(
        "UPDATE uploads SET due_at = clock_timestamp() + ? * interval '1 second', attempts = attempts + 1 \
         WHERE id = (SELECT id FROM uploads WHERE status = 'processing' AND due_at <= clock_timestamp() \
                       AND (? OR kind <> 'reel_video') \
                     ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING id",
    );
    let claim = claim.bind::<Double, _>(lease.as_secs_f64()).bind::<Bool, _>(can_work_on_videos);
    let claimed: Option<Id> = claim.get_result(conn).await.optional()?;
    match claimed {
        Some(claimed) => find(conn, claimed.id).await,
        None => Ok(None),
    }
}

#[derive(QueryableByName)]
#[diesel(table_name = uploads)]
struct Id {
    id: UploadId,
}

/// The worker goes on; false when the work is not its own any more.
pub(crate) async fn renew(conn: &mut AsyncPgConnection, claimed: &Upload, lease: Duration) -> QueryResult<bool> {
    let renew = statement(
        "UPDATE uploads SET due_at = clock_timestamp() + ? * interval '1 second' \
         WHERE id = ? AND status = 'processing' AND attempts = ?",
    );
    let renewed = renew
        .bind::<Double, _>(lease.as_secs_f64())
        .bind::<SqlUuid, _>(claimed.id)
        .bind::<Integer, _>(claimed.attempts)
        .execute(conn);
    Ok(renewed.await? == 1)
}

/// The worker lets go of it for `pause`; `attempts` are those that count.
pub(crate) async fn release(
    conn: &mut AsyncPgConnection,
    claimed: &Upload,
    attempts: i32,
    pause: Duration,
) -> QueryResult<()> {
    let release = statement(
        "UPDATE uploads SET due_at = clock_timestamp() + ? * interval '1 second', attempts = ? \
         WHERE id = ? AND status = 'processing' AND attempts = ?",
    );
    release
        .bind::<Double, _>(pause.as_secs_f64())
        .bind::<Integer, _>(attempts)
        .bind::<SqlUuid, _>(claimed.id)
        .bind::<Integer, _>(claimed.attempts)
        .execute(conn)
        .await?;
    Ok(())
}

/// Some that have been pending for too long, locked; those that somebody completes at this moment are passed over.
pub(crate) async fn lock_expired(
    conn: &mut AsyncPgConnection,
    longest: Duration,
    limit: i64,
) -> QueryResult<Vec<Upload>> {
    let end = now(conn).await? - longest;
    let expired = Upload::query().filter(uploads::status.eq(UploadStatus::Pending)).filter(uploads::created_at.le(end));
    expired.order(uploads::created_at).limit(limit).for_update().skip_locked().load(conn).await
}

/// Nobody needs what belongs to these products any more, unless somebody is found who does.
pub(crate) async fn ask_about_products(conn: &mut AsyncPgConnection, ids: &[ProductId]) -> QueryResult<usize> {
    let of_them = uploads::table.filter(uploads::product_id.eq_any(ids)).filter(uploads::ask_at.is_null());
    diesel::update(of_them).set(uploads::ask_at.eq(diesel::dsl::now)).execute(conn).await
}

/// Nor what these accounts sent.
pub(crate) async fn ask_about_owners(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<usize> {
    let of_them = uploads::table.filter(uploads::owner_id.eq_any(ids)).filter(uploads::ask_at.is_null());
    diesel::update(of_them).set(uploads::ask_at.eq(diesel::dsl::now)).execute(conn).await
}

/// Nor these.
pub(crate) async fn ask_about(conn: &mut AsyncPgConnection, ids: &[UploadId]) -> QueryResult<usize> {
    let these = uploads::table.filter(uploads::id.eq_any(ids)).filter(uploads::ask_at.is_null());
    diesel::update(these).set(uploads::ask_at.eq(diesel::dsl::now)).execute(conn).await
}

/// Some about which somebody is to be asked now.
pub(crate) async fn list_to_ask_about(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<Upload>> {
    let due = Upload::query().filter(uploads::ask_at.le(now(conn).await?));
    due.order(uploads::ask_at).limit(limit).load(conn).await
}

/// Somebody shows them: asked about again after `pause`.
pub(crate) async fn ask_again(conn: &mut AsyncPgConnection, ids: &[UploadId], pause: Duration) -> QueryResult<()> {
    let later = now(conn).await? + pause;
    let shown = uploads::table.filter(uploads::id.eq_any(ids));
    diesel::update(shown).set(uploads::ask_at.eq(later)).execute(conn).await?;
    Ok(())
}

/// Locked in the order of their ids, those of them that are still to be asked about.
pub(crate) async fn lock_unneeded(conn: &mut AsyncPgConnection, ids: &[UploadId]) -> QueryResult<Vec<Upload>> {
    let unneeded = Upload::query().filter(uploads::id.eq_any(ids)).filter(uploads::ask_at.is_not_null());
    unneeded.order(uploads::id).for_update().load(conn).await
}

/// Some ready ones, in the order of their ids.
pub(crate) async fn list_ready_after(
    conn: &mut AsyncPgConnection,
    after: UploadId,
    limit: i64,
) -> QueryResult<Vec<Upload>> {
    let ready = Upload::query().filter(uploads::status.eq(UploadStatus::Ready)).filter(uploads::id.gt(after));
    ready.order(uploads::id).limit(limit).load(conn).await
}

/// How many have waited for a worker for longer than this.
pub(crate) async fn count_overdue(conn: &mut AsyncPgConnection, age: Duration) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let count = statement(
        "SELECT count(*) AS count FROM uploads \
         WHERE status = 'processing' AND received_at < clock_timestamp() - ? * interval '1 second'",
    );
    let count: Count = count.bind::<Double, _>(age.as_secs_f64()).get_result(conn).await?;
    Ok(count.count)
}
