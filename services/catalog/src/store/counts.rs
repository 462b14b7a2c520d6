//! How many products of each sort are on sale: `price_counts` and `brand_counts`, which triggers write whenever `products`
//! is written.

use database::totals::Totals;
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::listing::ProductFilter;
use crate::domain::price_step::Steps;
use crate::schema::price_counts;

/// By category, tier and range of prices.
pub(crate) const PRICES: Totals =
    Totals { table: "price_counts", sort: "category, seller_category, price_step", total: "products" };

/// By brand, its spelling, and category.
pub(crate) const BRANDS: Totals =
    Totals { table: "brand_counts", sort: "brand_folded, brand, category", total: "products" };

type Counted<'a> = price_counts::BoxedQuery<'a, Pg, BigInt>;

/// The products on sale of the filter's category and tier, in whole steps of prices.
pub(crate) fn of_steps<'a>(filter: &'a ProductFilter, steps: &Steps) -> Counted<'a> {
    let mut sorts = price_counts::table.select(sql::<BigInt>("coalesce(sum(products), 0)::bigint")).into_boxed();
    if let Some(category) = &filter.category {
        sorts = sorts.filter(price_counts::category.eq(category));
    }
    if let Some(seller_category) = filter.seller_category {
        sorts = sorts.filter(price_counts::seller_category.eq(seller_category));
    }
    if let Some(from) = steps.from {
        sorts = sorts.filter(price_counts::price_step.ge(from));
    }
    if let Some(before) = steps.before {
        sorts = sorts.filter(price_counts::price_step.lt(before));
    }
    sorts
}

/// How many products in a category are on sale.
pub(crate) async fn of_category(conn: &mut AsyncPgConnection, slug: &str) -> QueryResult<i64> {
    let filter = ProductFilter { category: Some(slug.to_owned()), ..ProductFilter::default() };
    of_steps(&filter, &Steps::default()).get_result(conn).await
}

/// How many products on sale each category has; one without any may be left out.
pub(crate) async fn by_category(conn: &mut AsyncPgConnection) -> QueryResult<Vec<(String, i64)>> {
    price_counts::table
        .group_by(price_counts::category)
        .select((price_counts::category, sql::<BigInt>("sum(products)::bigint")))
        .load(conn)
        .await
}

/// How many sorts of prices and of brands are said to have another number of products than they have.
pub(crate) async fn count_wrong(conn: &mut AsyncPgConnection) -> QueryResult<[i64; 2]> {
    let prices =
        "SELECT category, seller_category, price_step(price), count(*) FROM products WHERE on_sale GROUP BY 1, 2, 3";
    let brands = "SELECT brand_folded, brand, category, count(*) FROM products WHERE on_sale AND brand_folded <> '' \
         GROUP BY 1, 2, 3";
    Ok([PRICES.count_wrong(conn, prices).await?, BRANDS.count_wrong(conn, brands).await?])
}
