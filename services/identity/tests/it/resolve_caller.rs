use std::collections::HashSet;

use access_token::Caller;
use events::names::{USER_CHANGED, USER_REGISTERED};
use futures::future::join_all;
use protocol::identity::v1::{ResolveCallerRequest, UserChanged, UserRegistered};
use protocol::types::v1 as types;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

fn with_claims(clerk_id: &str) -> ResolveCallerRequest {
    ResolveCallerRequest {
        clerk_id: clerk_id.to_owned(),
        name: Some("Amina Haddad".to_owned()),
        email: Some("amina@example.dz".to_owned()),
        picture: Some("https://img.clerk.com/amina".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sight_of_a_token_makes_an_account() {
    let identity = IdentityTest::start().await;
    let caller = identity.resolve_with(with_claims("user_amina")).await;
    assert_eq!(caller.role(), types::Role::Customer);
    assert_eq!((caller.full_name.as_str(), caller.is_active, caller.is_deleted), ("Amina Haddad", true, false));
    assert_eq!(caller.avatar_url.as_deref(), Some("https://img.clerk.com/amina"));

    let again = identity.resolve("user_amina").await;
    assert_eq!(again, caller);
    let events: Vec<UserRegistered> = test_support::outbox::messages(&mut identity.conn().await, USER_REGISTERED).await;
    assert_eq!(events.len(), 1);
    let account = events[0].account.clone().unwrap();
    assert_eq!((account.user.unwrap().id, account.version, account.is_active), (caller.user_id, 1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_claims_has_a_name_all_the_same() {
    let identity = IdentityTest::start().await;
    assert_eq!(identity.resolve("user_nobody").await.full_name, "User");
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_first_requests_make_one_account_and_one_event() {
    let identity = IdentityTest::start().await;
    let callers = join_all((0..40).map(|_| identity.resolve_with(with_claims("user_rush")))).await;
    let ids: HashSet<_> = callers.into_iter().map(|caller| caller.user_id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(identity.said().await, [USER_REGISTERED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_fill_an_empty_profile_once() {
    let identity = IdentityTest::start().await;
    identity.resolve("user_late").await;
    let callers = join_all((0..10).map(|_| identity.resolve_with(with_claims("user_late")))).await;
    assert!(callers.iter().all(|caller| caller.full_name == "Amina Haddad"));

    let other = ResolveCallerRequest { name: Some("Another".to_owned()), ..with_claims("user_late") };
    assert_eq!(identity.resolve_with(other).await.full_name, "Amina Haddad");
    assert_eq!(identity.said().await, [USER_REGISTERED, USER_CHANGED]);
    let changed: Vec<UserChanged> = test_support::outbox::messages(&mut identity.conn().await, USER_CHANGED).await;
    assert_eq!(changed[0].clerk_id, "user_late");
    assert_eq!(changed[0].account.as_ref().unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deleted_and_the_switched_off_are_told_apart() {
    let identity = IdentityTest::start().await;
    identity.user().clerk_id("user_gone").deleted().insert().await;
    identity.user().clerk_id("user_off").inactive().insert().await;

    let gone = identity.resolve_with(with_claims("user_gone")).await;
    assert!(gone.is_deleted && gone.user_id.is_empty() && gone.full_name.is_empty());
    let off = identity.resolve("user_off").await;
    assert!(!off.is_active && !off.is_deleted);
    assert!(identity.said().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_gateway_may_ask() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    for caller in [Caller::GUEST, Caller::service("catalog"), Caller::Account(account)] {
        let request = identity.by_caller(&caller, with_claims("user_x"));
        let refused = identity.client.clone().resolve_caller(request).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::Forbidden);
    }
    let bare = tonic::Request::new(with_claims("user_x"));
    assert_eq!(reason(&identity.client.clone().resolve_caller(bare).await.unwrap_err()), Reason::Unauthorized);
}
