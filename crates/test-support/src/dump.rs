//! All text of a database, to be searched for what must not be there.

use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(diesel::QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    /// An expression for each column: bytes as the text that they may be.
    #[diesel(sql_type = Text)]
    columns: String,
}

#[derive(diesel::QueryableByName)]
struct Rows {
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

/// Every row of every table, each behind its table's name. Bytes are read as text: what is not ASCII in them is escaped.
pub async fn dump(conn: &mut AsyncPgConnection) -> String {
    let tables = diesel::sql_query(
        "SELECT quote_ident(relname) AS name, string_agg(\
           CASE WHEN atttypid = 'bytea'::regtype THEN 'encode(' || quote_ident(attname) || ', ''escape'')' \
           ELSE quote_ident(attname) || '::text' END, ', ' ORDER BY attnum) AS columns \
         FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid \
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped \
         GROUP BY relname ORDER BY relname",
    );
    let tables: Vec<Table> = tables.load(conn).await.expect("tables can be listed");
    let mut dump = String::new();
    for Table { name, columns } in tables {
        let rows = format!("SELECT string_agg('{name} ' || concat_ws(' | ', {columns}), E'\\n') AS text FROM {name}");
        let rows: Rows = diesel::sql_query(rows).get_result(conn).await.expect("a table can be read");
        dump.extend(rows.text);
        dump.push('\n');
    }
    dump
}
