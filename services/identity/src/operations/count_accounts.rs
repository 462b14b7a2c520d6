//! Say how many living accounts there are of each kind.

use crate::app::App;
use crate::domain::account_list::AccountCounts;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_accounts(app: &App) -> Result<AccountCounts, Error> {
    Ok(AccountCounts::new(store::counts::list_alike(&mut *app.pool.get().await?).await?))
}
