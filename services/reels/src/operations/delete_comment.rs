//! Delete a comment: its author, the reel's seller and admins may.
//!
//! Always true: the row, the count and the event with that count are one transaction; what was said when the comment was
//! made names neither its text nor its author any more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use access_token::{Account, Caller};
use commerce_types::{CommentId, ReelId};
use diesel_async::AsyncPgConnection;
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::domain::comment::Comment;
use crate::error::Error;
use crate::operations::change_comment::as_comment;
use crate::operations::get_reel::visible;
use crate::operations::request_id;
use crate::store::counts::Move;
use crate::{events, store};

/// The reel and how many comments it has now.
///
/// # Errors
/// [`Error::CommentNotFound`]: gone, or not the caller's to delete.
pub(crate) async fn delete_comment(app: &App, account: &Account, id: CommentId) -> Result<(ReelId, i64), Error> {
    let caller = Caller::Account(account.clone());
    let (comment, is_foreign) = {
        let mut conn = app.pool.get().await?;
        let comment = store::comments::find(&mut conn, id).await?.ok_or(Error::CommentNotFound)?;
        let reel = visible(&mut conn, &caller, comment.reel_id).await.map_err(as_comment)?;
        if !comment.may_be_deleted_by(account, reel.seller_id) {
            return Err(Error::CommentNotFound);
        }
        let is_foreign = account.user_id != comment.user_id && account.user_id != reel.seller_id;
        (comment, is_foreign)
    };
    let ids = (app.ids.next(), app.ids.next());
    let admin = is_foreign.then_some(account);
    let tried = AtomicBool::new(false);
    let left = database::transaction(&app.pool, async |conn| {
        let again = tried.swap(true, Ordering::Relaxed);
        delete(conn, &comment, admin, ids, again).await
    });
    let left = left.await?;
    app.waker.wake();
    Ok((comment.reel_id, left))
}

async fn delete(
    conn: &mut AsyncPgConnection,
    comment: &Comment,
    admin: Option<&Account>,
    (removed_id, action_id): (Uuid, Uuid),
    again: bool,
) -> Result<i64, Error> {
    let counts = store::counts::lock(conn, &[comment.reel_id]).await?;
    let count = counts.get(&comment.reel_id).ok_or(Error::CommentNotFound)?.comments;
    if !store::comments::delete(conn, comment.id).await? {
        // Run again because nobody heard the commit: it is gone by our own doing.
        return if again { Ok(count) } else { Err(Error::CommentNotFound) };
    }
    let left = count - 1;
    let moves = BTreeMap::from([(comment.reel_id, Move { comments: -1, ..Move::default() })]);
    store::counts::add(conn, &moves).await?;
    ::events::retell(conn, &[events::comment_gone(comment.reel_id, comment.id)]).await?;
    let mut said = vec![events::comment_removed(comment.reel_id, comment.id, left).with_id(removed_id)];
    if let Some(admin) = admin {
        let changes = json!({ "deleted": { "from": false, "to": true } });
        let target = ("comment", comment.id.into());
        let action = events::admin_action(admin.user_id, "comment.deleted", target, &changes, &request_id());
        said.push(action.with_id(action_id));
    }
    ::events::write(conn, &said).await?;
    Ok(left)
}
