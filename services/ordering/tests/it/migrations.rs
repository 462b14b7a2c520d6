//! Migrations, and the schema that is printed from them.

use std::time::Duration;

use database::{Error, migrations};
use diesel_async::RunQueryDsl;
use events::names::{ORDER_PLACED, STOCK_CHANGED};
use ordering::MIGRATIONS;
use test_support::customer;

use crate::builders::{keyed, one_of};
use crate::harness::OrderingTest;

#[tokio::test]
async fn schema_is_current() {
    test_support::schema::assert_current("ordering").await;
}

#[tokio::test]
async fn up_down_and_up_again_on_a_filled_database() {
    let ordering = OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED]);
    let soap = ordering.product().insert().await;
    ordering.place(&customer(), keyed(&one_of(&soap), "key-00001", "body")).await.unwrap();
    ordering.process.lifecycle.drain(&ordering.process.readiness, Duration::ZERO).await;
    let config = ordering.database.config();
    let all = migrations::down(&config, MIGRATIONS, usize::MAX).await.unwrap();
    assert!(matches!(migrations::refuse_pending(&config, MIGRATIONS).await, Err(Error::PendingMigrations(_))));
    assert_eq!(migrations::up(&config, MIGRATIONS).await.unwrap().len(), all.len());
    migrations::refuse_pending(&config, MIGRATIONS).await.unwrap();
    assert_eq!(ordering.count("SELECT count(*) FROM wilayas").await, 58);
}

#[tokio::test]
async fn the_ledger_and_the_history_only_grow() {
    let ordering = OrderingTest::start().await;
    ordering.product().insert().await;
    let mut conn = ordering.conn().await;
    for statement in ["UPDATE stock_ledger SET delta = 0", "DELETE FROM stock_ledger", "DELETE FROM order_history"] {
        let refused = diesel::sql_query(statement).execute(&mut conn).await;
        assert!(refused.is_err(), "{statement}");
    }
}
