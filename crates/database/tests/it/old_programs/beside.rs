//! Programs of the first release go on writing while everything that came later is migrated, and what they write is as good
//! to the new programs as what these write themselves.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use database::{Config, connect, migrations};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures::future::join_all;
use test_support::{TestDatabase, eventually};
use uuid::Uuid;

use super::folder::{FirstRelease, SERVICES, source};
use super::writes::{Work, of};

const WRITERS: usize = 2;
/// Rounds of all writers together before the migrations begin, and after they have ended.
const ROUNDS: usize = 30;
const SOON: Duration = Duration::from_secs(60);

/// How far everybody is.
#[derive(Default)]
struct Progress {
    rounds: AtomicUsize,
    is_over: AtomicBool,
}

#[tokio::test]
async fn programs_of_the_release_before_write_on_while_it_is_migrated() {
    join_all(SERVICES.map(migrate_beside)).await;
}

async fn migrate_beside(service: &'static str) {
    let database = TestDatabase::empty().await;
    // As a service has them: a statement that waits for longer fails.
    let config = Config::new(database.url(), "the release before");
    migrations::up(&config, FirstRelease(service)).await.unwrap();
    let work = of(service);
    connect(&config).await.unwrap().batch_execute(work.given).await.unwrap();

    let progress = Progress::default();
    let migrate = async {
        progress.reaches(ROUNDS).await;
        let names = migrations::up(&config, source(service)).await.unwrap();
        assert!(!names.is_empty(), "{service} has nothing to migrate");
        progress.reaches(progress.rounds.load(Ordering::Relaxed) + ROUNDS).await;
        progress.is_over.store(true, Ordering::Relaxed);
    };
    let writers = join_all((0..WRITERS).map(|_| write_on(&config, &work, &progress)));
    tokio::join!(migrate, writers, read_on(&config, &work, &progress));

    migrations::refuse_pending(&config, source(service)).await.unwrap();
    let mut conn = connect(&config).await.unwrap();
    for wrong in work.wrong {
        let query = format!("SELECT FROM ({wrong}) AS wrong WHERE $1 IS NOT NULL");
        assert_eq!(ask(&mut conn, &query, Uuid::nil()).await, 0, "{service}: {wrong}");
    }
}

/// One round after the other, each for something new, in the transactions of the service.
async fn write_on(config: &Config, work: &Work, progress: &Progress) {
    let mut conn = connect(config).await.unwrap();
    while !progress.is_over.load(Ordering::Relaxed) {
        let id = Uuid::from_u128(rand::random());
        for transaction in work.transactions {
            conn.batch_execute("BEGIN").await.unwrap();
            for statement in *transaction {
                ask(&mut conn, statement, id).await;
            }
            conn.batch_execute("COMMIT").await.unwrap();
        }
        progress.rounds.fetch_add(1, Ordering::Relaxed);
    }
}

/// Long queries, one after the other: a lock that waits for one of them has everybody else behind it.
async fn read_on(config: &Config, work: &Work, progress: &Progress) {
    let mut conn = connect(config).await.unwrap();
    while !progress.is_over.load(Ordering::Relaxed) {
        ask(&mut conn, work.long_query, Uuid::nil()).await;
    }
}

/// Prepared once for each connection, as in a program; answers with the number of rows.
async fn ask(conn: &mut AsyncPgConnection, statement: &str, id: Uuid) -> usize {
    let query = diesel::sql_query(statement).bind::<SqlUuid, _>(id);
    let rows = diesel_async::RunQueryDsl::execute(query, conn).await;
    rows.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

impl Progress {
    async fn reaches(&self, rounds: usize) {
        eventually(SOON, async || self.rounds.load(Ordering::Relaxed) >= rounds).await;
    }
}
