//! Say something else. Only the author may; nothing is said of it.

use access_token::Account;
use commerce_types::CommentId;

use crate::app::App;
use crate::domain::comment::ShownComment;
use crate::error::Error;
use crate::operations::get_reel::visible;
use crate::reply::CommentWritten;
use crate::store;

/// # Errors
/// [`Error::CommentNotFound`]: gone, somebody else's, or of a reel that is not shown any more.
pub(crate) async fn change_comment(
    app: &App,
    account: &Account,
    id: CommentId,
    content: &str,
) -> Result<CommentWritten, Error> {
    let now = app.clock.now();
    let written = database::transaction(&app.pool, async |conn| {
        let comment = store::comments::find(conn, id).await?.ok_or(Error::CommentNotFound)?;
        visible(conn, &access_token::Caller::Account(account.clone()), comment.reel_id).await.map_err(as_comment)?;
        let comment = store::comments::update(conn, id, account.user_id, content, now).await?;
        let comment = comment.ok_or(Error::CommentNotFound)?;
        let counts = store::counts::find(conn, comment.reel_id).await?.ok_or(Error::CommentNotFound)?;
        let user = account.public_user();
        Ok::<_, Error>(CommentWritten::new(&ShownComment { comment, user }, counts.comments))
    });
    written.await
}

/// A comment of a reel that is missing is missing.
pub(super) fn as_comment(error: Error) -> Error {
    match error {
        Error::ReelNotFound => Error::CommentNotFound,
        other => other,
    }
}
