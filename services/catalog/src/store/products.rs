//! Queries on `products` itself; what is shown beside it is in `shown`.

use chrono::{DateTime, Utc};
use commerce_types::{Folded, ProductId, UserId};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::product::Product;
use crate::schema::products;

/// Locked until the transaction ends; none when it is deleted.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, id: ProductId) -> QueryResult<Option<Product>> {
    Product::query()
        .filter(products::id.eq(id))
        .filter(products::deleted_at.is_null())
        .for_no_key_update()
        .first(conn)
        .await
        .optional()
}

/// Those of some that are on sale.
pub(crate) async fn list_on_sale(conn: &mut AsyncPgConnection, ids: &[ProductId]) -> QueryResult<Vec<Product>> {
    Product::query().filter(products::id.eq_any(ids)).filter(products::on_sale).load(conn).await
}

pub(crate) async fn insert(conn: &mut AsyncPgConnection, product: &Product, seller_may_sell: bool) -> QueryResult<()> {
    diesel::insert_into(products::table)
        .values((
            product,
            products::name_folded.eq(Folded::new(&product.content.name)),
            products::brand_folded.eq(product.content.brand.as_deref().map(Folded::new)),
            products::seller_may_sell.eq(seller_may_sell),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes content, version and time; answers the row as it is now.
pub(crate) async fn update(conn: &mut AsyncPgConnection, product: &Product) -> QueryResult<Product> {
    diesel::update(products::table.find(product.id))
        .set((
            &product.content,
            products::name_folded.eq(Folded::new(&product.content.name)),
            products::brand_folded.eq(product.content.brand.as_deref().map(Folded::new)),
            products::version.eq(product.version),
            products::updated_at.eq(product.updated_at),
        ))
        .returning(Product::as_select())
        .get_result(conn)
        .await
}

/// Final: from here on nobody sees it.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, id: ProductId, at: DateTime<Utc>) -> QueryResult<()> {
    let deleted = (products::deleted_at.eq(at), products::updated_at.eq(at));
    diesel::update(products::table.find(id)).set(deleted).execute(conn).await?;
    Ok(())
}

/// All products of a seller that are not deleted, locked in id order.
pub(crate) async fn lock_all_of(conn: &mut AsyncPgConnection, seller_id: UserId) -> QueryResult<Vec<Product>> {
    Product::query()
        .filter(products::seller_id.eq(seller_id))
        .filter(products::deleted_at.is_null())
        .order(products::id)
        .for_no_key_update()
        .load(conn)
        .await
}

/// Takes what the seller offers on or off sale; the caller has locked the products.
pub(crate) async fn set_seller_may_sell(
    conn: &mut AsyncPgConnection,
    seller_id: UserId,
    may_sell: bool,
) -> QueryResult<()> {
    let offered = products::table.filter(products::seller_id.eq(seller_id)).filter(products::deleted_at.is_null());
    diesel::update(offered).set(products::seller_may_sell.eq(may_sell)).execute(conn).await?;
    Ok(())
}

/// Deletes whatever the seller has.
pub(crate) async fn delete_all_of(
    conn: &mut AsyncPgConnection,
    seller_id: UserId,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    let left = products::table.filter(products::seller_id.eq(seller_id)).filter(products::deleted_at.is_null());
    diesel::update(left).set((products::deleted_at.eq(at), products::updated_at.eq(at))).execute(conn).await?;
    Ok(())
}

/// How many products each of the sellers has on sale; one without any is left out.
pub(crate) async fn count_on_sale(
    conn: &mut AsyncPgConnection,
    seller_ids: &[UserId],
) -> QueryResult<Vec<(UserId, i64)>> {
    products::table
        .filter(products::seller_id.eq_any(seller_ids))
        // Says the same as `on_sale` in the words of the index.
        .filter(products::deleted_at.is_null())
        .filter(products::on_sale)
        .group_by(products::seller_id)
        .select((products::seller_id, diesel::dsl::count_star()))
        .load(conn)
        .await
}

/// Products of all sellers that are not deleted.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct ProductCounts {
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
    /// Active and in stock.
    #[diesel(sql_type = BigInt)]
    pub(crate) active: i64,
    /// Active and not in stock.
    #[diesel(sql_type = BigInt)]
    pub(crate) out_of_stock: i64,
}

pub(crate) async fn count_all(conn: &mut AsyncPgConnection) -> QueryResult<ProductCounts> {
    diesel::sql_query(
        "SELECT count(*) AS total, count(*) FILTER (WHERE status = 'active' AND in_stock) AS active, \
           count(*) FILTER (WHERE status = 'active' AND NOT in_stock) AS out_of_stock \
         FROM products JOIN shown_stock ON shown_stock.product_id = products.id WHERE deleted_at IS NULL",
    )
    .get_result(conn)
    .await
}
