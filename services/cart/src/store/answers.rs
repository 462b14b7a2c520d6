//! What `database::answers` has no need of elsewhere: a cart's answer is known only after its effect.

use database::statement;
use diesel::sql_types::{Binary, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Says what the answer to a key is that this transaction has written. Nobody else has seen the row yet.
pub(crate) async fn complete(conn: &mut AsyncPgConnection, key: &str, answer: &[u8]) -> diesel::QueryResult<()> {
    let update = statement("UPDATE answers SET answer = ? WHERE key = ?");
    update.bind::<Binary, _>(answer).bind::<Text, _>(key).execute(conn).await?;
    Ok(())
}
