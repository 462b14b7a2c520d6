//! Delete the objects that nothing refers to any more. A reconciler that needs no input.
//!
//! Always true: an object's name is forgotten after it was deleted, so that no crash leaves one behind.

use futures::{StreamExt, stream};

use crate::app::App;
use crate::error::Error;
use crate::store;

const AT_A_TIME: i64 = 100;
/// Requests to the bucket under way.
const TOGETHER: usize = 4;

/// How many those were.
///
/// # Errors
/// [`Error::Database`]; [`Error::Storage`]: the others are deleted.
pub(crate) async fn delete_doomed(app: &App) -> Result<usize, Error> {
    let due = store::doomed::list_due(&mut *app.pool.get().await?, AT_A_TIME).await?;
    let deleted = stream::iter(due).map(async |key| {
        let deleted = app.storage.delete(&key).await;
        deleted.map(|()| key)
    });
    let deleted: Vec<_> = deleted.buffer_unordered(TOGETHER).collect().await;
    let (gone, failed): (Vec<_>, Vec<_>) = deleted.into_iter().partition(Result::is_ok);
    let gone: Vec<String> = gone.into_iter().flatten().collect();
    if !gone.is_empty() {
        store::doomed::delete(&mut *app.pool.get().await?, &gone).await?;
    }
    match failed.into_iter().find_map(Result::err) {
        Some(error) => Err(error.into()),
        None => Ok(gone.len()),
    }
}
