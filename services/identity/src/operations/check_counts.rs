//! Hold how many accounts there are said to be of each sort against the accounts.

use database::Pool;
use service_runtime::self_check::Found;

use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_counts(pool: &Pool) -> Result<Found, Error> {
    let mut found = Found::default();
    let wrong = store::counts::count_wrong(&mut *pool.get().await?).await?;
    if wrong > 0 {
        found.add(format!("{wrong} sorts of accounts are said to be more or fewer than there are"));
    }
    Ok(found)
}
