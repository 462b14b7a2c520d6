//! Queries on `categories`.

use chrono::{DateTime, Utc};
use commerce_types::CategoryId;
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl};

use crate::domain::category::{Category, LAST, is_slug};
use crate::schema::{categories, products};

/// The active ones, in the order in which they are offered.
pub(crate) async fn list_active(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Category>> {
    let active = Category::query().filter(categories::is_active);
    active.order((categories::display_order, categories::slug)).load(conn).await
}

/// Whether new products and lists may name it.
pub(crate) async fn is_active<C>(conn: &mut C, slug: &str) -> QueryResult<bool>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    // Not every text can be asked for: PostgreSQL takes no NUL.
    if !is_slug(slug) {
        return Ok(false);
    }
    let active = categories::table.filter(categories::slug.eq(slug)).filter(categories::is_active);
    diesel::select(diesel::dsl::exists(active)).get_result(conn).await
}

/// Whether it is active, and held until the transaction ends: nobody takes it away meanwhile.
pub(crate) async fn hold(conn: &mut AsyncPgConnection, slug: &str) -> QueryResult<bool> {
    let active = categories::table.filter(categories::slug.eq(slug)).filter(categories::is_active);
    let held: Option<CategoryId> = active.select(categories::id).for_key_share().first(conn).await.optional()?;
    Ok(held.is_some())
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: CategoryId) -> QueryResult<Option<Category>> {
    let known = Category::query().filter(categories::id.eq(id)).filter(categories::deleted_at.is_null());
    known.first(conn).await.optional()
}

/// Locked until the transaction ends, against those too that hold it.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, id: CategoryId) -> QueryResult<Option<Category>> {
    let known = Category::query().filter(categories::id.eq(id)).filter(categories::deleted_at.is_null());
    known.for_update().first(conn).await.optional()
}

/// Behind all others.
pub(crate) async fn last_place(conn: &mut AsyncPgConnection) -> QueryResult<i32> {
    let places = categories::table.filter(categories::deleted_at.is_null());
    let last: Option<i32> = places.select(diesel::dsl::max(categories::display_order)).get_result(conn).await?;
    Ok(last.map_or(0, |last| last.saturating_add(1)).min(LAST))
}

/// False when its slug is taken; that of a deleted one is not, and its row becomes the new one's.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, category: &Category) -> QueryResult<bool> {
    let statement = diesel::sql_query(
        "INSERT INTO categories (id, slug, name_fr, name_ar, name_en, display_order, is_active) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (slug) DO UPDATE SET id = excluded.id, name_fr = excluded.name_fr, name_ar = excluded.name_ar, \
           name_en = excluded.name_en, display_order = excluded.display_order, is_active = excluded.is_active, \
           deleted_at = NULL \
         WHERE categories.deleted_at IS NOT NULL",
    );
    let rows = statement
        .bind::<SqlUuid, _>(category.id)
        .bind::<Text, _>(&category.slug)
        .bind::<Text, _>(&category.name_fr)
        .bind::<Text, _>(&category.name_ar)
        .bind::<Text, _>(&category.name_en)
        .bind::<Integer, _>(category.display_order)
        .bind::<Bool, _>(category.is_active)
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn update(conn: &mut AsyncPgConnection, category: &Category) -> QueryResult<()> {
    diesel::update(categories::table.find(category.id)).set(category).execute(conn).await?;
    Ok(())
}

/// Not offered, not listed, not found by its id any more.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, id: CategoryId, at: DateTime<Utc>) -> QueryResult<()> {
    let deleted = (categories::is_active.eq(false), categories::deleted_at.eq(at));
    diesel::update(categories::table.find(id)).set(deleted).execute(conn).await?;
    Ok(())
}

/// How many products that are not deleted are in it, on sale or not.
pub(crate) async fn count_in_use(conn: &mut AsyncPgConnection, slug: &str) -> QueryResult<i64> {
    let in_use = products::table.filter(products::category.eq(slug)).filter(products::deleted_at.is_null());
    in_use.select(count_star()).get_result(conn).await
}
