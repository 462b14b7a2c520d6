use commerce_types::{Approval, Role, SellerCategory};
use protocol::identity::v1::{AccountCounts, CountAccountsRequest};
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

#[tokio::test(flavor = "multi_thread")]
async fn the_living_are_counted_by_kind() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let category = SellerCategory::Grossiste;
    identity.user().insert().await;
    identity.user().inactive().insert().await;
    identity.user().role(Role::Freelancer).insert().await;
    identity.user().seller(category).insert().await;
    identity.user().seller(category).approval(Approval::Pending).inactive().insert().await;
    identity.user().seller(category).approval(Approval::Rejected).insert().await;
    identity.user().seller(category).deleted().insert().await;
    let request = identity.by(&admin, CountAccountsRequest {});
    let counts = identity.client.clone().count_accounts(request).await.unwrap().into_inner();
    let expected =
        AccountCounts { customers: 2, sellers: 3, freelancers: 1, admins: 1, pending_sellers: 1, inactive: 2 };
    assert_eq!(counts, expected);

    let request = identity.by(&test_support::seller(), CountAccountsRequest {});
    let refused = identity.client.clone().count_accounts(request).await.unwrap_err();
    assert_eq!(reason(&refused), Reason::Forbidden);
}
