//! List what is said of a reel, newest first.

use access_token::Caller;
use commerce_types::ReelId;

use crate::app::App;
use crate::domain::comment::ShownComment;
use crate::domain::feed::{Feed, Page, Place};
use crate::error::Error;
use crate::operations::get_reel::visible;
use crate::store;

/// # Errors
/// [`Error::ReelNotFound`].
pub(crate) async fn list_comments(
    app: &App,
    caller: &Caller,
    reel_id: ReelId,
    page: &Page,
) -> Result<Feed<ShownComment>, Error> {
    let mut conn = app.pool.get().await?;
    visible(&mut conn, caller, reel_id).await?;
    let counts = store::counts::find(&mut conn, reel_id).await?.ok_or(Error::ReelNotFound)?;
    let total = page.is_numbered().then_some(counts.comments);
    let rows = store::comments::list(&mut conn, reel_id, page).await?.into_iter();
    let rows = rows.map(|(comment, account)| ShownComment { comment, user: account.into() }).collect();
    Ok(page
        .feed(rows, total, |shown: &ShownComment| Place { at: shown.comment.created_at, id: shown.comment.id.into() }))
}
