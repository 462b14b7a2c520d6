//! Say something of a reel.
//!
//! Always true: the comment, the reel's count, the event with that count, and the answer to the key are one transaction.

use std::collections::BTreeMap;

use access_token::Account;
use commerce_types::ReelId;
use database::answers::{self, Answer};
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::comment::{Comment, ShownComment};
use crate::error::{Error, waiting_for_twin};
use crate::reply::CommentWritten;
use crate::store::counts::Move;
use crate::{events, store};

/// What, and under which key.
#[derive(Debug)]
pub(crate) struct AddComment {
    pub(crate) reel_id: ReelId,
    pub(crate) content: String,
    /// The caller's key and the hash of what it was sent with.
    pub(crate) key: Option<(String, Vec<u8>)>,
}

/// # Errors
/// [`Error::ReelNotFound`], [`Error::NoAccount`], [`Error::KeyReused`], [`Error::KeyInProgress`].
pub(crate) async fn add_comment(app: &App, account: &Account, request: &AddComment) -> Result<CommentWritten, Error> {
    let key = request.key.as_ref().map(|(key, hash)| (format!("{}:add_comment:{key}", account.user_id), hash));
    if let Some((key, body_hash)) = &key
        && let Some(answer) = answers::find(&mut *app.pool.get().await?, key).await?
    {
        return repeat(answer, body_hash);
    }
    let now = app.clock.now();
    let comment = Comment {
        id: app.ids.next(),
        reel_id: request.reel_id,
        user_id: account.user_id,
        content: request.content.clone(),
        created_at: now,
        updated_at: now,
    };
    let shown = ShownComment { comment, user: account.public_user() };
    let key = key.as_ref().map(|(key, body_hash)| (key.as_str(), body_hash.as_slice()));
    let written = database::transaction(&app.pool, async |conn| add(conn, &shown, key).await).await?;
    app.waker.wake();
    Ok(written)
}

/// Adds it to a reel that everybody sees.
async fn add(
    conn: &mut AsyncPgConnection,
    shown: &ShownComment,
    key: Option<(&str, &[u8])>,
) -> Result<CommentWritten, Error> {
    let comment = &shown.comment;
    store::accounts::see(conn, std::slice::from_ref(&shown.user)).await?;
    if !store::accounts::hold(conn, &[comment.user_id]).await?.is_empty() {
        return Err(Error::NoAccount);
    }
    let counts = store::counts::lock_public(conn, &[comment.reel_id]).await?;
    let count = counts.get(&comment.reel_id).ok_or(Error::ReelNotFound)?.comments + 1;
    let written = CommentWritten::new(shown, count);
    if let Some((key, body_hash)) = key {
        let ours = Answer {
            key: key.to_owned(),
            owner_id: Some(comment.user_id.into()),
            body_hash: body_hash.to_vec(),
            answer: Some(written.encode()),
        };
        if !answers::insert(conn, &ours).await.map_err(waiting_for_twin)? {
            let first = answers::find(conn, key).await?.ok_or(Error::Missing("the answer of a twin"))?;
            return repeat(first, body_hash);
        }
    }
    if !store::comments::insert(conn, comment).await? {
        // Run again because nobody heard the commit: it is counted.
        return Ok(CommentWritten::new(shown, count - 1));
    }
    let moves = BTreeMap::from([(comment.reel_id, Move { comments: 1, ..Move::default() })]);
    store::counts::add(conn, &moves).await?;
    ::events::write(conn, &[events::comment_added(shown, count)]).await?;
    Ok(written)
}

fn repeat(answer: Answer, body_hash: &[u8]) -> Result<CommentWritten, Error> {
    let bytes = answer.repeat(body_hash).ok_or(Error::KeyReused)?;
    CommentWritten::repeated(&bytes)
}
