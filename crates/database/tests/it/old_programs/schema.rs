//! What programs can see of a schema, from PostgreSQL's own catalogue.

use diesel::sql_types::{Array, Bool, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Everything that a program may rely on.
pub(super) struct Schema {
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) code: Vec<Code>,
}

#[derive(diesel::QueryableByName)]
pub(super) struct Column {
    #[diesel(sql_type = Text)]
    pub(super) table_name: String,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) type_name: String,
    #[diesel(sql_type = Bool)]
    pub(super) is_nullable: bool,
    /// A row may be written without it.
    #[diesel(sql_type = Bool)]
    pub(super) is_optional: bool,
}

/// A constraint, or an index without one.
#[derive(diesel::QueryableByName)]
pub(super) struct Constraint {
    #[diesel(sql_type = Text)]
    pub(super) table_name: String,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Bool)]
    pub(super) is_index: bool,
    #[diesel(sql_type = Bool)]
    pub(super) is_unique: bool,
    #[diesel(sql_type = Text)]
    pub(super) definition: String,
    #[diesel(sql_type = Bool)]
    pub(super) is_validated: bool,
    /// None of an expression.
    #[diesel(sql_type = Array<Text>)]
    pub(super) columns: Vec<String>,
    /// Whose rows cannot be deleted while they are referred to.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) keeps: Option<String>,
}

/// A trigger, or a function.
#[derive(diesel::QueryableByName)]
pub(super) struct Code {
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) table_name: Option<String>,
    /// With what it is in front.
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) definition: String,
}

impl Schema {
    pub(super) async fn read(conn: &mut AsyncPgConnection) -> Self {
        Self {
            columns: diesel::sql_query(COLUMNS).load(conn).await.unwrap(),
            constraints: diesel::sql_query(CONSTRAINTS).load(conn).await.unwrap(),
            code: diesel::sql_query(CODE).load(conn).await.unwrap(),
        }
    }

    pub(super) fn column(&self, table: &str, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.table_name == table && column.name == name)
    }

    pub(super) fn has_table(&self, table: &str) -> bool {
        self.columns.iter().any(|column| column.table_name == table)
    }
}

/// The tables that this transaction keeps writers from until it ends.
pub(super) async fn locked(conn: &mut AsyncPgConnection) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let query = diesel::sql_query(
        "SELECT DISTINCT c.relname::text AS name FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
         WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace \
           AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY 1",
    );
    let rows: Vec<Row> = query.load(conn).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

const COLUMNS: &str = "\
    SELECT c.relname::text AS table_name, a.attname::text AS name, \
      format_type(a.atttypid, a.atttypmod) || CASE a.attgenerated WHEN '' THEN '' ELSE ' generated' END AS type_name, \
      NOT a.attnotnull AS is_nullable, NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '' AS is_optional \
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY c.relname, a.attnum";

const CONSTRAINTS: &str = "\
    SELECT t.relname::text AS table_name, c.conname::text AS name, false AS is_index, c.contype IN ('p', 'u') AS is_unique, \
      replace(pg_get_constraintdef(c.oid), ' NOT VALID', '') AS definition, \
      c.contype IN ('c', 'f') AND c.convalidated AS is_validated, \
      ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = ANY (c.conkey)) AS columns, \
      CASE WHEN c.contype = 'f' AND c.confdeltype IN ('a', 'r') THEN parent.relname::text END AS keeps \
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class parent ON parent.oid = c.confrelid \
    WHERE t.relnamespace = 'public'::regnamespace AND c.contype IN ('c', 'f', 'p', 'u', 'x') \
    UNION ALL \
    SELECT t.relname::text, i.relname::text, true, x.indisunique, pg_get_indexdef(x.indexrelid), false, \
      ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = ANY (x.indkey)), NULL \
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
    WHERE t.relnamespace = 'public'::regnamespace \
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = x.indexrelid AND contype IN ('p', 'u', 'x')) \
    ORDER BY 1, 2";

const CODE: &str = "\
    SELECT t.relname::text AS table_name, format('trigger %s.%s', t.relname, g.tgname) AS name, \
      pg_get_triggerdef(g.oid) AS definition \
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid \
    WHERE NOT g.tgisinternal AND t.relnamespace = 'public'::regnamespace \
    UNION ALL \
    SELECT NULL, format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), pg_get_functiondef(p.oid) \
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p') \
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e') \
    ORDER BY 2 DESC";
