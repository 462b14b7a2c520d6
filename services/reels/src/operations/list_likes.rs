//! List who likes a reel, newest first. The number is public, the names are for accounts.

use access_token::Caller;
use chrono::{DateTime, Utc};
use commerce_types::{LikeId, PublicUser, ReelId};

use crate::app::App;
use crate::domain::feed::{Feed, Page, Place};
use crate::error::Error;
use crate::operations::get_reel::visible;
use crate::store;

/// A like and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct ShownLike {
    pub(crate) id: LikeId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) user: PublicUser,
}

/// # Errors
/// [`Error::ReelNotFound`].
pub(crate) async fn list_likes(
    app: &App,
    caller: &Caller,
    reel_id: ReelId,
    page: &Page,
) -> Result<Feed<ShownLike>, Error> {
    let mut conn = app.pool.get().await?;
    visible(&mut conn, caller, reel_id).await?;
    let counts = store::counts::find(&mut conn, reel_id).await?.ok_or(Error::ReelNotFound)?;
    let total = page.is_numbered().then_some(counts.likes);
    if caller.user_id().is_none() {
        return Ok(Feed { rows: Vec::new(), total, next: None });
    }
    let rows = store::likes::list(&mut conn, reel_id, page).await?.into_iter();
    let rows = rows.map(|(id, created_at, account)| ShownLike { id, created_at, user: account.into() }).collect();
    Ok(page.feed(rows, total, |like: &ShownLike| Place { at: like.created_at, id: like.id.into() }))
}
