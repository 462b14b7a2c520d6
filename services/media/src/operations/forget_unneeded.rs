//! Delete files that somebody said are not needed any more, when nobody shows them. A reconciler that needs no input.
//!
//! Always true: a file that anybody shows stays, and is asked about again the next day; so does every file while one of
//! those who may show it does not answer.

use std::collections::HashSet;
use std::time::Duration;

use commerce_types::UploadId;

use crate::app::App;
use crate::domain::upload::Upload;
use crate::error::Error;
use crate::operations::delete_file::{addresses, pause};
use crate::store;
use crate::upstream::showing;

/// Of each file two addresses are asked about.
const AT_A_TIME: usize = showing::AT_A_TIME / 2;
const ASK_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// How many were deleted.
///
/// # Errors
/// [`Error::Database`], [`Error::Other`].
pub(crate) async fn forget_unneeded(app: &App) -> Result<usize, Error> {
    let limit = i64::try_from(AT_A_TIME).unwrap_or(1);
    let asked = store::uploads::list_to_ask_about(&mut *app.pool.get().await?, limit).await?;
    if asked.is_empty() {
        return Ok(0);
    }
    let used = app.showing.in_use(asked.iter().flat_map(|upload| addresses(app, upload)).collect()).await?;
    let is_used = |upload: &&Upload| addresses(app, upload).iter().any(|url| used.contains(url));
    let (shown, unneeded): (Vec<&Upload>, Vec<&Upload>) = asked.iter().partition(is_used);
    let shown: Vec<UploadId> = shown.iter().map(|upload| upload.id).collect();
    let ids: Vec<UploadId> = unneeded.iter().map(|upload| upload.id).collect();
    let asked_about: HashSet<String> = unneeded.iter().flat_map(|upload| addresses(app, upload)).collect();
    let deleted = database::transaction(&app.pool, async |conn| {
        store::uploads::ask_again(conn, &shown, ASK_AGAIN).await?;
        let mut locked = store::uploads::lock_unneeded(conn, &ids).await?;
        // What was finished meanwhile is asked about the next time.
        locked.retain(|upload| addresses(app, upload).iter().all(|url| asked_about.contains(url)));
        for upload in &locked {
            store::doomed::add(conn, &upload.objects(), pause(upload).length(app)).await?;
        }
        store::uploads::delete(conn, &locked.iter().map(|upload| upload.id).collect::<Vec<_>>()).await?;
        Ok::<_, Error>(locked.len())
    });
    deleted.await
}
