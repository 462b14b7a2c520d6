//! List the brands of products on sale, with how many there are of each; a page may be a minute old.

use std::sync::Arc;

use crate::app::App;
use crate::domain::brand::{BrandListing, BrandPage};
use crate::domain::search::query_words;
use crate::error::Error;
use crate::operations::list_products::not_a_category;
use crate::store;
use crate::store::brands::Narrowed;
use crate::store::words::is_in_brand;

/// # Errors
/// [`Error::Invalid`]: a category that is not offered.
pub(crate) async fn list_brands(app: &App, listing: &BrandListing) -> Result<Arc<BrandPage>, Error> {
    if let Some(category) = &listing.category
        && !store::categories::is_active(&mut *app.pool.get().await?, category).await?
    {
        return Err(not_a_category());
    }
    let words = listing.search.as_deref().map(query_words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Arc::default());
    }
    let page = listing.page;
    let searched = words.as_ref().map(|words| words.join(" ")).unwrap_or_default();
    let category = listing.category.as_deref().unwrap_or_default();
    let key = format!("{category}:{searched}:{}:{}", page.number, page.limit);
    let counted = async {
        let words = words.as_deref().map(is_in_brand);
        let narrowed = Narrowed { category: listing.category.as_deref(), words: words.as_deref() };
        let mut conn = app.pool.get().await?;
        Ok(store::brands::page(&mut conn, narrowed, i64::from(page.limit), page.offset()).await?)
    };
    app.brands.get(&key, counted).await
}
