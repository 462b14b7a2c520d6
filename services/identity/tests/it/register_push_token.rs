use access_token::Account;
use futures::future::join_all;
use protocol::identity::v1::{Platform, PushTokenRegistered, RegisterPushTokenRequest};
use service_error::Reason;
use tonic::Status;

use crate::harness::{IdentityTest, reason};

async fn register(
    identity: &IdentityTest,
    account: &Account,
    token: &str,
    platform: Option<Platform>,
) -> Result<PushTokenRegistered, Status> {
    let message = RegisterPushTokenRequest { token: token.to_owned(), platform: platform.map(Into::into) };
    let request = identity.by(account, message);
    Ok(identity.client.clone().register_push_token(request).await?.into_inner())
}

async fn owner(identity: &IdentityTest, token: &str, account: &Account) -> bool {
    let sql = format!("SELECT count(*) FROM push_tokens WHERE token = '{token}' AND user_id = '{}'", account.user_id);
    identity.count(&sql).await == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_registered_as_often_as_it_likes() {
    let identity = IdentityTest::start().await;
    let amina = identity.user().insert().await;
    let first = register(&identity, &amina, "ExpoPushToken[a]", Some(Platform::Ios)).await.unwrap();
    let second = register(&identity, &amina, "ExpoPushToken[a]", None).await.unwrap();
    assert_eq!((first.token.as_str(), second.token.as_str()), ("ExpoPushToken[a]", "ExpoPushToken[a]"));
    let at = |registered: &PushTokenRegistered| registered.registered_at.map(|at| (at.seconds, at.nanos));
    assert!(at(&first) < at(&second));
    assert_eq!(identity.count("SELECT count(*) FROM push_tokens").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_belongs_to_who_registered_it_last() {
    let identity = IdentityTest::start().await;
    let (amina, yanis) = (identity.user().insert().await, identity.user().insert().await);
    register(&identity, &amina, "ExpoPushToken[a]", None).await.unwrap();
    register(&identity, &yanis, "ExpoPushToken[a]", None).await.unwrap();
    assert!(owner(&identity, "ExpoPushToken[a]", &yanis).await);
    assert_eq!(identity.count("SELECT count(*) FROM push_tokens").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_of_eleven_goes() {
    let identity = IdentityTest::start().await;
    let amina = identity.user().insert().await;
    for number in 0..11 {
        register(&identity, &amina, &format!("ExpoPushToken[{number}]"), None).await.unwrap();
    }
    assert_eq!(identity.count("SELECT count(*) FROM push_tokens").await, 10);
    assert!(!owner(&identity, "ExpoPushToken[0]", &amina).await && owner(&identity, "ExpoPushToken[10]", &amina).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_registrations_leave_ten_and_one_owner_each() {
    let identity = IdentityTest::start().await;
    let people = [identity.user().insert().await, identity.user().insert().await];
    let all = (0..60).map(|n| {
        let (identity, account) = (&identity, &people[n % 2]);
        async move { register(identity, account, &format!("ExpoPushToken[{}]", n % 15), None).await.unwrap() }
    });
    join_all(all).await;
    for account in people {
        let sql = format!("SELECT count(*) FROM push_tokens WHERE user_id = '{}'", account.user_id);
        assert!(identity.count(&sql).await <= 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_an_account_registers() {
    let identity = IdentityTest::start().await;
    let gone = identity.user().deleted().insert().await;
    let off = identity.user().inactive().insert().await;
    for (account, code) in [(gone, Reason::Unauthorized), (off, Reason::AccountDisabled)] {
        let refused = register(&identity, &account, "ExpoPushToken[a]", None).await.unwrap_err();
        assert_eq!(reason(&refused), code);
    }
    let guest = identity.by_caller(&access_token::Caller::GUEST, RegisterPushTokenRequest::default());
    assert_eq!(reason(&identity.client.clone().register_push_token(guest).await.unwrap_err()), Reason::Unauthorized);
    assert_eq!(identity.count("SELECT count(*) FROM push_tokens").await, 0);
}
