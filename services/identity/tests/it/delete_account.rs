use access_token::{Account, Caller};
use commerce_types::{Role, SellerCategory};
use events::names::{USER_CHANGED, USER_DELETED, USER_REGISTERED};
use futures::future::join_all;
use protocol::identity::v1::{
    DeleteAccountRequest, RegisterPushTokenRequest, UpdateProfileRequest, UserChanged, UserDeleted, UserRegistered,
};
use protocol::types::v1::TextChange;
use serde_json::json;
use service_error::{Reason, ServiceError};
use tonic::Status;

use crate::harness::{IdentityTest, reason};
use crate::svix::{Webhook, clerk_user};

async fn delete(identity: &IdentityTest, account: &Account) -> Result<String, Status> {
    let request = identity.by(account, DeleteAccountRequest {});
    Ok(identity.client.clone().delete_account(request).await?.into_inner().user_id)
}

fn text(value: &str) -> Option<TextChange> {
    Some(TextChange { value: Some(value.to_owned()) })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_whose_it_was_is_left() {
    let identity = IdentityTest::start().await;
    identity.tell("user.created", clerk_user("user_amina", "Planted", 1)).await;
    let id = identity.resolve("user_amina").await.user_id;
    let amina = Account { user_id: id.parse().unwrap(), ..test_support::customer() };
    let changes = UpdateProfileRequest {
        full_name: Some("Planted Twice".to_owned()),
        phone: text("0777 98 76 54"),
        wilaya: text("Tamanrasset"),
        bio: text("Planted bio"),
        avatar_url: text("https://cdn.example.dz/planted"),
    };
    identity.client.clone().update_profile(identity.by(&amina, changes)).await.unwrap();
    let device = RegisterPushTokenRequest { token: "ExpoPushToken[planted]".to_owned(), platform: None };
    identity.client.clone().register_push_token(identity.by(&amina, device)).await.unwrap();
    // One that waits: it goes with the account.
    let late = Webhook::new("user.updated", clerk_user("user_amina", "Planted", 5));
    identity.send(&late).await;
    identity.applied().await;
    let waiting = format!(
        "UPDATE webhooks SET body = 'planted'::bytea, applied_at = NULL, due_at = now() + interval '1 day' \
         WHERE svix_id = '{}'",
        late.id
    );
    identity.execute(&waiting).await;
    let before = identity.dump().await.to_lowercase();
    for planted in ["planted", "777987654", "tamanrasset"] {
        assert!(before.contains(planted), "{planted}: the test proves nothing");
    }

    assert_eq!(delete(&identity, &amina).await.unwrap(), id);
    let after = identity.dump().await.to_lowercase();
    for planted in ["planted", "777987654", "tamanrasset", "+213555123456"] {
        assert!(!after.contains(planted), "{planted} in {after}");
    }
    assert!(after.contains("deleted user"));
    assert!(identity.resolve("user_amina").await.is_deleted);
    let mut conn = identity.conn().await;
    let registered: Vec<UserRegistered> = test_support::outbox::messages(&mut conn, USER_REGISTERED).await;
    let changed: Vec<UserChanged> = test_support::outbox::messages(&mut conn, USER_CHANGED).await;
    let told: Vec<UserDeleted> = test_support::outbox::messages(&mut conn, USER_DELETED).await;
    for account in
        registered.into_iter().filter_map(|it| it.account).chain(changed.into_iter().filter_map(|it| it.account))
    {
        let user = account.user.unwrap();
        assert_eq!((user.id.as_str(), user.full_name.as_str(), user.avatar_url), (id.as_str(), "Deleted user", None));
    }
    assert_eq!(told.len(), 1);
    let entry =
        ("user.deleted".to_owned(), Some(amina.user_id.into()), json!({ "deleted": { "from": false, "to": true } }));
    assert_eq!(identity.audit().await, [entry]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_finishes_its_orders_first() {
    let identity = IdentityTest::start().await;
    let seller = identity.user().seller(SellerCategory::Grossiste).insert().await;
    identity.ordering.has_open(3);
    let refused = ServiceError::from_status(&delete(&identity, &seller).await.unwrap_err());
    assert_eq!(refused.reason, Reason::AccountHasOpenOrders);
    assert_eq!(refused.details[0].extra["open_orders"], 3);
    identity.ordering.go_away();
    assert_eq!(reason(&delete(&identity, &seller).await.unwrap_err()), Reason::Unavailable);
    assert!(identity.said().await.is_empty());

    identity.ordering.has_open(0);
    delete(&identity, &seller).await.unwrap();
    assert_eq!(identity.said().await, [USER_DELETED]);
    // Asked in the seller's own name, so that ordering decides whose orders are counted.
    let asked = identity.ordering.asked_with();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|token| token.starts_with("Bearer ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn others_do_not_wait_for_ordering() {
    let identity = IdentityTest::start().await;
    identity.ordering.go_away();
    for role in [Role::Customer, Role::Freelancer, Role::Admin] {
        let account = identity.user().role(role).insert().await;
        delete(&identity, &account).await.unwrap();
    }
    assert!(identity.ordering.asked_with().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_deletions_one_is_told() {
    let identity = IdentityTest::start().await;
    let amina = identity.user().clerk_id("user_amina").insert().await;
    let by_clerk = Webhook::new("user.deleted", json!({ "id": "user_amina", "deleted": true }));
    identity.send(&by_clerk).await;
    let answers = join_all((0..8).map(|_| delete(&identity, &amina))).await;
    identity.applied().await;
    for refused in answers.into_iter().filter_map(Result::err) {
        assert_eq!(reason(&refused), Reason::Unauthorized);
    }
    assert_eq!(identity.said().await, [USER_DELETED]);
    assert_eq!(identity.audit().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_ones_own_account_goes() {
    let identity = IdentityTest::start().await;
    for caller in [Caller::GUEST, Caller::service("gateway")] {
        let request = identity.by_caller(&caller, DeleteAccountRequest {});
        let refused = identity.client.clone().delete_account(request).await.unwrap_err();
        assert!([Reason::Unauthorized, Reason::Forbidden].contains(&reason(&refused)));
    }
    let off = identity.user().inactive().insert().await;
    assert_eq!(reason(&delete(&identity, &off).await.unwrap_err()), Reason::AccountDisabled);
}
