//! Queries on brands: how many products of each are on sale, and which there ever were.

use commerce_types::Folded;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::brand::{Brand, BrandPage};

/// Makes a brand known; `words` are its words as PostgreSQL reads them.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, brand: &Folded, words: &str) -> QueryResult<()> {
    // Looked up first: most are known, and what is only read is not waited for.
    let statement = diesel::sql_query(
        "INSERT INTO brands (folded, words) SELECT $1, $2::text::tsvector \
         WHERE NOT EXISTS (SELECT FROM brands WHERE folded = $1) ON CONFLICT DO NOTHING",
    );
    statement.bind::<Text, _>(brand).bind::<Text, _>(words).execute(conn).await?;
    Ok(())
}

/// What brands are narrowed to; absent members narrow nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Narrowed<'a> {
    pub(crate) category: Option<&'a str>,
    /// What their words must match.
    pub(crate) words: Option<&'a str>,
}

impl<'a> Narrowed<'a> {
    /// One row: the total, and names and counts of the page.
    pub(crate) fn counted(self, limit: i64, offset: i64) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
        let filters = [(self.category, "category = $"), (self.words, BY_WORDS)];
        let filters: Vec<(&str, &str)> = filters.into_iter().filter_map(|(value, sql)| Some((value?, sql))).collect();
        let sql = filters.iter().zip(3..).map(|((_, sql), n)| format!(" AND {}", sql.replace('$', &format!("${n}"))));
        let sql = COUNTED.replace("{filters}", &sql.collect::<String>());
        let query = diesel::sql_query(sql).into_boxed::<Pg>().bind::<BigInt, _>(limit).bind::<BigInt, _>(offset);
        filters.into_iter().fold(query, |query, (value, _)| query.bind::<Text, _>(value))
    }
}

/// Brands of products on sale, most products first, then in the order of their folded names; each in its most frequent
/// spelling.
pub(crate) async fn page(
    conn: &mut AsyncPgConnection,
    narrowed: Narrowed<'_>,
    limit: i64,
    offset: i64,
) -> QueryResult<BrandPage> {
    let Counted { total, names, counts } = narrowed.counted(limit, offset).get_result(conn).await?;
    let brands = names.into_iter().zip(counts).map(|(name, products)| Brand { name, products });
    Ok(BrandPage { brands: brands.collect(), total: u64::try_from(total).unwrap_or(0) })
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = Array<Text>)]
    names: Vec<String>,
    #[diesel(sql_type = Array<BigInt>)]
    counts: Vec<i64>,
}

const BY_WORDS: &str = "brand_folded IN (SELECT folded FROM brands WHERE words @@ (SELECT $::tsquery))";

const COUNTED: &str = "\
    WITH spelled AS (\
      SELECT brand_folded, brand, sum(products) AS products FROM brand_counts WHERE true{filters} \
      GROUP BY brand_folded, brand HAVING sum(products) > 0\
    ), counted AS MATERIALIZED (\
      SELECT DISTINCT ON (brand_folded) brand_folded, brand AS name, \
        (sum(spelled.products) OVER (PARTITION BY brand_folded))::bigint AS products \
      FROM spelled ORDER BY brand_folded, spelled.products DESC, brand COLLATE \"C\"\
    ), page AS MATERIALIZED (\
      SELECT * FROM counted ORDER BY products DESC, brand_folded LIMIT $1 OFFSET $2\
    ) \
    SELECT (SELECT count(*) FROM counted) AS total, \
      ARRAY(SELECT name FROM page ORDER BY products DESC, brand_folded) AS names, \
      ARRAY(SELECT products FROM page ORDER BY products DESC, brand_folded) AS counts";
