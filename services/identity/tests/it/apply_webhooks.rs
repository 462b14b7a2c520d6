use events::names::{SESSION_ENDED, USER_CHANGED, USER_DELETED, USER_REGISTERED};
use futures::future::{join, join_all};
use protocol::identity::v1::{
    ChangeAccountRequest, Profile, SessionEnded, UpdateProfileRequest, UserChanged, UserDeleted, UserRegistered,
};
use serde_json::{Value, json};

use crate::harness::{IdentityTest, SOON};
use crate::svix::{Webhook, clerk_user};

const AMINA: &str = "user_amina";

fn with(mut data: Value, member: &str, value: Value) -> Value {
    data[member] = value;
    data
}

async fn profile(identity: &IdentityTest, clerk_id: &str) -> Profile {
    let caller = identity.resolve(clerk_id).await;
    let account = access_token::Account { user_id: caller.user_id.parse().unwrap(), ..test_support::customer() };
    identity.client.clone().get_profile(identity.by(&account, Default::default())).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_comes_to_be_and_follows_its_state_at_clerk() {
    let identity = IdentityTest::start().await;
    identity.tell("user.created", clerk_user(AMINA, "Amina", 1)).await;
    let made = profile(&identity, AMINA).await;
    assert_eq!((made.full_name.as_str(), made.email.as_deref()), ("Amina Haddad", Some("Amina@example.dz")));
    assert_eq!(made.phone.as_deref(), Some("+213555123456"));
    assert_eq!(made.avatar_url.as_deref(), Some("https://img.clerk.com/Amina"));
    let told: Vec<UserRegistered> = test_support::outbox::messages(&mut identity.conn().await, USER_REGISTERED).await;
    assert_eq!(told[0].account.as_ref().unwrap().user.as_ref().unwrap().full_name, "Amina Haddad");

    let cleared =
        json!({ "id": AMINA, "first_name": "Amel", "email_addresses": [], "updated_at": 1_790_000_000_002_i64 });
    identity.tell("user.updated", cleared).await;
    let changed = profile(&identity, AMINA).await;
    assert_eq!((changed.full_name.as_str(), changed.email, changed.phone), ("Amel", None, None));
    assert_eq!(identity.said().await, [USER_REGISTERED, USER_CHANGED]);
    assert_eq!(identity.count("SELECT count(*) FROM webhooks WHERE body IS NOT NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_any_order_and_number_the_newest_state_wins() {
    let identity = IdentityTest::start().await;
    // 1 to 60, shuffled by a stride, each sent twice under its id and once more under another.
    let all = (0..60).map(|n| n * 37 % 60 + 1).flat_map(|n| {
        let webhook = Webhook::new("user.updated", clerk_user(AMINA, &format!("N{n}"), n));
        [webhook.clone(), webhook, Webhook::new("user.created", clerk_user(AMINA, &format!("N{n}"), n))]
    });
    let identity_ref = &identity;
    join_all(all.map(|webhook| async move { identity_ref.send(&webhook).await })).await;
    identity.applied().await;
    let newest = profile(&identity, AMINA).await;
    assert_eq!((newest.full_name.as_str(), newest.email.as_deref()), ("N60 Haddad", Some("N60@example.dz")));
    assert_eq!(identity.count("SELECT count(*) FROM users").await, 1);
    let registered = identity.said().await.into_iter().filter(|name| name == USER_REGISTERED).count();
    assert_eq!(registered, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_and_first_requests_make_one_account_each() {
    let identity = IdentityTest::start().await;
    let (identity, ids): (_, Vec<String>) = (&identity, (0..20).map(|n| format!("user_{n}")).collect());
    let requests = ids.iter().flat_map(|id| [id, id]).map(|id| identity.resolve(id));
    let webhooks = ids.iter().map(|id| async move {
        identity.send(&Webhook::new("user.updated", clerk_user(id, "Newest", 2))).await;
        identity.send(&Webhook::new("user.created", clerk_user(id, "First", 1))).await
    });
    join(join_all(requests), join_all(webhooks)).await;
    identity.applied().await;
    assert_eq!(identity.count("SELECT count(*) FROM users").await, 20);
    assert_eq!(identity.count("SELECT count(*) FROM users WHERE full_name = 'Newest Haddad'").await, 20);
    let registered = identity.said().await.into_iter().filter(|name| name == USER_REGISTERED).count();
    assert_eq!(registered, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_edited_stays() {
    let identity = IdentityTest::start().await;
    let account = identity.user().clerk_id(AMINA).insert().await;
    let changes = UpdateProfileRequest { full_name: Some("Yasmine".to_owned()), ..Default::default() };
    identity.client.clone().update_profile(identity.by(&account, changes)).await.unwrap();
    identity.tell("user.updated", clerk_user(AMINA, "Amina", 1)).await;
    let kept = profile(&identity, AMINA).await;
    assert_eq!((kept.full_name.as_str(), kept.email.as_deref()), ("Yasmine", Some("Amina@example.dz")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_is_told_audited_and_lifted_and_metadata_sets_no_role() {
    let identity = IdentityTest::start().await;
    let admin = identity.user().role(commerce_types::Role::Admin).insert().await;
    identity.tell("user.created", clerk_user(AMINA, "Amina", 1)).await;
    let banned = with(clerk_user(AMINA, "Amina", 2), "banned", json!(true));
    let banned = with(banned, "public_metadata", json!({ "role": "admin" }));
    identity.tell("user.updated", banned).await;
    let caller = identity.resolve(AMINA).await;
    assert_eq!((caller.is_active, caller.role()), (false, protocol::types::v1::Role::Customer));
    let changed: Vec<UserChanged> = test_support::outbox::messages(&mut identity.conn().await, USER_CHANGED).await;
    assert!(!changed[0].account.as_ref().unwrap().is_active);
    let entry = ("user.active_changed".to_owned(), None, json!({ "is_active": { "from": true, "to": false } }));
    assert_eq!(identity.audit().await, [entry]);

    // An older event lifts nothing, nor does an admin; Clerk does.
    identity.tell("user.updated", clerk_user(AMINA, "Amina", 1)).await;
    let lift = ChangeAccountRequest { user_id: caller.user_id.clone(), is_active: Some(true), ..Default::default() };
    identity.client.clone().change_account(identity.by(&admin, lift)).await.unwrap();
    assert!(!identity.resolve(AMINA).await.is_active);
    identity.tell("user.updated", clerk_user(AMINA, "Amina", 3)).await;
    assert!(identity.resolve(AMINA).await.is_active);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_switched_off_stays_off_when_a_ban_ends() {
    let identity = IdentityTest::start().await;
    identity.user().clerk_id(AMINA).inactive().insert().await;
    identity.tell("user.updated", with(clerk_user(AMINA, "Amina", 1), "banned", json!(true))).await;
    identity.tell("user.updated", clerk_user(AMINA, "Amina", 2)).await;
    assert!(!identity.resolve(AMINA).await.is_active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_stays_deleted() {
    let identity = IdentityTest::start().await;
    identity.tell("user.created", clerk_user(AMINA, "Amina", 1)).await;
    let id = identity.resolve(AMINA).await.user_id;
    identity.tell("user.deleted", json!({ "id": AMINA, "object": "user", "deleted": true })).await;
    assert!(identity.resolve(AMINA).await.is_deleted);
    let told: Vec<UserDeleted> = test_support::outbox::messages(&mut identity.conn().await, USER_DELETED).await;
    assert_eq!((told[0].user_id.as_str(), told[0].clerk_id.as_str()), (id.as_str(), AMINA));

    identity.tell("user.updated", clerk_user(AMINA, "Amina", 99)).await;
    identity.tell("user.deleted", json!({ "id": AMINA, "deleted": true })).await;
    assert!(identity.resolve(AMINA).await.is_deleted);
    assert_eq!(identity.said().await, [USER_REGISTERED, USER_DELETED]);
    let dump = identity.dump().await;
    assert!(!dump.contains("Haddad") && !dump.contains("Amina@") && !dump.contains("555123456"), "{dump}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_never_seen_leaves_a_tombstone_too() {
    let identity = IdentityTest::start().await;
    let at = 1_790_000_000_i64;
    let event = json!({
        "type": "user.deleted", "data": { "id": AMINA, "deleted": true }, "timestamp": at,
        "instance_id": crate::svix::INSTANCE,
    });
    identity.send(&Webhook::of(event.to_string())).await;
    identity.applied().await;
    identity.tell("user.created", clerk_user(AMINA, "Amina", 1)).await;
    assert!(identity.resolve(AMINA).await.is_deleted);
    assert!(identity.said().await.is_empty(), "nobody ever heard of it");
    assert_eq!(identity.count("SELECT extract(epoch FROM deleted_at) FROM users").await, at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_wins_over_everything_that_runs_beside_it() {
    let identity = IdentityTest::start().await;
    let identity = &identity;
    let ids: Vec<String> = (0..10).map(|n| format!("user_{n}")).collect();
    let storm = ids.iter().map(|id| async move {
        let sent = [
            Webhook::new("user.created", clerk_user(id, "Amina", 1)),
            Webhook::new("user.deleted", json!({ "id": id, "deleted": true })),
            Webhook::new("user.updated", clerk_user(id, "Amina", 2)),
        ];
        let sent = sent.map(|webhook| async move { identity.send(&webhook).await });
        join(join_all(sent), identity.resolve(id)).await
    });
    join_all(storm).await;
    identity.applied().await;
    for id in &ids {
        assert!(identity.resolve(id).await.is_deleted);
    }
    assert!(!identity.dump().await.contains("Haddad"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_session_is_told() {
    let identity = IdentityTest::start().await;
    for kind in ["session.ended", "session.removed", "session.revoked"] {
        identity.tell(kind, json!({ "id": format!("sess_{kind}"), "user_id": AMINA })).await;
    }
    let told: Vec<SessionEnded> = test_support::outbox::messages(&mut identity.conn().await, SESSION_ENDED).await;
    let ids: Vec<_> = told.into_iter().map(|told| told.session_id).collect();
    assert_eq!(ids, ["sess_session.ended", "sess_session.removed", "sess_session.revoked"]);
    assert_eq!(identity.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_applied_waits_for_another_try_and_holds_nobody_up() {
    let identity = IdentityTest::start().await;
    identity.execute("ALTER TABLE users ADD CONSTRAINT nobody CHECK (full_name <> 'Amina Haddad')").await;
    identity.send(&Webhook::new("user.created", clerk_user(AMINA, "Amina", 1))).await;
    identity.send(&Webhook::new("user.created", clerk_user("user_yanis", "Yanis", 1))).await;
    test_support::eventually(SOON, async || {
        identity.count("SELECT count(*) FROM users").await == 1
            && identity.count("SELECT coalesce(max(failures), 0) FROM webhooks").await >= 1
    })
    .await;
    identity.execute("ALTER TABLE users DROP CONSTRAINT nobody").await;
    identity.applied().await;
    assert_eq!(identity.resolve(AMINA).await.full_name, "Amina Haddad");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_apply_each_once() {
    let identity = IdentityTest::start().await;
    identity.another_instance().await;
    let identity = &identity;
    let ends = (0..60).map(|n| async move {
        identity.send(&Webhook::new("session.ended", json!({ "id": format!("sess_{n}") }))).await
    });
    join_all(ends).await;
    identity.applied().await;
    let told: Vec<SessionEnded> = test_support::outbox::messages(&mut identity.conn().await, SESSION_ENDED).await;
    let ids: std::collections::HashSet<_> = told.iter().map(|told| &told.session_id).collect();
    assert_eq!((told.len(), ids.len()), (60, 60));
}
