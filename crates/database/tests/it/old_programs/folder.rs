//! The migrations of the services, those of the first release apart.

use std::fs;
use std::path::{Path, PathBuf};

use database::migrations::FileBasedMigrations;
use diesel::migration::{Migration as Runnable, MigrationSource, Result};
use diesel::pg::Pg;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use super::schema;

/// Those of the first release; programs of others are not there yet.
pub(super) const SERVICES: [&str; 4] = ["identity", "catalog", "cart", "ordering"];
/// What the migrations of the first release are called until their number. They make an empty database into that of the first
/// programs: there is no program before.
const FIRST_RELEASE: &str = "20261125";

/// The folder of one migration.
pub(super) struct Migration(PathBuf);

impl Migration {
    pub(super) fn name(&self) -> &str {
        self.0.file_name().and_then(|name| name.to_str()).unwrap()
    }
}

/// Oldest first.
pub(super) fn first_release(service: &str) -> Vec<Migration> {
    let mut migrations = all(service);
    migrations.retain(|migration| migration.name().starts_with(FIRST_RELEASE));
    assert!(!migrations.is_empty(), "{service} has no first release");
    migrations
}

/// Oldest first.
pub(super) fn later(service: &str) -> Vec<Migration> {
    let mut migrations = all(service);
    migrations.retain(|migration| !migration.name().starts_with(FIRST_RELEASE));
    migrations
}

/// Runs one, and tells which tables it kept others from.
pub(super) async fn apply(conn: &mut AsyncPgConnection, migration: &Migration) -> Vec<String> {
    let statements = fs::read_to_string(migration.0.join("up.sql")).unwrap();
    let metadata = fs::read_to_string(migration.0.join("metadata.toml")).unwrap_or_default();
    if metadata.contains("run_in_transaction = false") {
        conn.batch_execute(&statements).await.unwrap();
        return Vec::new();
    }
    conn.batch_execute("BEGIN").await.unwrap();
    conn.batch_execute(&statements).await.unwrap();
    let locked = schema::locked(conn).await;
    conn.batch_execute("COMMIT").await.unwrap();
    locked
}

/// For the runner: everything.
pub(super) fn source(service: &str) -> FileBasedMigrations {
    FileBasedMigrations::from_path(path(service)).unwrap()
}

/// For the runner: the first release alone.
pub(super) struct FirstRelease(pub(super) &'static str);

impl MigrationSource<Pg> for FirstRelease {
    fn migrations(&self) -> Result<Vec<Box<dyn Runnable<Pg>>>> {
        let mut migrations: Vec<Box<dyn Runnable<Pg>>> = source(self.0).migrations()?;
        migrations.retain(|migration| migration.name().to_string().starts_with(FIRST_RELEASE));
        Ok(migrations)
    }
}

fn all(service: &str) -> Vec<Migration> {
    let entries = fs::read_dir(path(service)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    paths.into_iter().map(Migration).collect()
}

fn path(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(service)
}
