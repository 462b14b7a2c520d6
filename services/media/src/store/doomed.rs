//! Queries on `doomed_objects`.

use std::time::Duration;

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Double, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::schema::doomed_objects;

/// To be deleted after `pause`, when nobody writes them any more.
pub(crate) async fn add(conn: &mut AsyncPgConnection, keys: &[String], pause: Duration) -> QueryResult<()> {
    let add = statement(
        "INSERT INTO doomed_objects (key, due_at) SELECT key, now() + ? * interval '1 second' FROM unnest(?) AS key \
         ON CONFLICT (key) DO UPDATE SET due_at = greatest(doomed_objects.due_at, excluded.due_at)",
    );
    add.bind::<Double, _>(pause.as_secs_f64()).bind::<Array<Text>, _>(keys.to_vec()).execute(conn).await?;
    Ok(())
}

/// Some whose time has come, by the database's clock.
pub(crate) async fn list_due(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    #[diesel(table_name = doomed_objects)]
    struct Due {
        key: String,
    }
    let due = statement("SELECT key FROM doomed_objects WHERE due_at <= now() ORDER BY due_at LIMIT ?");
    let due: Vec<Due> = due.bind::<BigInt, _>(limit).load(conn).await?;
    Ok(due.into_iter().map(|due| due.key).collect())
}

/// They are gone.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, keys: &[String]) -> QueryResult<()> {
    diesel::delete(doomed_objects::table.filter(doomed_objects::key.eq_any(keys))).execute(conn).await?;
    Ok(())
}
