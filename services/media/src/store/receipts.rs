//! Queries on `receipts`: what accounts sent.

use std::time::Duration;

use commerce_types::{UploadId, UserId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Bytes that the account sent within the last `window`.
pub(crate) async fn sum_up(conn: &mut AsyncPgConnection, owner_id: UserId, window: Duration) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = BigInt)]
        bytes: i64,
    }
    let sum = statement(
        "SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes FROM receipts \
         WHERE owner_id = ? AND received_at > now() - ? * interval '1 second'",
    );
    let sum: Sum = sum.bind::<SqlUuid, _>(owner_id).bind::<Double, _>(window.as_secs_f64()).get_result(conn).await?;
    Ok(sum.bytes)
}

/// They came now.
pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    (upload_id, owner_id): (UploadId, UserId),
    size_bytes: i64,
) -> QueryResult<()> {
    let insert = statement(
        "INSERT INTO receipts (upload_id, owner_id, size_bytes, received_at) VALUES (?, ?, ?, now()) \
         ON CONFLICT (upload_id) DO NOTHING",
    );
    insert
        .bind::<SqlUuid, _>(upload_id)
        .bind::<SqlUuid, _>(owner_id)
        .bind::<BigInt, _>(size_bytes)
        .execute(conn)
        .await?;
    Ok(())
}

/// Those that count no longer.
pub(crate) async fn forget(conn: &mut AsyncPgConnection, window: Duration) -> QueryResult<usize> {
    let forget = statement("DELETE FROM receipts WHERE received_at < now() - ? * interval '1 second'");
    forget.bind::<Double, _>(window.as_secs_f64()).execute(conn).await
}
