use std::time::Duration;

use database::{Config, Kind, connect, violated};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use test_support::TestDatabase;

async fn failure(conn: &mut AsyncPgConnection, statement: &str) -> diesel::result::Error {
    diesel::sql_query(statement.to_owned()).execute(conn).await.expect_err(statement)
}

#[tokio::test]
async fn what_the_server_says_is_understood() {
    let database = TestDatabase::empty().await;
    let mut config = database.config();
    config.statement_timeout = Duration::from_millis(200);
    config.lock_timeout = Duration::from_millis(50);
    let mut conn = connect(&config).await.unwrap();
    let setup = "CREATE TABLE things (id int PRIMARY KEY, left_over int CONSTRAINT things_left CHECK (left_over >= 0)); \
                 INSERT INTO things VALUES (1, 1)";
    conn.batch_execute(setup).await.unwrap();

    let twice = failure(&mut conn, "INSERT INTO things VALUES (1, 1)").await;
    assert_eq!((Kind::of_query(&twice), violated(&twice)), (Kind::Violation, Some("things_pkey")));
    let below = failure(&mut conn, "UPDATE things SET left_over = -1").await;
    assert_eq!((Kind::of_query(&below), violated(&below)), (Kind::Violation, Some("things_left")));
    let slow = failure(&mut conn, "SELECT pg_sleep(5)").await;
    assert_eq!(Kind::of_query(&slow), Kind::StatementTimeout);
    let nonsense = failure(&mut conn, "SELECT nothing").await;
    assert_eq!((Kind::of_query(&nonsense), violated(&nonsense)), (Kind::Defect, None));

    let mut other = database.conn().await;
    other.batch_execute("BEGIN; SELECT * FROM things FOR UPDATE").await.unwrap();
    let locked = failure(&mut conn, "UPDATE things SET left_over = 0").await;
    assert_eq!(Kind::of_query(&locked), Kind::LockTimeout);
    let at_once = failure(&mut conn, "SELECT * FROM things FOR UPDATE NOWAIT").await;
    assert_eq!(Kind::of_query(&at_once), Kind::LockTimeout);

    conn.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM things").await.unwrap();
    other.batch_execute("UPDATE things SET left_over = 5; COMMIT").await.unwrap();
    let conflict = failure(&mut conn, "UPDATE things SET left_over = 6").await;
    assert_eq!(Kind::of_query(&conflict), Kind::Conflict);

    let mut conn = database.conn().await;
    let ended = failure(&mut conn, "SELECT pg_terminate_backend(pg_backend_pid())").await;
    assert_eq!(Kind::of_query(&ended), Kind::ConnectionLost);
    let after = failure(&mut conn, "SELECT 1").await;
    assert_eq!(Kind::of_query(&after), Kind::ConnectionLost);
}

#[tokio::test]
async fn a_transaction_that_does_nothing_is_ended() {
    let database = TestDatabase::empty().await;
    let mut config = database.config();
    config.idle_in_transaction_timeout = Duration::from_millis(50);
    let mut conn = connect(&config).await.unwrap();
    conn.batch_execute("BEGIN").await.unwrap();
    let mut other = database.conn().await;
    let idle = "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()";
    test_support::eventually(Duration::from_secs(5), async || {
        diesel::sql_query(idle).execute(&mut other).await.unwrap() == 0
    })
    .await;
    let ended = failure(&mut conn, "SELECT 1").await;
    assert_eq!(Kind::of_query(&ended), Kind::ConnectionLost);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let error = connect(&Config::new("postgres://postgres@127.0.0.1:1/x", "test")).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(matches!(connect(&Config::new("not an address", "test")).await, Err(database::Error::Url(_))));
}
