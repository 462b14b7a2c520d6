//! The schema, and the way to it and back.

use service_runtime::Ids;
use test_support::{TestDatabase, schema};

use crate::builders::LineBuilder;

#[tokio::test(flavor = "multi_thread")]
async fn schema_is_current() {
    schema::assert_current("cart").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_down_and_up_again_on_a_filled_database() {
    let database = TestDatabase::new("cart").await;
    LineBuilder::new(&database, Ids.next(), Ids.next()).insert().await;
    schema::assert_reversible("cart", &database).await;
}
