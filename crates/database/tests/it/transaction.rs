use std::sync::atomic::{AtomicUsize, Ordering};

use database::{Config, Kind, Pool, transaction};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use test_support::TestDatabase;
use tokio::sync::Barrier;

use crate::cut::hop_that_swallows_a_commit;

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the database failed")]
    Database(#[from] database::Error),
    #[error("refused")]
    Refused,
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

async fn with_rows(ids: &[i32]) -> TestDatabase {
    let database = TestDatabase::empty().await;
    let mut conn = database.conn().await;
    conn.batch_execute("CREATE TABLE things (id int PRIMARY KEY, changes int NOT NULL DEFAULT 0)").await.unwrap();
    for id in ids {
        add(&mut conn, *id).await.unwrap();
    }
    database
}

async fn add(conn: &mut AsyncPgConnection, id: i32) -> diesel::QueryResult<usize> {
    diesel::sql_query(format!("INSERT INTO things (id) VALUES ({id}) ON CONFLICT DO NOTHING")).execute(conn).await
}

async fn change(conn: &mut AsyncPgConnection, id: i32) -> diesel::QueryResult<usize> {
    diesel::sql_query(format!("UPDATE things SET changes = changes + 1 WHERE id = {id}")).execute(conn).await
}

async fn number(conn: &mut AsyncPgConnection, query: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    diesel::sql_query(query).get_result::<Row>(conn).await.unwrap().number
}

#[tokio::test]
async fn a_refusal_leaves_nothing() {
    let database = with_rows(&[]).await;
    let pool = database.pool();
    let refused = transaction(&pool, async |conn| {
        add(conn, 1).await?;
        Err::<(), _>(Error::Refused)
    });
    assert!(matches!(refused.await, Err(Error::Refused)));
    assert_eq!(number(&mut database.conn().await, "SELECT count(*) AS number FROM things").await, 0);
}

#[tokio::test]
async fn both_of_two_that_dead_lock_succeed() {
    let database = with_rows(&[1, 2]).await;
    let pool = database.pool();
    let barrier = Barrier::new(2);
    let runs = AtomicUsize::new(0);
    let both = |first, second| {
        let (pool, barrier, runs) = (&pool, &barrier, &runs);
        async move {
            transaction(pool, async |conn| {
                conn.batch_execute("SET LOCAL lock_timeout = 0").await?;
                change(conn, first).await?;
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    barrier.wait().await;
                }
                change(conn, second).await?;
                Ok::<_, Error>(())
            })
            .await
        }
    };
    let (left, right) = tokio::join!(both(1, 2), both(2, 1));
    left.unwrap();
    right.unwrap();
    assert_eq!(runs.into_inner(), 3, "one of them was run again");
    assert_eq!(number(&mut database.conn().await, "SELECT sum(changes) AS number FROM things").await, 4);
}

#[tokio::test]
async fn a_transaction_whose_connection_died_is_run_again() {
    let database = with_rows(&[]).await;
    let runs = AtomicUsize::new(0);
    let pool = database.pool();
    let ran = transaction(&pool, async |conn| {
        add(conn, 1).await?;
        if runs.fetch_add(1, Ordering::SeqCst) == 0 {
            diesel::sql_query("SELECT pg_terminate_backend(pg_backend_pid())").execute(conn).await?;
        }
        Ok::<_, Error>(())
    });
    ran.await.unwrap();
    assert_eq!(runs.into_inner(), 2);
    assert_eq!(number(&mut database.conn().await, "SELECT count(*) AS number FROM things").await, 1);
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_run_again_and_finds_its_key() {
    let database = with_rows(&[]).await;
    let url = database.url().to_owned();
    let server = url.split('@').next_back().unwrap().split('/').next().unwrap().to_owned();
    let hop = hop_that_swallows_a_commit(server.clone().leak()).await;
    let pool = Pool::new(Config::new(url.replace(&server, &hop), "test")).unwrap();

    let runs = AtomicUsize::new(0);
    let added = transaction(&pool, async |conn| {
        runs.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Error>(add(conn, 1).await?)
    });
    assert_eq!(added.await.unwrap(), 0, "the second run found what the first had committed");
    assert_eq!(runs.into_inner(), 2);
    assert_eq!(number(&mut database.conn().await, "SELECT count(*) AS number FROM things").await, 1);
}

#[tokio::test]
async fn a_failure_that_does_not_pass_is_not_repeated() {
    let database = with_rows(&[1]).await;
    let runs = AtomicUsize::new(0);
    let pool = database.pool();
    let failed = transaction(&pool, async |conn| {
        runs.fetch_add(1, Ordering::SeqCst);
        diesel::sql_query("INSERT INTO things (id) VALUES (1)").execute(conn).await?;
        Ok::<_, Error>(())
    });
    assert_eq!(Kind::of(&failed.await.unwrap_err()), Some(Kind::Violation));
    assert_eq!(runs.into_inner(), 1);
}

/// Compiles only if the future of a transaction can be moved between threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "it is what is tested")]
async fn a_transaction_runs_in_a_task() {
    let database = with_rows(&[1]).await;
    let pool = database.pool();
    let changed = tokio::spawn(async move {
        let ids = [1];
        transaction(&pool, async |conn| {
            for id in &ids {
                change(conn, *id).await?;
            }
            Ok::<_, Error>(ids.len())
        })
        .await
    });
    assert_eq!(changed.await.unwrap().unwrap(), 1);
}
