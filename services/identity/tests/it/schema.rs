//! The schema, and the way to it and back.

use commerce_types::SellerCategory;
use test_support::{TestDatabase, schema};

use crate::builders::UserBuilder;

#[tokio::test(flavor = "multi_thread")]
async fn schema_is_current() {
    schema::assert_current("identity").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_down_and_up_again_on_a_filled_database() {
    let database = TestDatabase::new("identity").await;
    UserBuilder::new(&database).seller(SellerCategory::Grossiste).wilaya("Alger").insert().await;
    UserBuilder::new(&database).deleted().insert().await;
    schema::assert_reversible("identity", &database).await;
}
