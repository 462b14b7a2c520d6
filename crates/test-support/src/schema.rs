//! Prints a service's `schema.rs` from its migrated database, and holds the file against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use database::migrations;
use diesel::sql_types::{Array, Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::TestDatabase;
use crate::database::migrations_of;

/// Tables that crates of ours own, not the service.
const NOT_OURS: [&str; 4] = ["outbox", "inbox", "answers", "__diesel_schema_migrations"];
const MAX_WIDTH: usize = 120;
const KEYWORDS: [&str; 12] =
    ["type", "match", "move", "ref", "mod", "use", "where", "in", "for", "impl", "static", "loop"];

/// Compares `services/<service>/src/schema.rs` with `migrations/<service>`; rewrites it when `UPDATE_SCHEMA` is set.
///
/// # Panics
/// When they differ.
pub async fn assert_current(service: &str) {
    let database = TestDatabase::new(service).await;
    let printed = print(&mut database.conn().await).await;
    let path = path_of(service);
    #[expect(clippy::disallowed_methods, reason = "tests have no Environment")]
    if std::env::var("UPDATE_SCHEMA").is_ok_and(|value| !value.is_empty()) {
        fs::write(&path, &printed).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let file = fs::read_to_string(&path).unwrap_or_default();
    assert!(file == printed, "{} is not that of the migrations: run `make schema`", path.display());
}

/// Migrates a database, which may have been filled, all the way down and up again: between them nothing is left, and the
/// second schema is the first.
///
/// # Panics
/// When that is not so.
pub async fn assert_reversible(service: &str, database: &TestDatabase) {
    let source =
        || migrations::FileBasedMigrations::from_path(migrations_of(service)).expect("the service has migrations");
    let empty = print(&mut TestDatabase::empty().await.conn().await).await;
    let mut conn = database.conn().await;
    let first = print(&mut conn).await;
    migrations::down(&database.config(), source(), usize::MAX).await.expect("down");
    assert_eq!(print(&mut conn).await, empty, "`down` leaves something of {service}");
    migrations::up(&database.config(), source()).await.expect("up again");
    assert_eq!(print(&mut conn).await, first, "the second `up` of {service} makes another schema");
}

/// The `table!` definitions of every table of the service in the database.
pub async fn print(conn: &mut AsyncPgConnection) -> String {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for column in columns(conn).await {
        tables.entry(column.table_name.clone()).or_default().columns.push(column);
    }
    let references = references(conn).await;
    let mut text = "//! Printed from the migrated database by `make schema`; never edited.\n".to_owned();
    for (name, table) in &tables {
        table.print(name, &mut text);
    }
    text.push_str(&joinables(&tables, &references));
    if tables.len() > 1 {
        let names: Vec<&str> = tables.keys().map(String::as_str).collect();
        let line = format!("diesel::allow_tables_to_appear_in_same_query!({});\n", names.join(", "));
        if line.len() <= MAX_WIDTH + 1 {
            let _ = write!(text, "\n{line}");
        } else {
            let _ =
                write!(text, "\ndiesel::allow_tables_to_appear_in_same_query!(\n    {},\n);\n", names.join(",\n    "));
        }
    }
    text
}

fn path_of(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services").join(service).join("src/schema.rs")
}

#[derive(Default)]
struct Table {
    columns: Vec<Column>,
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// As in `pg_type`.
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Bool)]
    is_array: bool,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
    #[diesel(sql_type = Bool)]
    is_key: bool,
}

#[derive(diesel::QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Array<Text>)]
    child_columns: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    parent_columns: Vec<String>,
}

impl Table {
    fn keys(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.is_key).map(|column| column.name.as_str()).collect()
    }

    fn print(&self, name: &str, text: &mut String) {
        let keys: Vec<String> = self.keys().into_iter().map(rust_name).collect();
        assert!(!keys.is_empty(), "table {name} has no primary key");
        let _ = writeln!(text, "\ndiesel::table! {{\n    {name} ({}) {{", keys.join(", "));
        for column in &self.columns {
            let Some(sql_type) = column.sql_type() else {
                let _ = writeln!(
                    text,
                    "        // `{}` is a {}: queries name it themselves.",
                    column.name, column.type_name
                );
                continue;
            };
            let rust = rust_name(&column.name);
            if rust != column.name {
                let _ = writeln!(text, "        #[sql_name = \"{}\"]", column.name);
            }
            let _ = writeln!(text, "        {rust} -> {sql_type},");
        }
        text.push_str("    }\n}\n");
    }
}

