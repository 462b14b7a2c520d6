use std::time::{Duration, Instant};

use database::{Config, Kind, Pool};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use test_support::TestDatabase;

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

#[tokio::test]
async fn sessions_have_their_time_outs_and_name() {
    let database = TestDatabase::empty().await;
    let mut conn = Pool::new(Config::new(database.url(), "catalog")).unwrap().get().await.unwrap();
    for (name, expected) in [
        ("statement_timeout", "2s"),
        ("lock_timeout", "500ms"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("idle_session_timeout", "0"),
        ("application_name", "catalog"),
    ] {
        let query = diesel::sql_query("SELECT current_setting($1) AS value").bind::<Text, _>(name);
        let setting: Setting = query.get_result(&mut conn).await.unwrap();
        assert_eq!(setting.value, expected, "{name}");
    }
}

#[tokio::test]
async fn an_exhausted_pool_refuses_in_half_a_second() {
    let database = TestDatabase::empty().await;
    let pool = Pool::new(database.config().with_pool_size(1)).unwrap();
    let held = pool.get().await.unwrap();
    let asked_at = Instant::now();
    let refused = pool.get().await.err().unwrap();
    assert_eq!(refused.kind(), Kind::Unavailable);
    assert!((400..1_500).contains(&asked_at.elapsed().as_millis()), "{:?}", asked_at.elapsed());
    drop(held);
    drop(pool.get().await.unwrap());
}

#[tokio::test]
async fn dead_connections_are_replaced() {
    let database = TestDatabase::empty().await;
    let pool = database.pool();
    let mut conns = Vec::new();
    for _ in 0..5 {
        conns.push(pool.get().await.unwrap());
    }
    drop(conns);
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    diesel::sql_query(others).execute(&mut database.conn().await).await.unwrap();
    test_support::eventually(Duration::from_secs(2), async || pool.is_up().await).await;
    for _ in 0..5 {
        diesel::sql_query("SELECT 1").execute(&mut pool.get().await.unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_ready_database_is_not_waited_for() {
    TestDatabase::empty().await.pool().wait_until_ready().await.unwrap();
}

#[test]
fn an_address_is_never_shown() {
    let pool = Pool::new(Config::new("postgres://user:hush@127.0.0.1/x", "test")).unwrap();
    assert!(!format!("{pool:?}").contains("hush"));
}
