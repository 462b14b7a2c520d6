//! A database of its own for each test, cloned from a template that is migrated once.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use database::{Config, Pool, connect, migrations};
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use service_runtime::Ids;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::servers;

/// Left over by tests that were killed: swept after this.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);
/// Templates of other migrations: swept after this.
const OUTDATED: Duration = Duration::from_secs(24 * 60 * 60);

/// A database that nobody else uses; dropped with this.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Migrated with `migrations/<service>`, at the server of the machine.
    pub async fn new(service: &str) -> Self {
        Self::at(&servers::postgres_url(), service).await
    }

    /// Migrated with `migrations/<service>`, at a server that the test started itself.
    pub async fn at(server: &str, service: &str) -> Self {
        let mut admin = admin(server).await;
        let template = template(server, &mut admin, service).await;
        sweep(&mut admin, service, &template).await;
        Self::create(server, &mut admin, service, &format!("TEMPLATE {template}")).await
    }

    /// Without any table, at the server of the machine.
    pub async fn empty() -> Self {
        let server = servers::postgres_url();
        let mut admin = admin(&server).await;
        Self::create(&server, &mut admin, "empty", "").await
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How a service reaches it, with a pool that leaves room for other tests.
    pub fn config(&self) -> Config {
        Config::new(&self.url, "test").with_pool_size(5)
    }

    /// A small pool.
    pub fn pool(&self) -> Pool {
        Pool::new(self.config()).expect("the address is well-formed")
    }

    /// A connection outside every pool.
    pub async fn conn(&self) -> AsyncPgConnection {
        connect(&self.config()).await.expect("the database is there")
    }

    /// The one number that a query answers.
    pub async fn number(&self, sql: &str) -> i64 {
        number(&mut self.conn().await, sql).await
    }

    async fn create(server: &str, admin: &mut AsyncPgConnection, service: &str, options: &str) -> Self {
        let name = format!("zst_test_{}_{}_{}", identifier(service), unix_seconds(), Ids.next::<Uuid>().simple());
        execute(admin, &format!("CREATE DATABASE {name} {options}")).await;
        Self { server: server.to_owned(), url: with_database(server, &name), name }
    }
}

/// The one number that a query answers on that connection.
pub async fn number(conn: &mut AsyncPgConnection, sql: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let query = diesel::sql_query(format!("SELECT ({sql})::bigint AS number"));
    query.get_result::<Row>(conn).await.expect("a number").number
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        servers::block_on(async move || {
            let mut admin = admin(&server).await;
            execute(&mut admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        });
    }
}

/// The folder of a service's migrations.
pub(crate) fn migrations_of(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(service)
}

/// The name of the migrated database that tests are cloned from; built by the first that needs it.
async fn template(server: &str, admin: &mut AsyncPgConnection, service: &str) -> String {
    let prefix = format!("zst_template_{}_{}_", identifier(service), hash(&migrations_of(service)));
    if let Some(name) = databases(admin, &prefix).await.pop() {
        return name;
    }
    lock(admin, service).await;
    if let Some(name) = databases(admin, &prefix).await.pop() {
        unlock(admin, service).await;
        return name;
    }
    let name = format!("{prefix}{}", unix_seconds());
    let building = format!("zst_building_{}", Ids.next::<Uuid>().simple());
    execute(admin, &format!("CREATE DATABASE {building}")).await;
    let config = Config::new(with_database(server, &building), "test template");
    let folder = migrations_of(service);
    let source = migrations::FileBasedMigrations::from_path(&folder)
        .unwrap_or_else(|error| panic!("{} holds no migrations: {error}", folder.display()));
    migrations::up(&config, source).await.unwrap_or_else(|error| panic!("{service} cannot be migrated: {error:?}"));
    // The migrating session may take a moment to end, and a database in use has its name for good.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ";
    execute(admin, &format!("{end}'{building}'")).await;
    execute(admin, &format!("ALTER DATABASE {building} RENAME TO {name}")).await;
    unlock(admin, service).await;
    name
}

/// Drops what killed tests and older migrations left.
async fn sweep(admin: &mut AsyncPgConnection, service: &str, template: &str) {
    let now = unix_seconds();
    let age = |name: &str, part: usize| {
        let made_at = name.rsplit('_').nth(part).and_then(|seconds| seconds.parse::<u64>().ok());
        Duration::from_secs(now.saturating_sub(made_at.unwrap_or(now)))
    };
    let mut dropped: Vec<String> = databases(admin, "zst_test_").await;
    dropped.retain(|name| age(name, 1) > LEFT_OVER);
    let mut outdated = databases(admin, &format!("zst_template_{}_", identifier(service))).await;
    outdated.retain(|name| name != template && age(name, 0) > OUTDATED);
    for name in dropped.into_iter().chain(outdated) {
        // Another test may do the same at this moment.
        drop(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await);
    }
}

async fn admin(server: &str) -> AsyncPgConnection {
    let mut config = Config::new(server, "test");
    config.statement_timeout = Duration::ZERO;
    config.lock_timeout = Duration::ZERO;
    config.create_timeout = Duration::from_secs(10);
    connect(&config).await.unwrap_or_else(|error| panic!("PostgreSQL is needed: {error:?}"))
}

async fn execute(conn: &mut AsyncPgConnection, statement: &str) {
    conn.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn databases(conn: &mut AsyncPgConnection, prefix: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        datname: String,
    }
    let query = diesel::sql_query("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)");
    let rows: Vec<Row> = query.bind::<Text, _>(prefix).load(conn).await.expect("databases can be listed");
    rows.into_iter().map(|row| row.datname).collect()
}

/// Asked for again and again, not waited for: a waiting statement would hold up what the holder builds.
async fn lock(conn: &mut AsyncPgConnection, service: &str) {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }
    loop {
        let query = diesel::sql_query("SELECT pg_try_advisory_lock(hashtext($1)) AS locked");
        let row: Row = query.bind::<Text, _>(service).get_result(conn).await.expect("a lock can be asked for");
        if row.locked {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn unlock(conn: &mut AsyncPgConnection, service: &str) {
    let query = diesel::sql_query("SELECT pg_advisory_unlock(hashtext($1))");
    query.bind::<Text, _>(service).execute(conn).await.expect("a lock can be given back");
}

/// Of names and contents, in order.
fn hash(folder: &Path) -> String {
    let mut files = Vec::new();
    list_files(folder, &mut files);
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().as_bytes());
        hash.update(fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() { list_files(&path, files) } else { files.push(path) }
    }
}

fn identifier(service: &str) -> String {
    service.replace('-', "_")
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The same server, another database.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(a, p)| (a, Some(p)));
    let authority_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority_at..].find('/').map_or(address.len(), |at| authority_at + at);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_changes() {
        for (server, url) in [
            ("postgres://postgres@127.0.0.1:5432/postgres", "postgres://postgres@127.0.0.1:5432/x"),
            ("postgres://u:p@h", "postgres://u:p@h/x"),
            ("postgresql://h/a?sslmode=disable", "postgresql://h/x?sslmode=disable"),
        ] {
            assert_eq!(with_database(server, "x"), url);
        }
    }
}
