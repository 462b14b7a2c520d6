//! Hold how many products of each sort are said to be on sale against the products.

use service_runtime::self_check::Found;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_counts(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let [prices, brands] = store::counts::count_wrong(&mut *app.pool.get().await?).await?;
    for (wrong, sorts) in [(prices, "ranges of prices"), (brands, "spellings of brands")] {
        if wrong > 0 {
            found.add(format!("{wrong} {sorts} are said to have more or fewer products on sale than there are"));
        }
    }
    Ok(found)
}
