//! Accounts as admins see them, a page at a time, with an exact total.

use crate::app::App;
use crate::domain::account_list::AccountFilter;
use crate::domain::seller_list::{Direction, Page, UserSort};
use crate::domain::user::User;
use crate::error::Error;
use crate::store;

/// Which accounts, in which order.
pub(crate) struct ListAccounts {
    pub(crate) filter: AccountFilter,
    pub(crate) sort: UserSort,
    pub(crate) direction: Direction,
    pub(crate) page: Page,
}

/// A page of accounts, and how many there are on all pages.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_accounts(app: &App, request: &ListAccounts) -> Result<(Vec<User>, i64), Error> {
    let ListAccounts { filter, sort, direction, page } = request;
    let mut conn = app.pool.get().await?;
    if filter.search.is_some()
        && let Some(counted) = store::accounts::list_counted(&mut conn, filter, *sort, *direction, *page).await?
    {
        return Ok(counted);
    }
    let total = match filter.search {
        None => store::counts::sum(&mut conn, filter).await?,
        Some(_) => store::accounts::count(&mut conn, filter).await?,
    };
    if total <= page.offset {
        return Ok((Vec::new(), total));
    }
    Ok((store::accounts::list(&mut conn, filter, *sort, *direction, *page).await?, total))
}
