//! Suggest what a search may be about while it is typed: products, brands and categories.
//!
//! Products and brands are looked up once for all who type the same, and may be a few seconds old; categories are those
//! that are offered now.

use commerce_types::ProductId;
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::search::query_words;
use crate::domain::suggestion::{Alike, MOST, Suggested, Suggestion, choose};
use crate::error::Error;
use crate::store;
use crate::store::brands::Narrowed;
use crate::store::words::{begins_in_brand, begins_in_name, is_in_brand, is_in_name};

/// Beginnings of words first; nothing for a query without words.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn suggest(app: &App, query: &str, limit: usize) -> Result<Vec<Suggestion>, Error> {
    let words = query_words(query);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let found = app.suggestions.get(&words.join(" "), look_up(app, &words)).await?;
    let categories = store::categories::list_active(&mut *app.pool.get().await?).await?;
    Ok(choose(&found, &categories, &words, limit))
}

async fn look_up(app: &App, words: &[String]) -> Result<Suggested, Error> {
    let mut conn = app.pool.get().await?;
    let conn = &mut *conn;
    let beginnings = alike(conn, &begins_in_name(words), &begins_in_brand(words), &Alike::default()).await?;
    let insides = if beginnings.products.len() + beginnings.brands.len() < MOST {
        alike(conn, &is_in_name(words), &is_in_brand(words), &beginnings).await?
    } else {
        Alike::default()
    };
    Ok(Suggested { beginnings, insides })
}

/// Products whose name and brands whose words match, but for those that fit better.
async fn alike(conn: &mut AsyncPgConnection, name: &str, brand: &str, better: &Alike) -> Result<Alike, Error> {
    let most = |better: usize| i64::try_from(MOST + better).unwrap_or(i64::MAX);
    let ids = store::suggestions::find(conn, name, most(better.products.len())).await?;
    let is_better = |id: &ProductId| better.products.iter().any(|product| product.id == *id);
    let ids: Vec<ProductId> = ids.into_iter().filter(|id| !is_better(id)).collect();
    let products = store::suggestions::show(conn, &ids).await?;

    let narrowed = Narrowed { words: Some(brand), ..Narrowed::default() };
    let page = store::brands::page(conn, narrowed, most(better.brands.len()), 0).await?;
    let brands = page.brands.into_iter().map(|brand| brand.name).filter(|name| !better.brands.contains(name));
    Ok(Alike { products, brands: brands.collect() })
}
