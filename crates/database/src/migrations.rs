//! Brings a database to the schema that the binary was built with.
//!
//! Always true: of several processes that migrate at once, one does. The lock is asked for again and again rather
//! than waited for: a waiting statement holds a snapshot, and `CREATE INDEX CONCURRENTLY` waits for all of those.
//!
//! And: nobody who works with the tables waits for a migration that itself waits. Behind a lock that is asked for, all
//! others queue up, so it is asked for a moment at a time, shorter than [`Config::lock_timeout`] of those others.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::MigrationHarness;

use crate::config::{Config, connect};
use crate::error::{Error, Kind};

pub use diesel_migrations::{EmbeddedMigrations, FileBasedMigrations, embed_migrations};

/// The advisory lock of those who migrate; advisory locks are per database.
const LOCK: i64 = 0x5a53_544d_4947;
/// How long a lock is waited for at a time, and for how long it is asked for again.
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(60);
/// Of migrations outside a transaction, which keep nobody from a table; a half-made index cannot be made again.
const LONE_LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Migrations, embedded (`const MIGRATIONS: EmbeddedMigrations = embed_migrations!(…)`) or read from a folder.
pub trait Source: MigrationSource<Pg> + Send + 'static {}

impl<S: MigrationSource<Pg> + Send + 'static> Source for S {}

type Harness = AsyncConnectionWrapper<AsyncPgConnection>;
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Runs all pending migrations and answers their names.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Migration`].
pub async fn up(config: &Config, migrations: impl Source) -> Result<Vec<String>, Error> {
    let conn = lock(config).await?;
    let names = with_harness(conn, move |harness| {
        let mut names = Vec::new();
        for next in harness.pending_migrations(migrations)? {
            patiently(harness, &*next, |harness| harness.run_migration(&*next).map(drop))?;
            tracing::info!(migration = %next.name(), "migrated");
            names.push(next.name().to_string());
        }
        Ok(names)
    });
    names.await
}

/// Takes the newest `count` migrations back, newest first, and answers their names.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Migration`].
pub async fn down(config: &Config, migrations: impl Source, count: usize) -> Result<Vec<String>, Error> {
    let conn = lock(config).await?;
    let names = with_harness(conn, move |harness| {
        let mut names = Vec::new();
        let known = migrations.migrations()?;
        for version in harness.applied_migrations()?.into_iter().take(count) {
            let migration = known.iter().find(|known| known.name().version() == version);
            let migration = migration.ok_or_else(|| format!("migration {version} is not known here"))?;
            patiently(harness, &**migration, |harness| harness.revert_migration(&**migration).map(drop))?;
            tracing::info!(migration = %migration.name(), "migration taken back");
            names.push(migration.name().to_string());
        }
        Ok(names)
    });
    names.await
}

/// The names of the migrations that the database does not have yet.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Migration`].
pub async fn pending(config: &Config, migrations: impl Source) -> Result<Vec<String>, Error> {
    let conn = connect(config).await?;
    let names = with_harness(conn, move |harness| {
        Ok(harness.pending_migrations(migrations)?.iter().map(|migration| migration.name().to_string()).collect())
    });
    names.await
}

/// Lets `serve` start only on a schema that is up to date.
///
/// # Errors
/// [`Error::PendingMigrations`], [`Error::Unavailable`].
pub async fn refuse_pending(config: &Config, migrations: impl Source) -> Result<(), Error> {
    let pending = pending(config, migrations).await?;
    if pending.is_empty() { Ok(()) } else { Err(Error::PendingMigrations(pending)) }
}

/// A session that holds the lock; it goes with the session.
async fn lock(config: &Config) -> Result<AsyncPgConnection, Error> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }

    let mut config = config.clone();
    // Filling a column takes what it takes.
    config.statement_timeout = Duration::ZERO;
    config.idle_in_transaction_timeout = Duration::ZERO;
    let mut conn = connect(&config).await?;
    loop {
        let query = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS locked").bind::<BigInt, _>(LOCK);
        let row: Row = query.get_result(&mut conn).await?;
        if row.locked {
            return Ok(conn);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Runs a migration, and again as long as others hold what it needs: they go on in between.
fn patiently(
    harness: &mut Harness,
    migration: &dyn Migration<Pg>,
    run: impl Fn(&mut Harness) -> Outcome<()>,
) -> Outcome<()> {
    let is_transaction = migration.metadata().run_in_transaction();
    let lock_timeout = if is_transaction { LOCK_TIMEOUT } else { LONE_LOCK_TIMEOUT };
    harness.batch_execute(&format!("SET lock_timeout = {}", lock_timeout.as_millis()))?;
    let end = Instant::now() + PATIENCE;
    loop {
        match run(harness) {
            Err(error) if is_transaction && Instant::now() < end && Kind::steps_back(&*error) => {
                tracing::info!(migration = %migration.name(), "others hold its tables: it is run again");
                std::thread::sleep(LOCK_TIMEOUT);
            }
            done => return done,
        }
    }
}

/// The harness blocks its thread, so it gets one of its own: that works on every flavour of the runtime.
async fn with_harness<T: Send + 'static>(
    conn: AsyncPgConnection,
    work: impl FnOnce(&mut Harness) -> Outcome<T> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(move || work(&mut Harness::from(conn)));
    done.await.map_err(|panicked| Error::Migration(panicked.into()))?.map_err(Error::Migration)
}
