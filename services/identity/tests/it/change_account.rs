use access_token::Account;
use commerce_types::{Role, SellerCategory, UserId};
use events::names::USER_CHANGED;
use futures::future::join_all;
use protocol::identity::v1::{ChangeAccountRequest, Profile, UserChanged};
use protocol::types::v1 as types;
use service_error::Reason;
use tonic::Status;

use crate::harness::{IdentityTest, reason};

async fn change(identity: &IdentityTest, admin: &Account, message: ChangeAccountRequest) -> Result<Profile, Status> {
    let request = identity.by(admin, message);
    identity.client.clone().change_account(request).await.map(tonic::Response::into_inner)
}

fn of(user_id: UserId) -> ChangeAccountRequest {
    ChangeAccountRequest { user_id: user_id.to_string(), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_a_seller_and_the_audit_says_so() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let user = identity.user().insert().await;
    let message = ChangeAccountRequest {
        role: Some(types::Role::Seller.into()),
        seller_category: Some(types::SellerCategory::Grossiste.into()),
        is_verified: Some(true),
        ..of(user.user_id)
    };
    let profile = change(&identity, &admin, message).await.unwrap();
    assert_eq!((profile.role(), profile.approval()), (types::Role::Seller, types::Approval::Approved));
    assert!(profile.is_verified);

    let audit = identity.audit().await;
    let mut actions: Vec<_> = audit.iter().map(|(action, actor, _)| (action.as_str(), *actor)).collect();
    actions.sort_unstable();
    let actor = Some(admin.user_id.as_uuid());
    assert_eq!(actions, [("user.role_changed", actor), ("user.verified_changed", actor)]);
    let changed: Vec<UserChanged> = test_support::outbox::messages(&mut identity.conn().await, USER_CHANGED).await;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].account.as_ref().unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_and_switch_are_actions_of_their_own() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let seller = identity.user().seller(SellerCategory::Grossiste).insert().await;
    let rejected = ChangeAccountRequest { approval: Some(types::Approval::Rejected.into()), ..of(seller.user_id) };
    change(&identity, &admin, rejected.clone()).await.unwrap();
    change(&identity, &admin, rejected).await.unwrap();
    let off = ChangeAccountRequest { is_active: Some(false), ..of(seller.user_id) };
    let profile = change(&identity, &admin, off).await.unwrap();
    assert!(!profile.is_active && profile.approval() == types::Approval::Rejected);
    let actions: Vec<_> = identity.audit().await.into_iter().map(|(action, ..)| action).collect();
    assert_eq!(actions, ["user.approval_changed", "user.active_changed"]);
    assert_eq!(identity.said().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_result_must_be_an_account_that_can_be() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let user = identity.user().insert().await;
    let impossible = [
        ChangeAccountRequest { role: Some(types::Role::Seller.into()), ..of(user.user_id) },
        ChangeAccountRequest { approval: Some(types::Approval::Approved.into()), ..of(user.user_id) },
        ChangeAccountRequest { seller_category: Some(types::SellerCategory::Grossiste.into()), ..of(user.user_id) },
    ];
    for message in impossible {
        assert_eq!(reason(&change(&identity, &admin, message).await.unwrap_err()), Reason::ValidationError);
    }
    let back = ChangeAccountRequest { role: Some(types::Role::Customer.into()), ..of(user.user_id) };
    assert!(change(&identity, &admin, back).await.is_ok());
    assert!(identity.audit().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_cannot_lock_itself_out() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let own = [
        ChangeAccountRequest { role: Some(types::Role::Customer.into()), ..of(admin.user_id) },
        ChangeAccountRequest { is_active: Some(false), ..of(admin.user_id) },
    ];
    for message in own {
        assert_eq!(reason(&change(&identity, &admin, message).await.unwrap_err()), Reason::Forbidden);
    }
    let badge = ChangeAccountRequest { is_verified: Some(true), ..of(admin.user_id) };
    assert!(change(&identity, &admin, badge).await.unwrap().is_verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_who_demote_each_other_leave_one() {
    let identity = IdentityTest::start().await;
    for _ in 0..5 {
        let one = identity.user().role(Role::Admin).insert().await;
        let two = identity.user().role(Role::Admin).insert().await;
        let demote = |id| ChangeAccountRequest { role: Some(types::Role::Customer.into()), ..of(id) };
        let answers =
            join_all([change(&identity, &one, demote(two.user_id)), change(&identity, &two, demote(one.user_id))])
                .await;
        let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(reason(&refused[0]), Reason::Forbidden);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_change_only_the_living() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(Role::Admin).insert().await;
    let user = identity.user().insert().await;
    let deleted = identity.user().deleted().insert().await;
    let verified = |id| ChangeAccountRequest { is_verified: Some(true), ..of(id) };
    for missing in [deleted.user_id, test_support::customer().user_id] {
        let refused = change(&identity, &admin, verified(missing)).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::UserNotFound);
    }
    let refused = change(&identity, &user, verified(user.user_id)).await.unwrap_err();
    assert_eq!(reason(&refused), Reason::Forbidden);
    // The token still says admin; the account does not.
    let demoted = Account { role: Role::Admin, ..user.clone() };
    let refused = change(&identity, &demoted, verified(admin.user_id)).await.unwrap_err();
    assert_eq!(reason(&refused), Reason::Forbidden);
}
