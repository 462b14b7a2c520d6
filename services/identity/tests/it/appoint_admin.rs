use commerce_types::SellerCategory;
use events::names::{USER_CHANGED, USER_REGISTERED};
use protocol::types::v1 as types;

use crate::harness::IdentityTest;

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_is_made_and_appointed() {
    let identity = IdentityTest::start().await;
    let id = identity::appoint_admin(&identity.config, "user_boss").await.unwrap();
    assert_eq!(identity::appoint_admin(&identity.config, "user_boss").await.unwrap(), id);
    let caller = identity.resolve("user_boss").await;
    assert_eq!((caller.user_id.as_str(), caller.role()), (id.as_str(), types::Role::Admin));
    assert_eq!(identity.said().await, [USER_REGISTERED, USER_CHANGED]);
    let audit = identity.audit().await;
    assert_eq!((audit.len(), audit[0].0.as_str(), audit[0].1), (1, "user.role_changed", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_stops_being_one() {
    let identity = IdentityTest::start().await;
    identity.user().clerk_id("user_seller").seller(SellerCategory::Grossiste).insert().await;
    identity::appoint_admin(&identity.config, "user_seller").await.unwrap();
    let caller = identity.resolve("user_seller").await;
    assert_eq!((caller.role(), caller.seller_category, caller.approval), (types::Role::Admin, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deleted_are_not_revived() {
    let identity = IdentityTest::start().await;
    identity.user().clerk_id("user_gone").deleted().insert().await;
    assert!(identity::appoint_admin(&identity.config, "user_gone").await.is_err());
    assert!(identity.resolve("user_gone").await.is_deleted);
}
