//! List reels, newest first: those that everybody sees, or a seller's own of every status.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::feed::{Feed, Page, Place};
use crate::domain::reel::ShownReel;
use crate::error::Error;
use crate::store;
use crate::store::shown::Filter;

/// `who` looks: its likes are shown.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_reels(
    app: &App,
    filter: &Filter,
    page: &Page,
    who: Option<UserId>,
) -> Result<Feed<ShownReel>, Error> {
    let mut conn = app.pool.get().await?;
    let rows = store::shown::list(&mut conn, filter, page, who).await?;
    let total = if page.is_numbered() { Some(store::shown::count(&mut conn, filter).await?) } else { None };
    Ok(page.feed(rows, total, |shown| Place { at: shown.reel.created_at, id: shown.reel.id.into() }))
}
