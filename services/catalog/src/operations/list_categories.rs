//! The active categories, with how many products are on sale in each; the numbers may be a minute old.

use crate::app::App;
use crate::domain::category::Category;
use crate::error::Error;
use crate::store;

/// Categories in the order in which they are offered, each with its number of products.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_categories(app: &App) -> Result<Vec<(Category, i64)>, Error> {
    let categories = store::categories::list_active(&mut *app.pool.get().await?).await?;
    let counts = app.category_counts.get("", async {
        let counts = store::counts::by_category(&mut *app.pool.get().await?).await?;
        Ok(counts.into_iter().collect())
    });
    let counts = counts.await?;
    let counted = |category: Category| {
        let count = counts.get(&category.slug).copied().unwrap_or(0);
        (category, count)
    };
    Ok(categories.into_iter().map(counted).collect())
}
