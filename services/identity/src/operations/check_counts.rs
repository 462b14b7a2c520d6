//! Hold how many accounts and audit entries there are said to be of each sort against those that there are.

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

/// The same of the entries of the audit.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_audit_counts(pool: &Pool) -> Result<Found, Error> {
    let mut found = Found::default();
    let wrong = store::audit_counts::count_wrong(&mut *pool.get().await?).await?;
    if wrong > 0 {
        found.add(format!("{wrong} sorts of audit entries are said to be more or fewer than there are"));
    }
    Ok(found)
}
