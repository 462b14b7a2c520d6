//! Sellers as the public sees them, a page at a time, with an exact total.

use crate::app::App;
use crate::domain::seller_list::{Direction, NameSearch, Page, SellerFilter, UserSort};
use crate::domain::user::User;
use crate::error::Error;
use crate::store;

/// Which sellers, in which order.
pub(crate) struct ListSellers {
    pub(crate) filter: SellerFilter,
    pub(crate) sort: UserSort,
    pub(crate) direction: Direction,
    pub(crate) page: Page,
}

/// A page of sellers, and how many there are on all pages.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_sellers(app: &App, request: &ListSellers) -> Result<(Vec<User>, i64), Error> {
    if request.filter.search.as_ref().is_some_and(NameSearch::is_empty) {
        return Ok((Vec::new(), 0));
    }
    let mut conn = app.pool.get().await?;
    let total = store::sellers::count(&mut conn, &request.filter).await?;
    if total <= request.page.offset {
        return Ok((Vec::new(), total));
    }
    let sellers =
        store::sellers::list(&mut conn, &request.filter, request.sort, request.direction, request.page).await?;
    Ok((sellers, total))
}
