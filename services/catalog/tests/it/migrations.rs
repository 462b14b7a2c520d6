//! The schema, and the way to it and back.

use database::migrations;
use service_runtime::{Environment, Process, Service};
use test_support::{TestDatabase, schema};

use crate::builders::ProductBuilder;

#[tokio::test]
async fn schema_is_current() {
    schema::assert_current("catalog").await;
}

#[tokio::test]
async fn migrations_go_down_and_up_again_on_a_filled_database() {
    let database = TestDatabase::new("catalog").await;
    let mut conn = database.conn().await;
    ProductBuilder::new().images(&["https://pictures.example.com/1.jpg"]).insert(&mut conn).await;
    drop(conn);

    let all = migrations::down(&database.config(), catalog::MIGRATIONS, usize::MAX).await.unwrap();
    assert!(all.len() >= 6, "{all:?}");
    let again = migrations::up(&database.config(), catalog::MIGRATIONS).await.unwrap();
    assert_eq!(again.len(), all.len());
    migrations::refuse_pending(&database.config(), catalog::MIGRATIONS).await.unwrap();
    ProductBuilder::new().insert(&mut database.conn().await).await;
}

#[tokio::test]
async fn an_outdated_schema_is_refused() {
    let database = TestDatabase::new("catalog").await;
    migrations::down(&database.config(), catalog::MIGRATIONS, 1).await.unwrap();
    let environment = [
        ("CATALOG_DATABASE_URL", database.url()),
        ("CATALOG_ACCESS_TOKEN_SECRETS", "long-enough-for-a-secret-of-a-test"),
        ("CATALOG_GRPC_ADDR", "127.0.0.1:0"),
        ("CATALOG_PRIVATE_ADDR", "127.0.0.1:0"),
    ];
    let config = catalog::Config::from_env(&environment.into_iter().collect::<Environment>()).unwrap();
    let refused = catalog::build(config.clone(), Process::default()).await.unwrap().run().await.unwrap_err();
    assert!(matches!(refused, catalog::StartError::Database(database::Error::PendingMigrations(_))), "{refused:?}");
    assert_eq!(catalog::Catalog::migrate(&config).await.unwrap().len(), 1);
}
