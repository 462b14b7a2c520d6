use access_token::Account;
use commerce_types::{Role, SellerCategory};
use events::names::USER_CHANGED;
use futures::future::join_all;
use protocol::identity::v1::{ChooseRoleRequest, Profile};
use protocol::types::v1 as types;
use serde_json::json;
use service_error::{Reason, ServiceError};
use tonic::Status;

use crate::harness::{IdentityTest, reason};

async fn choose(
    identity: &IdentityTest,
    account: &Account,
    role: types::Role,
    category: Option<types::SellerCategory>,
) -> Result<Profile, Status> {
    let message = ChooseRoleRequest { role: role.into(), seller_category: category.map(Into::into) };
    let request = identity.by(account, message);
    identity.client.clone().choose_role(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_becomes_an_approved_seller() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    let profile = choose(&identity, &account, types::Role::Seller, Some(types::SellerCategory::Grossiste)).await;
    let profile = profile.unwrap();
    assert_eq!(profile.role(), types::Role::Seller);
    assert_eq!(profile.approval(), types::Approval::Approved);
    assert_eq!(identity.said().await, [USER_CHANGED]);
    let changes = json!({
        "role": { "from": "customer", "to": "seller" },
        "seller_category": { "from": null, "to": "grossiste" },
        "approval": { "from": null, "to": "approved" },
    });
    let entry = ("user.role_chosen".to_owned(), Some(account.user_id.as_uuid()), changes);
    assert_eq!(identity.audit().await, [entry]);

    let again = choose(&identity, &account, types::Role::Seller, Some(types::SellerCategory::Grossiste)).await;
    assert_eq!(again.unwrap().updated_at, profile.updated_at);
    assert_eq!((identity.said().await.len(), identity.audit().await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_seller_may_have_to_wait_for_an_admin() {
    let identity = IdentityTest::start_with_manual_approval().await;
    let account = identity.user().insert().await;
    let profile = choose(&identity, &account, types::Role::Seller, Some(types::SellerCategory::Importateur)).await;
    assert_eq!(profile.unwrap().approval(), types::Approval::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_stay_or_become_freelancers() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    let same = choose(&identity, &account, types::Role::Customer, Some(types::SellerCategory::Grossiste)).await;
    assert_eq!(same.unwrap().role(), types::Role::Customer);
    assert!(identity.said().await.is_empty());
    let profile = choose(&identity, &account, types::Role::Freelancer, None).await.unwrap();
    assert_eq!((profile.role(), profile.seller_category), (types::Role::Freelancer, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_choice_is_refused_with_the_first() {
    let identity = IdentityTest::start().await;
    let seller = identity.user().seller(SellerCategory::Fournisseur).insert().await;
    let freelancer = identity.user().role(Role::Freelancer).insert().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let cases = [
        (&seller, types::Role::Seller, Some(types::SellerCategory::Grossiste), "seller", json!("fournisseur")),
        (&seller, types::Role::Customer, None, "seller", json!("fournisseur")),
        (&freelancer, types::Role::Customer, None, "freelancer", json!(null)),
        (&admin, types::Role::Customer, None, "admin", json!(null)),
    ];
    for (account, role, category, has, category_it_has) in cases {
        let refused = ServiceError::from_status(&choose(&identity, account, role, category).await.unwrap_err());
        assert_eq!(refused.reason, Reason::RoleAlreadySet);
        assert_eq!(refused.details[0].extra["role"], has);
        assert_eq!(refused.details[0].extra["seller_category"], category_it_has);
    }
    assert!(identity.said().await.is_empty() && identity.audit().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_and_sellers_of_nothing_are_not_made_like_that() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    for (role, category) in [(types::Role::Admin, None), (types::Role::Seller, None)] {
        let refused = choose(&identity, &account, role, category).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::ValidationError);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_choices_one_wins() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    let categories =
        [types::SellerCategory::Importateur, types::SellerCategory::Grossiste, types::SellerCategory::Fournisseur];
    let choices = (0..12).map(|n| choose(&identity, &account, types::Role::Seller, Some(categories[n % 3])));
    let (won, lost): (Vec<_>, Vec<_>) = join_all(choices).await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (4, 8));
    assert!(lost.into_iter().all(|lost| reason(&lost.unwrap_err()) == Reason::RoleAlreadySet));
    assert_eq!((identity.said().await.len(), identity.audit().await.len()), (1, 1));
}
