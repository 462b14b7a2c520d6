//! Statements written by hand that are prepared once per connection.
//!
//! `diesel::sql_query`, and inserts of many rows, are prepared anew at every call: one round trip more each time.

use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// SQL with a `?` for each value bound, in order.
#[must_use = "statements only run when they are loaded or executed"]
pub struct Statement<'a> {
    sql: &'static str,
    binds: Vec<Box<dyn QueryFragment<Pg> + Send + 'a>>,
}

/// A statement without values yet. Its text has a `?` for each, and none elsewhere.
pub fn statement<'a>(sql: &'static str) -> Statement<'a> {
    Statement { sql, binds: Vec::new() }
}

impl<'a> Statement<'a> {
    /// The value of the next `?`.
    pub fn bind<S, V>(mut self, value: V) -> Self
    where
        S: Send + 'a,
        Pg: HasSqlType<S>,
        V: ToSql<S, Pg> + Send + 'a,
    {
        self.binds.push(Box::new(Bind { value, sql_type: PhantomData::<S> }));
        self
    }
}

struct Bind<S, V> {
    value: V,
    sql_type: PhantomData<S>,
}

impl<S, V> QueryFragment<Pg> for Bind<S, V>
where
    Pg: HasSqlType<S>,
    V: ToSql<S, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<S, V>(&self.value)
    }
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut binds = self.binds.iter();
        for (index, text) in self.sql.split('?').enumerate() {
            if index > 0 {
                binds.next().expect("a value for each `?`").walk_ast(out.reborrow())?;
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

// Without a type of its own a statement is cached by its text.
impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{Array, Integer, Text};

    use super::*;

    #[test]
    fn values_stand_where_the_question_marks_were() {
        let query = statement("SELECT ?, unnest(?) WHERE true")
            .bind::<Text, _>("a".to_owned())
            .bind::<Array<Integer>, _>(vec![1, 2]);
        assert_eq!(
            diesel::debug_query::<Pg, _>(&query).to_string(),
            "SELECT $1, unnest($2) WHERE true -- binds: [\"a\", [1, 2]]"
        );
    }
}
