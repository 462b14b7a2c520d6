//! List products: those on sale for everybody, or a seller's own; filtered, searched, ordered, with the exact total.
//!
//! Search is PostgreSQL's, in this one operation, so that an engine can take its place.

use crate::app::App;
use crate::domain::category::is_slug;
use crate::domain::listing::{Listing, ProductSort};
use crate::domain::product::ShownProduct;
use crate::domain::search::query_words;
use crate::error::Error;
use crate::store;

/// The products on the page and the number of all that match.
///
/// # Errors
/// [`Error::Invalid`]: a category that is not offered, relevance without a search, prices the wrong way round.
pub(crate) async fn list_products(app: &App, listing: &Listing) -> Result<(Vec<ShownProduct>, u64), Error> {
    let filter = &listing.filter;
    if listing.sort == ProductSort::Relevance && filter.search.is_none() {
        return Err(Error::invalid("sort_by", "relevance needs a search"));
    }
    if let (Some(least), Some(most)) = (filter.min_price, filter.max_price)
        && least > most
    {
        return Err(Error::invalid("min_price", "must not be above max_price"));
    }

    if filter.category.as_deref().is_some_and(|category| !is_slug(category)) {
        return Err(not_a_category());
    }
    let mut conn = app.pool.get().await?;
    let conn = &mut *conn;
    let sought = match &filter.search {
        Some(search) => store::words::seek(conn, query_words(search)).await?,
        None => Vec::new(),
    };
    let found = store::listing::page(conn, listing, &sought).await?;
    if !found.category_is_offered {
        return Err(not_a_category());
    }
    Ok((store::shown::list(conn, &found.ids).await?, found.total))
}

/// What names a category that is not active.
pub(crate) fn not_a_category() -> Error {
    Error::invalid("category", "is not a category")
}
