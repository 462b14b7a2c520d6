//! Pages whose size the planner sees.
//!
//! PostgreSQL takes a `LIMIT` that is a parameter for a tenth of the rows. So a plan for any page looks dearer to it than one
//! for this page, and it plans each execution anew; made to keep one plan, it sorts the whole table. Written into the text,
//! the limit gives a plan that reads no more than the page, and that is soon kept.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;

/// A query and how much of its rows is wanted.
#[derive(Debug, Clone, Copy)]
#[must_use = "queries only run when they are loaded"]
pub struct Limited<Q> {
    query: Q,
    limit: i64,
    offset: i64,
}

/// At most `limit` rows of a query that has an order and no limit of its own, without the first `offset`. Each `limit` makes a
/// statement of its own, kept prepared by the connection: for sizes of pages, of which there are few.
pub fn limited<Q>(query: Q, limit: i64, offset: i64) -> Limited<Q> {
    Limited { query, limit, offset }
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Limited<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_sql(&self.limit.to_string());
        if self.offset > 0 {
            out.push_sql(" OFFSET ");
            out.push_bind_param::<BigInt, _>(&self.offset)?;
        }
        Ok(())
    }
}

impl<Q> QueryId for Limited<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Limited<Q> {
    type SqlType = Q::SqlType;
}
