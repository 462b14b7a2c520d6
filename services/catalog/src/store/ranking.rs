//! A search in order of relevance: one look at what is found gives the page and the exact total.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};

use crate::domain::listing::Page;
use crate::store::words::{AllFound, Penalty, SoughtWord};

/// Answers one row: how many are found, and the ids of those on the page.
pub(crate) struct Ranked<'a> {
    penalty: Penalty,
    all_found: AllFound,
    /// The products to look among; none are all on sale.
    among: Option<Box<dyn QueryFragment<Pg> + Send + 'a>>,
    limit: i64,
    offset: i64,
}

impl<'a> Ranked<'a> {
    pub(crate) fn new<Q: QueryFragment<Pg> + Send + 'a>(sought: &[SoughtWord], among: Option<Q>, page: Page) -> Self {
        Self {
            penalty: Penalty::new(sought),
            all_found: AllFound::new(sought),
            among: among.map(|among| Box::new(among) as _),
            limit: i64::from(page.limit),
            offset: page.offset(),
        }
    }
}

impl QueryFragment<Pg> for Ranked<'_> {
    /// Penalties are worked out once, before anything is sorted or counted.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH found AS MATERIALIZED (SELECT product_id, created_at, ");
        self.penalty.walk_ast(out.reborrow())?;
        out.push_sql(" AS penalty FROM product_words WHERE ");
        self.all_found.walk_ast(out.reborrow())?;
        match &self.among {
            Some(among) => {
                out.push_sql(" AND product_id IN (");
                among.walk_ast(out.reborrow())?;
                out.push_sql(")");
            }
            None => out.push_sql(" AND on_sale"),
        }
        out.push_sql(
            ") SELECT count(*), ARRAY(\
               SELECT product_id FROM found ORDER BY penalty, created_at DESC, product_id DESC LIMIT ",
        );
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)?;
        out.push_sql(") FROM found");
        Ok(())
    }
}

/// Known by its text alone.
impl QueryId for Ranked<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Ranked<'_> {
    type SqlType = (BigInt, Array<SqlUuid>);
}
