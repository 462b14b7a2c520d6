use access_token::Account;
use protocol::identity::v1::{RegisterPushTokenRequest, RemovePushTokensRequest};
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

async fn register(identity: &IdentityTest, account: &Account, token: &str) {
    let message = RegisterPushTokenRequest { token: token.to_owned(), platform: None };
    identity.client.clone().register_push_token(identity.by(account, message)).await.unwrap();
}

async fn remove(identity: &IdentityTest, account: &Account, token: Option<&str>) -> u32 {
    let message = RemovePushTokensRequest { token: token.map(str::to_owned) };
    identity.client.clone().remove_push_tokens(identity.by(account, message)).await.unwrap().into_inner().removed
}

#[tokio::test(flavor = "multi_thread")]
async fn one_or_all_of_the_callers_own_go() {
    let identity = IdentityTest::start().await;
    let (amina, yanis) = (identity.user().insert().await, identity.user().insert().await);
    for token in ["ExpoPushToken[a]", "ExpoPushToken[b]", "ExpoPushToken[c]"] {
        register(&identity, &amina, token).await;
    }
    register(&identity, &yanis, "ExpoPushToken[y]").await;

    assert_eq!(remove(&identity, &amina, Some("ExpoPushToken[a]")).await, 1);
    assert_eq!(remove(&identity, &amina, Some("ExpoPushToken[a]")).await, 0);
    assert_eq!(remove(&identity, &amina, Some("ExpoPushToken[y]")).await, 0, "somebody else's");
    assert_eq!(remove(&identity, &amina, None).await, 2);
    assert_eq!(remove(&identity, &amina, None).await, 0);
    assert_eq!(identity.count("SELECT count(*) FROM push_tokens").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_have_none() {
    let identity = IdentityTest::start().await;
    let guest = identity.by_caller(&access_token::Caller::GUEST, RemovePushTokensRequest::default());
    assert_eq!(reason(&identity.client.clone().remove_push_tokens(guest).await.unwrap_err()), Reason::Unauthorized);
}
