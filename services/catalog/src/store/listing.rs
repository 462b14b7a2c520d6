//! Lists of products: which, in which order, and how many there are.
//!
//! Every order and filter has an index over what is on sale; the tests hold the plans against them.

use commerce_types::ProductId;
use diesel::dsl::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::listing::{Direction, Listing, OwnProducts, ProductFilter, ProductSort, Scope};
use crate::domain::product::ProductStatus;
use crate::schema::{product_words, products, shown_stock};
use crate::store::categories;
use crate::store::ranking::Ranked;
use crate::store::words::{AllFound, SoughtWord};

type Matching<'a> = IntoBoxed<'a, products::table, Pg>;

/// A page of a list.
pub(crate) struct Found {
    pub(crate) ids: Vec<ProductId>,
    /// Of all pages.
    pub(crate) total: u64,
    /// The filter's category, if it has one, is an active one.
    pub(crate) category_is_offered: bool,
}

/// All of it in one round trip. `sought` holds the words of the search, if there is one; a search without words finds
/// nothing.
pub(crate) async fn page(conn: &mut AsyncPgConnection, listing: &Listing, sought: &[SoughtWord]) -> QueryResult<Found> {
    let conn = &*conn;
    let found = async {
        if listing.filter.search.is_some() && sought.is_empty() {
            Ok((Vec::new(), 0))
        } else if listing.sort == ProductSort::Relevance {
            let (total, ids) = ranked(listing, sought).get_result(&mut &*conn).await?;
            Ok((ids, total))
        } else {
            let page = sorted(matching(listing, sought), listing)
                .select(products::id)
                .limit(i64::from(listing.page.limit))
                .offset(listing.page.offset());
            let ids = page.load::<ProductId>(&mut &*conn);
            futures::try_join!(ids, total(conn, listing, sought))
        }
    };
    let category = async {
        match &listing.filter.category {
            Some(slug) => categories::is_active(&mut &*conn, slug).await,
            None => Ok(true),
        }
    };
    let ((ids, total), category_is_offered) = futures::try_join!(found, category)?;
    Ok(Found { ids, total: u64::try_from(total).unwrap_or(0), category_is_offered })
}

/// What is in stock is all but what is not: that is little, so both are counted sooner than the one.
async fn total(mut conn: &AsyncPgConnection, listing: &Listing, sought: &[SoughtWord]) -> QueryResult<i64> {
    if listing.filter.in_stock != Some(true) {
        return matching(listing, sought).count().get_result(&mut conn).await;
    }
    let of = |in_stock| Listing { filter: ProductFilter { in_stock, ..listing.filter.clone() }, ..listing.clone() };
    let (all, few) = (of(None), of(Some(false)));
    difference(&all, &few, sought).get_result(&mut conn).await
}

fn difference<'a>(all: &'a Listing, few: &'a Listing, sought: &[SoughtWord]) -> Difference<'a> {
    let count = |listing| Box::new(matching(listing, sought).count()) as Box<dyn QueryFragment<Pg> + Send + 'a>;
    Difference(count(all), count(few))
}

/// How many more the one counts than the other, at one moment.
struct Difference<'a>(Box<dyn QueryFragment<Pg> + Send + 'a>, Box<dyn QueryFragment<Pg> + Send + 'a>);

impl QueryFragment<Pg> for Difference<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") - (");
        self.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// Known by its text alone.
impl QueryId for Difference<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Difference<'_> {
    type SqlType = BigInt;
}

/// A search in order of relevance. Without a filter the words alone tell what is on sale.
fn ranked<'a>(listing: &'a Listing, sought: &[SoughtWord]) -> Ranked<'a> {
    let is_narrowed = !matches!(listing.scope, Scope::OnSale) || listing.filter.narrows_beside_search();
    let among = is_narrowed.then(|| matching(listing, &[]).select(products::id));
    Ranked::new(sought, among, listing.page)
}

fn matching<'a>(listing: &'a Listing, sought: &[SoughtWord]) -> Matching<'a> {
    let mut query = match listing.scope {
        Scope::OnSale => products::table.filter(products::on_sale).into_boxed(),
        Scope::Own(seller_id, own) => {
            let offered =
                products::table.filter(products::seller_id.eq(seller_id)).filter(products::deleted_at.is_null());
            own_products(offered.into_boxed(), own)
        }
    };
    query = filtered(query, &listing.filter);
    if !sought.is_empty() {
        let found = product_words::table.filter(AllFound::new(sought)).select(product_words::product_id);
        query = query.filter(products::id.eq_any(found));
    }
    query
}

fn own_products(query: Matching<'_>, own: OwnProducts) -> Matching<'_> {
    match own {
        OwnProducts::All => query,
        OwnProducts::Draft => query.filter(products::status.eq(ProductStatus::Draft)),
        OwnProducts::Archived => query.filter(products::status.eq(ProductStatus::Archived)),
        OwnProducts::Active => in_stock(query.filter(products::status.eq(ProductStatus::Active)), true),
        OwnProducts::OutOfStock => in_stock(query.filter(products::status.eq(ProductStatus::Active)), false),
    }
}

fn filtered<'a>(mut query: Matching<'a>, filter: &'a ProductFilter) -> Matching<'a> {
    if let Some(category) = &filter.category {
        query = query.filter(products::category.eq(category));
    }
    if let Some(seller_category) = filter.seller_category {
        query = query.filter(products::seller_category.eq(seller_category));
    }
    if let Some(seller_id) = filter.seller_id {
        // Says no more than `on_sale`, in the words of the index.
        query = query.filter(products::seller_id.eq(seller_id)).filter(products::deleted_at.is_null());
    }
    if let Some(brand) = &filter.brand {
        query = query.filter(products::brand_folded.eq(brand));
    }
    if let Some(min_price) = filter.min_price {
        query = query.filter(products::price.ge(min_price));
    }
    if let Some(max_price) = filter.max_price {
        query = query.filter(products::price.le(max_price));
    }
    if let Some(wanted) = filter.in_stock {
        query = in_stock(query, wanted);
    }
    query
}

fn in_stock(query: Matching<'_>, wanted: bool) -> Matching<'_> {
    let stock = shown_stock::table.select(shown_stock::product_id);
    if wanted {
        query.filter(products::id.eq_any(stock.filter(shown_stock::in_stock)))
    } else {
        query.filter(products::id.eq_any(stock.filter(diesel::dsl::not(shown_stock::in_stock))))
    }
}

/// Total by the id; equal values keep the direction. Without a search all is equally relevant, and the newest is first.
fn sorted<'a>(query: Matching<'a>, listing: &Listing) -> Matching<'a> {
    let ascending = listing.direction == Direction::Ascending;
    let query = match (listing.sort, ascending) {
        (ProductSort::CreatedAt, true) => query.order(products::created_at.asc()),
        (ProductSort::CreatedAt | ProductSort::Relevance, _) => query.order(products::created_at.desc()),
        (ProductSort::Price, true) => query.order(products::price.asc()),
        (ProductSort::Price, false) => query.order(products::price.desc()),
        (ProductSort::Name, true) => query.order(products::name_folded.asc()),
        (ProductSort::Name, false) => query.order(products::name_folded.desc()),
        (ProductSort::Rating, true) => query.order(products::rating_hundredths.asc().nulls_last()),
        (ProductSort::Rating, false) => query.order(products::rating_hundredths.desc().nulls_last()),
    };
    if ascending { query.then_order_by(products::id.asc()) } else { query.then_order_by(products::id.desc()) }
}

#[cfg(test)]
mod tests;
