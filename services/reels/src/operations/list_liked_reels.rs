//! List the public reels that an account likes, latest like first.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::feed::{Feed, Page, Place};
use crate::domain::reel::ShownReel;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_liked_reels(
    app: &App,
    user_id: UserId,
    page: &Page,
) -> Result<Feed<(ShownReel, Place)>, Error> {
    let mut conn = app.pool.get().await?;
    let rows = store::shown::list_liked(&mut conn, user_id, page).await?;
    let total = if page.is_numbered() { Some(store::shown::count_liked(&mut conn, user_id).await?) } else { None };
    Ok(page.feed(rows, total, |(_, place)| *place))
}
