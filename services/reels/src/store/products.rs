//! Queries on `products`, the copies of those that have reels.

use chrono::{DateTime, Utc};
use commerce_types::ProductId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::product::{Product, ProductNews, Standing, StockNews};
use crate::schema::products;

/// How many events moved the copy; `None` when there is none.
pub(crate) async fn heard(conn: &mut AsyncPgConnection, id: ProductId) -> QueryResult<Option<i64>> {
    products::table.filter(products::id.eq(id)).select(products::heard).first(conn).await.optional()
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: ProductId) -> QueryResult<Option<Product>> {
    Product::query().filter(products::id.eq(id)).filter(products::deleted_at.is_null()).first(conn).await.optional()
}

/// Locked until the transaction ends: it does not come, go or move meanwhile.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, id: ProductId) -> QueryResult<Option<Product>> {
    Product::query()
        .filter(products::id.eq(id))
        .filter(products::deleted_at.is_null())
        .for_no_key_update()
        .first(conn)
        .await
        .optional()
}

/// A first copy; false when there is one.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, product: &Product) -> QueryResult<bool> {
    let rows = diesel::insert_into(products::table).values(product).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

/// Replaces the copy, unless an event moved it since `heard`; false then.
pub(crate) async fn replace(conn: &mut AsyncPgConnection, product: &Product, heard: i64) -> QueryResult<bool> {
    let unmoved = products::table
        .filter(products::id.eq(product.id))
        .filter(products::heard.eq(heard))
        .filter(products::deleted_at.is_null());
    let rows = diesel::update(unmoved)
        .set((
            products::slug.eq(&product.slug),
            products::name.eq(&product.name),
            products::price.eq(product.price),
            products::original_price.eq(product.original_price),
            products::image_url.eq(product.image_url.as_deref()),
            products::in_stock.eq(product.in_stock),
            products::on_sale.eq(product.on_sale),
            products::version.eq(product.version),
            products::stock_version.eq(product.stock_version),
        ))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Keeps what an event said, unless the copy is newer, deleted, or not there; false then.
pub(crate) async fn hear(conn: &mut AsyncPgConnection, news: &ProductNews, now: DateTime<Utc>) -> QueryResult<bool> {
    let known = products::table
        .filter(products::id.eq(news.id))
        .filter(products::version.le(news.version))
        .filter(products::deleted_at.is_null());
    let rows = diesel::update(known)
        .set((
            products::slug.eq(&news.slug),
            products::name.eq(&news.name),
            products::price.eq(news.price),
            products::original_price.eq(news.original_price),
            products::image_url.eq(news.image_url.as_deref()),
            products::version.eq(news.version),
            products::on_sale.eq(news.standing == Standing::OnSale),
            products::deleted_at.eq((news.standing == Standing::Deleted).then_some(now)),
            products::heard.eq(products::heard + 1),
        ))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Keeps what was said of stock, newest versions only, locking in product order. `news` has each product once.
pub(crate) async fn hear_stock(conn: &mut AsyncPgConnection, news: &[StockNews]) -> QueryResult<usize> {
    statement(
        "WITH said AS (SELECT * FROM unnest(?, ?, ?) AS said (id, in_stock, version)), \
         locked AS MATERIALIZED (\
           SELECT products.id FROM products JOIN said ON said.id = products.id \
           WHERE products.stock_version < said.version ORDER BY products.id FOR NO KEY UPDATE OF products) \
         UPDATE products SET in_stock = said.in_stock, stock_version = said.version, heard = heard + 1 \
         FROM said, locked WHERE products.id = said.id AND locked.id = said.id \
           AND products.stock_version < said.version",
    )
    .bind::<Array<SqlUuid>, _>(news.iter().map(|each| each.id).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(news.iter().map(|each| each.in_stock).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(news.iter().map(|each| each.version).collect::<Vec<_>>())
    .execute(conn)
    .await
}
