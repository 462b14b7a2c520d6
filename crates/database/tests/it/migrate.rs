use std::path::Path;

use database::{Error, migrations};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use test_support::TestDatabase;

fn folder(name: &str) -> migrations::FileBasedMigrations {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrations").join(name);
    migrations::FileBasedMigrations::from_path(path).unwrap()
}

#[tokio::test]
async fn of_two_that_migrate_at_once_one_does() {
    let database = TestDatabase::empty().await;
    let config = database.config();
    let (left, right) = tokio::join!(migrations::up(&config, folder("good")), migrations::up(&config, folder("good")));
    let mut counts = [left.unwrap().len(), right.unwrap().len()];
    counts.sort_unstable();
    assert_eq!(counts, [0, 2]);
    diesel::sql_query("INSERT INTO things (id) VALUES (1)").execute(&mut database.conn().await).await.unwrap();
}

#[tokio::test]
async fn serving_is_refused_until_nothing_is_pending() {
    let database = TestDatabase::empty().await;
    let config = database.config();
    let refused = migrations::refuse_pending(&config, folder("good")).await.unwrap_err();
    assert!(matches!(&refused, Error::PendingMigrations(names) if names.len() == 2), "{refused}");
    migrations::up(&config, folder("good")).await.unwrap();
    migrations::refuse_pending(&config, folder("good")).await.unwrap();
    assert_eq!(migrations::down(&config, folder("good"), 1).await.unwrap(), ["20260101000002_index_things"]);
    assert_eq!(migrations::pending(&config, folder("good")).await.unwrap(), ["20260101000002_index_things"]);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_those_before_it() {
    let database = TestDatabase::empty().await;
    let failed = migrations::up(&database.config(), folder("bad")).await.unwrap_err();
    assert!(matches!(failed, Error::Migration(_)), "{failed}");
    let mut conn = database.conn().await;
    conn.batch_execute("SELECT * FROM things").await.unwrap();
    conn.batch_execute("SELECT * FROM half").await.unwrap_err();
}
