//! The schema, and the way to it and back.

use diesel_async::SimpleAsyncConnection;
use test_support::{TestDatabase, schema};

use crate::builders::ReelBuilder;

#[tokio::test(flavor = "multi_thread")]
async fn schema_is_current() {
    schema::assert_current("reels").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_down_and_up_again_on_a_filled_database() {
    let database = TestDatabase::new("reels").await;
    ReelBuilder::new(&database).insert().await;
    schema::assert_reversible("reels", &database).await;
}

#[tokio::test]
async fn a_final_status_stays() {
    let database = TestDatabase::new("reels").await;
    let reel = ReelBuilder::new(&database).insert().await;
    let change = format!("UPDATE reels SET status = 'failed', is_public = false WHERE id = '{}'", reel.id);
    let refused = database.conn().await.batch_execute(&change).await;
    assert!(refused.unwrap_err().to_string().contains("stays"));
}
