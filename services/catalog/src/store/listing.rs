//! Lists of products: which, in which order, and how many there are.
//!
//! Every order and filter has an index over what is on sale; the tests hold the plans against them.

use commerce_types::{Money, ProductId};
use diesel::dsl::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::listing::{Direction, Listing, OwnProducts, ProductFilter, ProductSort, Scope};
use crate::domain::price_step::Steps;
use crate::domain::product::ProductStatus;
use crate::schema::{product_words, products, shown_stock};
use crate::store::ranking::Ranked;
use crate::store::words::{AllFound, SoughtWord};
use crate::store::{categories, counts};

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

async fn total(mut conn: &AsyncPgConnection, listing: &Listing, sought: &[SoughtWord]) -> QueryResult<i64> {
    Parts::of(listing, sought.is_empty()).query(listing, sought).get_result(&mut conn).await
}

/// What a total is made of.
struct Parts {
    /// Of these prices the total is kept.
    kept: Option<Steps>,
    /// What is counted beside it.
    more: Vec<Listing>,
    /// What is counted and is too much.
    less: Option<Listing>,
}

impl Parts {
    fn of(listing: &Listing, is_no_search: bool) -> Self {
        let with = |filter| Listing { filter, ..listing.clone() };
        let filter = &listing.filter;
        // What is in stock is all but what is not: that is little, so both are counted sooner than the one.
        let less =
            (filter.in_stock == Some(true)).then(|| with(ProductFilter { in_stock: Some(false), ..filter.clone() }));
        let all = ProductFilter { in_stock: filter.in_stock.filter(|wanted| !wanted), ..filter.clone() };
        let is_kept = is_no_search && matches!(listing.scope, Scope::OnSale) && all.is_counted();
        if !is_kept {
            return Self { kept: None, more: vec![with(all)], less };
        }
        let steps = Steps::between(filter.min_price, filter.max_price);
        let end = |&(least, most): &(i64, i64)| {
            let price = |centimes| Money::from_centimes(centimes).ok();
            with(ProductFilter { min_price: price(least), max_price: price(most), ..all.clone() })
        };
        let more = steps.ends.iter().map(end).collect();
        Self { kept: Some(steps), more, less }
    }

    /// All of it at one moment.
    fn query<'a>(&'a self, listing: &'a Listing, sought: &[SoughtWord]) -> Sum<'a> {
        let count = |listing: &'a Listing| Box::new(matching(listing, sought).count()) as Part<'a>;
        let kept = self.kept.iter().map(|steps| Box::new(counts::of_steps(&listing.filter, steps)) as Part<'a>);
        let more = kept.chain(self.more.iter().map(count)).map(|part| (" + ", part));
        Sum(more.chain(self.less.iter().map(count).map(|part| (" - ", part))).collect())
    }
}

type Part<'a> = Box<dyn QueryFragment<Pg> + Send + 'a>;

/// Numbers, each with its sign.
struct Sum<'a>(Vec<(&'static str, Part<'a>)>);

impl QueryFragment<Pg> for Sum<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT 0");
        for (sign, part) in &self.0 {
            out.push_sql(sign);
            out.push_sql("(");
            part.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }
}

/// Known by its text alone.
impl QueryId for Sum<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sum<'_> {
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
