//! Queries for suggested products.

use commerce_types::ProductId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::suggestion::SuggestedProduct;
use crate::schema::{product_images, products};

/// The newest products on sale whose words match.
///
/// What is common is soon found among the newest of all; what is not has few matches. So neither reads much.
pub(crate) async fn find(conn: &mut AsyncPgConnection, words: &str, limit: i64) -> QueryResult<Vec<ProductId>> {
    let newest = ids(conn, AMONG_NEWEST, words, limit).await?;
    if i64::try_from(newest.len()).unwrap_or(i64::MAX) == limit {
        return Ok(newest);
    }
    ids(conn, AMONG_ALL, words, limit).await
}

async fn ids(
    conn: &mut AsyncPgConnection,
    query: &'static str,
    words: &str,
    limit: i64,
) -> QueryResult<Vec<ProductId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        product_id: ProductId,
    }
    let rows: Vec<Row> = diesel::sql_query(query).bind::<Text, _>(words).bind::<BigInt, _>(limit).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.product_id).collect())
}

pub(super) const AMONG_NEWEST: &str = "\
    SELECT product_id FROM (\
      SELECT * FROM product_words ORDER BY created_at DESC, product_id DESC LIMIT 1000\
    ) AS newest WHERE on_sale AND words @@ $1::tsquery ORDER BY created_at DESC, product_id DESC LIMIT $2";

/// Materialized: found by their words, never by going through all from the newest on.
pub(super) const AMONG_ALL: &str = "\
    WITH found AS MATERIALIZED (\
      SELECT product_id, created_at FROM product_words WHERE on_sale AND words @@ (SELECT $1::tsquery)\
    ) SELECT product_id FROM found ORDER BY created_at DESC, product_id DESC LIMIT $2";

/// What is shown of the products, in the order of `ids`.
pub(crate) async fn show(conn: &mut AsyncPgConnection, ids: &[ProductId]) -> QueryResult<Vec<SuggestedProduct>> {
    let primary = product_images::product_id.eq(products::id).and(product_images::is_primary);
    let mut shown: Vec<SuggestedProduct> = products::table
        .left_join(product_images::table.on(primary))
        .filter(products::id.eq_any(ids))
        .select((products::id, products::slug, products::name, product_images::image_url.nullable()))
        .load(conn)
        .await?;
    shown.sort_by_key(|product| ids.iter().position(|id| *id == product.id));
    Ok(shown)
}
