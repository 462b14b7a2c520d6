use commerce_types::Role;
use protocol::identity::v1::GetAccountRequest;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_the_living_and_the_deleted() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let amina = identity.user().name("Amina").email("amina@example.dz").phone("+213555123456").insert().await;
    let deleted = identity.user().deleted().insert().await;
    let get = |id: String| {
        let request = identity.by(&admin, GetAccountRequest { user_id: id });
        let mut client = identity.client.clone();
        async move { client.get_account(request).await.map(tonic::Response::into_inner) }
    };
    let account = get(amina.user_id.to_string()).await.unwrap();
    assert_eq!((account.full_name.as_str(), account.email.as_deref()), ("Amina", Some("amina@example.dz")));
    assert_eq!((account.phone.as_deref(), account.deleted_at), (Some("+213555123456"), None));
    assert!(get(deleted.user_id.to_string()).await.unwrap().deleted_at.is_some());
    let missing = get(test_support::customer().user_id.to_string()).await.unwrap_err();
    assert_eq!(reason(&missing), Reason::UserNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_an_account_of_others() {
    let identity = IdentityTest::start().await;
    let amina = identity.user().insert().await;
    for account in [amina.clone(), test_support::seller()] {
        let request = identity.by(&account, GetAccountRequest { user_id: amina.user_id.to_string() });
        let refused = identity.client.clone().get_account(request).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::Forbidden);
    }
}
