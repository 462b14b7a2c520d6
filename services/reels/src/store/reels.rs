//! Queries on `reels`.

use std::time::Duration;

use commerce_types::{ProductId, ReelId, UploadId, UserId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::reel::{File, Reel, ReelStatus};
use crate::schema::{reel_counts, reels};

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: ReelId) -> QueryResult<Option<Reel>> {
    Reel::query().filter(reels::id.eq(id)).first(conn).await.optional()
}

/// Locked until the transaction ends.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, id: ReelId) -> QueryResult<Option<Reel>> {
    Reel::query().filter(reels::id.eq(id)).for_no_key_update().first(conn).await.optional()
}

/// All of a product, locked in id order.
pub(crate) async fn lock_of_product(conn: &mut AsyncPgConnection, product_id: ProductId) -> QueryResult<Vec<Reel>> {
    let own = Reel::query().filter(reels::product_id.eq(product_id)).order(reels::id);
    own.for_no_key_update().load(conn).await
}

/// All of a seller, locked in id order.
pub(crate) async fn lock_of_seller(conn: &mut AsyncPgConnection, seller_id: UserId) -> QueryResult<Vec<Reel>> {
    Reel::query().filter(reels::seller_id.eq(seller_id)).order(reels::id).for_no_key_update().load(conn).await
}

/// With counts of its own, all zero; false when there is one with its id or of its upload.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, reel: &Reel) -> QueryResult<bool> {
    let inserted = diesel::insert_into(reels::table).values(reel).on_conflict_do_nothing().execute(conn).await?;
    if inserted == 1 {
        diesel::insert_into(reel_counts::table).values(reel_counts::reel_id.eq(reel.id)).execute(conn).await?;
    }
    Ok(inserted == 1)
}

/// The one whose video it is.
pub(crate) async fn find_of_upload(conn: &mut AsyncPgConnection, upload_id: UploadId) -> QueryResult<Option<Reel>> {
    Reel::query().filter(reels::upload_id.eq(upload_id)).first(conn).await.optional()
}

/// The uploads of reels that have waited for them so long, oldest first.
pub(crate) async fn list_awaited(
    conn: &mut AsyncPgConnection,
    waited: Duration,
    limit: i64,
) -> QueryResult<Vec<UploadId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        upload_id: UploadId,
    }
    let rows = statement(
        "SELECT upload_id FROM reels WHERE status = 'processing' AND upload_id IS NOT NULL \
           AND created_at < clock_timestamp() - ? * interval '1 second' ORDER BY created_at LIMIT ?",
    );
    let rows: Vec<Row> = rows.bind::<Double, _>(waited.as_secs_f64()).bind::<BigInt, _>(limit).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.upload_id).collect())
}

/// Writes what became of its video; the caller has locked it.
pub(crate) async fn settle(conn: &mut AsyncPgConnection, reel: &Reel) -> QueryResult<()> {
    let File { video_url, video_path, thumbnail_url, thumbnail_path, .. } = &reel.file;
    diesel::update(reels::table.find(reel.id))
        .set((
            reels::status.eq(reel.status),
            reels::error_code.eq(reel.error_code.as_deref()),
            reels::is_public.eq(reel.is_public),
            reels::video_url.eq(video_url.as_deref()),
            reels::video_path.eq(video_path.as_deref()),
            reels::thumbnail_url.eq(thumbnail_url.as_deref()),
            reels::thumbnail_path.eq(thumbnail_path.as_deref()),
            reels::duration_ms.eq(reel.file.duration_ms),
            reels::size_bytes.eq(reel.file.size_bytes),
            reels::width.eq(reel.file.width),
            reels::height.eq(reel.file.height),
            reels::updated_at.eq(reel.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes caption, product and what follows from them; the caller has locked it.
pub(crate) async fn update(conn: &mut AsyncPgConnection, reel: &Reel) -> QueryResult<()> {
    diesel::update(reels::table.find(reel.id))
        .set((
            reels::caption.eq(reel.caption.as_deref()),
            reels::product_id.eq(reel.product_id),
            reels::is_public.eq(reel.is_public),
            reels::updated_at.eq(reel.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Shows or hides the ready ones among them.
pub(crate) async fn show(conn: &mut AsyncPgConnection, ids: &[ReelId], shown: Shown) -> QueryResult<()> {
    let ready = reels::table.filter(reels::id.eq_any(ids)).filter(reels::status.eq(ReelStatus::Ready));
    diesel::update(ready).set(reels::is_public.eq(shown == Shown::ToAll)).execute(conn).await?;
    Ok(())
}

/// Who sees a ready reel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    ToAll,
    /// And to admins.
    ToItsSeller,
}

/// With their likes, comments and counts.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, ids: &[ReelId]) -> QueryResult<usize> {
    diesel::delete(reels::table.filter(reels::id.eq_any(ids))).execute(conn).await
}

/// Those of these addresses that reels show, as video or instead of a frame of it.
pub(crate) async fn list_files_in_use(conn: &mut AsyncPgConnection, urls: &[String]) -> QueryResult<Vec<String>> {
    let videos = reels::table.filter(reels::video_url.eq_any(urls)).select(reels::video_url.assume_not_null());
    let frames = reels::table.filter(reels::thumbnail_url.eq_any(urls)).select(reels::thumbnail_url.assume_not_null());
    videos.union(frames).load(conn).await
}

/// How many are ready, and how often those were seen.
pub(crate) async fn sum_up(conn: &mut AsyncPgConnection) -> QueryResult<(i64, i64)> {
    #[derive(QueryableByName)]
    struct Sums {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        ready: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        views: i64,
    }
    let sums: Sums = diesel::sql_query(
        "SELECT count(*) AS ready, coalesce(sum(views), 0)::bigint AS views \
         FROM reels JOIN reel_counts ON reel_counts.reel_id = reels.id WHERE reels.status = 'ready'",
    )
    .get_result(conn)
    .await?;
    Ok((sums.ready, sums.views))
}
