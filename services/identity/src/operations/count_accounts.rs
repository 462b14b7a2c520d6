//! Count the living accounts of each kind, by one aggregate.

use crate::app::App;
use crate::domain::account_list::AccountCounts;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_accounts(app: &App) -> Result<AccountCounts, Error> {
    Ok(AccountCounts::new(store::accounts::count_alike(&mut *app.pool.get().await?).await?))
}
