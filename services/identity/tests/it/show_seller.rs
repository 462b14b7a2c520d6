use access_token::Caller;
use commerce_types::{Approval, SellerCategory, UserId};
use protocol::identity::v1::{GetSellerRequest, Seller};
use service_error::Reason;
use tonic::Status;

use crate::harness::{IdentityTest, reason};

async fn show(identity: &IdentityTest, id: UserId) -> Result<Seller, Status> {
    let request = identity.by_caller(&Caller::GUEST, GetSellerRequest { id: id.to_string() });
    identity.client.clone().get_seller(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_is_shown_without_contact_data() {
    let identity = IdentityTest::start().await;
    let seller = identity.user().seller(SellerCategory::Grossiste).wilaya("Oran").bio("Tissus").insert().await;
    let shown = show(&identity, seller.user_id).await.unwrap();
    assert_eq!(shown.user.unwrap().full_name, seller.full_name);
    assert_eq!((shown.wilaya.as_deref(), shown.bio.as_deref()), (Some("Oran"), Some("Tissus")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sell_is_not_there() {
    let identity = IdentityTest::start().await;
    let category = SellerCategory::Grossiste;
    let hidden = [
        identity.user().insert().await,
        identity.user().seller(category).approval(Approval::Pending).insert().await,
        identity.user().seller(category).approval(Approval::Rejected).insert().await,
        identity.user().seller(category).inactive().insert().await,
        identity.user().seller(category).deleted().insert().await,
        test_support::seller(),
    ];
    for account in hidden {
        let refused = show(&identity, account.user_id).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::SellerNotFound, "{account:?}");
    }
}
