use access_token::Caller;
use commerce_types::SellerCategory;
use protocol::identity::v1::ListPublicUsersRequest;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn services_hear_of_the_living_and_others_of_nobody() {
    let identity = IdentityTest::start().await;
    let seller = identity.user().seller(SellerCategory::Grossiste).insert().await;
    let off = identity.user().inactive().insert().await;
    let deleted = identity.user().deleted().insert().await;
    let ids: Vec<_> = [&seller, &off, &deleted].iter().map(|account| account.user_id.to_string()).collect();
    let message = ListPublicUsersRequest { ids };

    let request = identity.by_caller(&Caller::service("catalog"), message.clone());
    let mut accounts = identity.client.clone().list_public_users(request).await.unwrap().into_inner().accounts;
    accounts.sort_by_key(|account| !account.is_active);
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0].user.as_ref().unwrap().id, seller.user_id.to_string());
    assert!(accounts[0].is_active && !accounts[1].is_active);

    let request = identity.by(&seller, message);
    let refused = identity.client.clone().list_public_users(request).await.unwrap_err();
    assert_eq!(reason(&refused), Reason::Forbidden);
}