impl Column {
    /// As diesel calls it; `None` for a type that diesel does not know.
    fn sql_type(&self) -> Option<String> {
        let base = match self.type_name.as_str() {
            "uuid" => "Uuid",
            "text" => "Text",
            "varchar" => "Varchar",
            "bpchar" => "Bpchar",
            "int2" => "Int2",
            "int4" => "Int4",
            "int8" => "Int8",
            "bool" => "Bool",
            "timestamptz" => "Timestamptz",
            "timestamp" => "Timestamp",
            "date" => "Date",
            "time" => "Time",
            "interval" => "Interval",
            "jsonb" => "Jsonb",
            "json" => "Json",
            "bytea" => "Bytea",
            "numeric" => "Numeric",
            "float4" => "Float4",
            "float8" => "Float8",
            "tsvector" => return None,
            other => panic!("{}.{} has type {other}, which the printer does not know", self.table_name, self.name),
        };
        // An array's elements are taken to be there: PostgreSQL cannot say so.
        let base = if self.is_array { format!("Array<{base}>") } else { base.to_owned() };
        Some(if self.is_nullable { format!("Nullable<{base}>") } else { base })
    }
}

/// Those that diesel can join by itself: one column that refers to the whole key, and only one such way.
fn joinables(tables: &BTreeMap<String, Table>, references: &[Reference]) -> String {
    let mut ways: BTreeMap<(&str, &str), Vec<&Reference>> = BTreeMap::new();
    for reference in references {
        ways.entry((&reference.child, &reference.parent)).or_default().push(reference);
    }
    let mut lines = BTreeSet::new();
    for ((child, parent), references) in ways {
        let [reference] = references[..] else { continue };
        let (Some(_), Some(table)) = (tables.get(child), tables.get(parent)) else { continue };
        let [column] = &reference.child_columns[..] else { continue };
        if child != parent && table.keys() == reference.parent_columns {
            lines.insert(format!("diesel::joinable!({child} -> {parent} ({}));\n", rust_name(column)));
        }
    }
    let lines: String = lines.into_iter().collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

fn rust_name(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

async fn columns(conn: &mut AsyncPgConnection) -> Vec<Column> {
    diesel::sql_query(
        "SELECT c.relname::text AS table_name, a.attname::text AS name, \
                coalesce(e.typname, t.typname)::text AS type_name, e.oid IS NOT NULL AS is_array, \
                NOT a.attnotnull AS is_nullable, coalesce(a.attnum = ANY (p.conkey), false) AS is_key \
         FROM pg_class c \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         JOIN pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' \
         LEFT JOIN pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p' \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
           AND c.relname::text <> ALL ($1) \
         ORDER BY c.relname, a.attnum",
    )
    .bind::<Array<Text>, _>(NOT_OURS.to_vec())
    .load(conn)
    .await
    .expect("the catalogue can be read")
}

async fn references(conn: &mut AsyncPgConnection) -> Vec<Reference> {
    let columns_of = |relation: &str, key: &str| {
        format!(
            "(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(f.{key}) WITH ORDINALITY AS k (number, place) \
             JOIN pg_attribute a ON a.attrelid = f.{relation} AND a.attnum = k.number)"
        )
    };
    diesel::sql_query(format!(
        "SELECT child.relname::text AS child, parent.relname::text AS parent, \
                {} AS child_columns, {} AS parent_columns \
         FROM pg_constraint f JOIN pg_class child ON child.oid = f.conrelid JOIN pg_class parent ON parent.oid = f.confrelid \
         WHERE f.contype = 'f' AND child.relnamespace = 'public'::regnamespace",
        columns_of("conrelid", "conkey"),
        columns_of("confrelid", "confkey"),
    ))
    .load(conn)
    .await
    .expect("the catalogue can be read")
}
