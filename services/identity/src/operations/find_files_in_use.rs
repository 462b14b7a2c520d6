//! Tell which files profiles show, before media deletes them.

use crate::app::App;
use crate::error::Error;
use crate::store;

/// Those of these public addresses, in no order.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn find_files_in_use(app: &App, urls: &[String]) -> Result<Vec<String>, Error> {
    Ok(store::users::list_files_in_use(&mut *app.pool.get().await?, urls).await?)
}
