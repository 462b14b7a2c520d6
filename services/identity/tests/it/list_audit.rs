use access_token::Account;
use commerce_types::{Role, UserId};
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use protocol::identity::v1::{AuditEntry, ListAuditRequest};
use protocol::types::v1 as types;
use serde_json::{Value, json};
use service_error::Reason;
use service_runtime::Ids;
use uuid::Uuid;

use crate::harness::{IdentityTest, fields, reason};

fn all() -> ListAuditRequest {
    ListAuditRequest { page: Some(types::Page { number: 1, limit: 20 }), ..Default::default() }
}

async fn list(identity: &IdentityTest, by: &Account, message: ListAuditRequest) -> Vec<AuditEntry> {
    let request = identity.by(by, message);
    let answer = identity.client.clone().list_audit(request).await.unwrap().into_inner();
    assert_eq!(answer.total, answer.entries.len() as u64);
    answer.entries
}

async fn targets(identity: &IdentityTest, by: &Account, message: ListAuditRequest) -> Vec<String> {
    list(identity, by, message).await.into_iter().map(|entry| entry.target_id).collect()
}

/// An entry, written directly.
async fn keep(identity: &IdentityTest, actor: Option<UserId>, action: &str, target: &str, at: &str) {
    diesel::sql_query(
        "INSERT INTO audit (id, actor_id, action, target_type, target_id, changes, request_id, created_at) \
         VALUES ($1, $2, $3, split_part($3, '.', 1), $4, '{\"price\": {\"from\": 1, \"to\": 2}}', 'request-1', $5::timestamptz)",
    )
    .bind::<SqlUuid, _>(Ids.next::<Uuid>())
    .bind::<Nullable<SqlUuid>, _>(actor)
    .bind::<Text, _>(action)
    .bind::<Text, _>(target)
    .bind::<Text, _>(at)
    .execute(&mut identity.conn().await)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_say_who_did_what_newest_first() {
    let identity = IdentityTest::start().await;
    let boss = identity.user().name("Boss").role(Role::Admin).insert().await;
    let gone = identity.user().name("Deleted user").role(Role::Admin).deleted().insert().await;
    keep(&identity, None, "user.deleted", "one", "2026-11-20T10:00:00Z").await;
    keep(&identity, Some(gone.user_id), "product.changed", "two", "2026-11-21T10:00:00Z").await;
    keep(&identity, Some(boss.user_id), "product.changed", "three", "2026-11-22T10:00:00Z").await;
    let entries = list(&identity, &boss, all()).await;
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.target_id.as_str(), entry.actor.as_ref().map(|actor| actor.full_name.as_str())))
        .collect();
    assert_eq!(seen, [("three", Some("Boss")), ("two", Some("Deleted user")), ("one", None)]);
    assert_eq!(entries[0].actor_id, Some(boss.user_id.to_string()));
    assert_eq!((entries[0].action.as_str(), entries[0].target_type.as_str()), ("product.changed", "product"));
    assert_eq!(entries[0].request_id.as_deref(), Some("request-1"));
    let changes: Value = serde_json::from_str(&entries[0].changes).unwrap();
    assert_eq!(changes, json!({ "price": { "from": 1, "to": 2 } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_and_days_are_those_of_algiers() {
    let identity = IdentityTest::start().await;
    let (boss, other) =
        (identity.user().role(Role::Admin).insert().await, identity.user().role(Role::Admin).insert().await);
    keep(&identity, Some(boss.user_id), "order.status_changed", "a", "2026-11-21T22:59:59.999Z").await;
    keep(&identity, Some(boss.user_id), "product.changed", "b", "2026-11-21T23:00:00Z").await;
    keep(&identity, Some(other.user_id), "product.deleted", "b", "2026-11-22T22:59:59.999Z").await;
    keep(&identity, Some(other.user_id), "product.deleted", "c", "2026-11-22T23:00:00Z").await;
    let text = |text: &str| Some(text.to_owned());
    let list = async |message| targets(&identity, &boss, message).await;
    assert_eq!(list(ListAuditRequest { actor_id: text(&boss.user_id.to_string()), ..all() }).await, ["b", "a"]);
    assert_eq!(list(ListAuditRequest { action: text("product.deleted"), ..all() }).await, ["c", "b"]);
    assert_eq!(list(ListAuditRequest { action: text("product"), ..all() }).await.len(), 0);
    assert_eq!(list(ListAuditRequest { target_type: text("order"), ..all() }).await, ["a"]);
    assert_eq!(list(ListAuditRequest { target_id: text("b"), ..all() }).await.len(), 2);
    let day = ListAuditRequest { from_date: text("2026-11-22"), to_date: text("2026-11-22"), ..all() };
    assert_eq!(list(day.clone()).await, ["b", "b"]);
    assert_eq!(list(ListAuditRequest { from_date: text("2026-11-23"), ..all() }).await, ["c"]);
    assert_eq!(list(ListAuditRequest { to_date: text("2026-11-21"), ..all() }).await, ["a"]);
    let both = ListAuditRequest { action: text("product.changed"), ..day };
    assert_eq!(list(both).await, ["b"]);

    let backwards = ListAuditRequest { from_date: text("2026-11-23"), to_date: text("2026-11-22"), ..all() };
    let refused = identity.client.clone().list_audit(identity.by(&boss, backwards)).await.unwrap_err();
    assert_eq!((reason(&refused), fields(&refused)), (Reason::ValidationError, vec!["date_from".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_read_the_audit() {
    let identity = IdentityTest::start().await;
    for account in [test_support::customer(), test_support::seller()] {
        let refused = identity.client.clone().list_audit(identity.by(&account, all())).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::Forbidden);
    }
}
