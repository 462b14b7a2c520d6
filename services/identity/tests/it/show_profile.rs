use access_token::Caller;
use commerce_types::SellerCategory;
use protocol::identity::v1::GetProfileRequest;
use protocol::types::v1 as types;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_sees_all_of_itself() {
    let identity = IdentityTest::start().await;
    let seller = identity
        .user()
        .clerk_id("user_seller")
        .name("Épicerie Béjaïa")
        .seller(SellerCategory::Grossiste)
        .wilaya("Béjaïa")
        .bio("Depuis 1990")
        .insert()
        .await;
    let request = identity.by(&seller, GetProfileRequest {});
    let profile = identity.client.clone().get_profile(request).await.unwrap().into_inner();
    assert_eq!(profile.id, seller.user_id.to_string());
    assert_eq!(profile.clerk_id, "user_seller");
    assert_eq!(profile.role(), types::Role::Seller);
    assert_eq!(profile.seller_category(), types::SellerCategory::Grossiste);
    assert_eq!(profile.approval(), types::Approval::Approved);
    assert_eq!((profile.wilaya.as_deref(), profile.bio.as_deref()), (Some("Béjaïa"), Some("Depuis 1990")));
    assert_eq!((profile.email, profile.phone), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outlives_neither_deletion_nor_the_switch() {
    let identity = IdentityTest::start().await;
    let deleted = identity.user().deleted().insert().await;
    let inactive = identity.user().inactive().insert().await;
    let unknown = test_support::customer();
    let cases = [
        (Caller::Account(deleted), Reason::Unauthorized),
        (Caller::Account(inactive), Reason::AccountDisabled),
        (Caller::Account(unknown), Reason::Unauthorized),
        (Caller::GUEST, Reason::Unauthorized),
    ];
    for (caller, expected) in cases {
        let request = identity.by_caller(&caller, GetProfileRequest {});
        let refused = identity.client.clone().get_profile(request).await.unwrap_err();
        assert_eq!(reason(&refused), expected, "{caller:?}");
    }
}
