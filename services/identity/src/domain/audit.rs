//! What is kept of changes to accounts, and of what admins do.

use chrono::{DateTime, Utc};
use commerce_types::{AuditEntryId, Day, UserId};
use diesel::{HasQuery, Insertable};
use serde_json::{Map, Value, json};

use crate::domain::user::User;
use crate::schema::audit;

/// Who did what to what, and what became of it.
#[derive(Debug, Clone, PartialEq, Insertable)]
#[diesel(table_name = audit)]
pub(crate) struct AuditEntry {
    pub(crate) id: AuditEntryId,
    /// Absent: the system.
    pub(crate) actor_id: Option<UserId>,
    pub(crate) action: String,
    pub(crate) target_type: String,
    pub(crate) target_id: String,
    /// `{field: {from, to}}` without personal data.
    pub(crate) changes: Value,
    pub(crate) request_id: Option<String>,
    /// Now, by the database's clock, when absent.
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, HasQuery)]
#[diesel(table_name = audit)]
pub(crate) struct KeptEntry {
    pub(crate) id: AuditEntryId,
    pub(crate) actor_id: Option<UserId>,
    pub(crate) action: String,
    pub(crate) target_type: String,
    pub(crate) target_id: String,
    pub(crate) changes: Value,
    pub(crate) request_id: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What narrows the list of entries; absent members do not.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditFilter {
    pub(crate) actor_id: Option<UserId>,
    pub(crate) action: Option<String>,
    pub(crate) target_type: Option<String>,
    pub(crate) target_id: Option<String>,
    /// Both days are included.
    pub(crate) from: Option<Day>,
    pub(crate) to: Option<Day>,
}

impl AuditFilter {
    /// Whether it narrows by nothing but what entries are counted by.
    pub(crate) fn is_counted(&self) -> bool {
        self.actor_id.is_none() && self.target_id.is_none() && self.from.is_none() && self.to.is_none()
    }
}

/// What was done to an account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    pub(crate) changes: Value,
}

/// The owner chose what it is.
pub(crate) fn role_chosen(before: &User, after: &User) -> Vec<Action> {
    let changes = standing_changes(before, after);
    if changes.is_empty() { Vec::new() } else { vec![Action { name: "user.role_chosen", changes: changes.into() }] }
}

/// Its owner, or Clerk, did away with it.
pub(crate) fn account_deleted() -> Action {
    let mut changes = Map::new();
    put(&mut changes, "deleted", false, true);
    Action { name: "user.deleted", changes: changes.into() }
}

/// What an admin moved, an action for each kind of thing. A new role brings its category and approval along.
pub(crate) fn account_changed(before: &User, after: &User) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut add = |name, changes: Map<String, Value>| {
        if !changes.is_empty() {
            actions.push(Action { name, changes: changes.into() });
        }
    };
    let mut standing = standing_changes(before, after);
    let approval = standing.remove("approval");
    let decided = approval.map(|change| ("approval".to_owned(), change));
    if standing.is_empty() {
        add("user.approval_changed", decided.into_iter().collect());
    } else {
        add("user.role_changed", standing.into_iter().chain(decided).collect());
    }
    let mut verified = Map::new();
    put(&mut verified, "is_verified", before.is_verified, after.is_verified);
    add("user.verified_changed", verified);
    let mut active = Map::new();
    put(&mut active, "is_active", before.is_active, after.is_active);
    add("user.active_changed", active);
    actions
}

fn standing_changes(before: &User, after: &User) -> Map<String, Value> {
    let (before, after) = (&before.standing, &after.standing);
    let mut changes = Map::new();
    put(&mut changes, "role", before.role().as_str(), after.role().as_str());
    let category = |standing: &super::standing::Standing| standing.seller_category().map(|category| category.as_str());
    put(&mut changes, "seller_category", category(before), category(after));
    let approval = |standing: &super::standing::Standing| standing.approval().map(|approval| approval.as_str());
    put(&mut changes, "approval", approval(before), approval(after));
    changes
}

fn put<T: PartialEq + Into<Value>>(changes: &mut Map<String, Value>, field: &str, from: T, to: T) {
    if from != to {
        changes.insert(field.to_owned(), json!({ "from": from.into(), "to": to.into() }));
    }
}

#[cfg(test)]
mod tests {
    use commerce_types::{Approval, Role, SellerCategory};
    use uuid::Uuid;

    use super::*;
    use crate::domain::standing::StandingChanges;
    use crate::domain::user::AccountChanges;
    use crate::domain::user::tests::customer;

    fn changed(before: &User, changes: AccountChanges) -> User {
        let mut after = before.clone();
        after.change(Uuid::from_u128(9).into(), changes).unwrap();
        after
    }

    #[test]
    fn every_kind_of_change_is_an_action() {
        let before = customer();
        let standing = StandingChanges {
            role: Some(Role::Seller),
            seller_category: Some(SellerCategory::Grossiste),
            approval: Some(Approval::Pending),
        };
        let after = changed(&before, AccountChanges { standing, is_verified: Some(true), is_active: Some(false) });
        let actions = account_changed(&before, &after);
        let names: Vec<_> = actions.iter().map(|action| action.name).collect();
        assert_eq!(names, ["user.role_changed", "user.verified_changed", "user.active_changed"]);
        assert_eq!(
            actions[0].changes,
            json!({
                "role": { "from": "customer", "to": "seller" },
                "seller_category": { "from": null, "to": "grossiste" },
                "approval": { "from": null, "to": "pending" },
            })
        );

        let standing = StandingChanges { approval: Some(Approval::Approved), ..StandingChanges::default() };
        let approved = changed(&after, AccountChanges { standing, ..AccountChanges::default() });
        let actions = account_changed(&after, &approved);
        assert_eq!(actions.len(), 1);
        assert_eq!(actions[0].name, "user.approval_changed");
        assert_eq!(actions[0].changes, json!({ "approval": { "from": "pending", "to": "approved" } }));
    }

    #[test]
    fn nothing_moved_is_no_action() {
        let before = customer();
        let after = changed(&before, AccountChanges { is_active: Some(true), ..AccountChanges::default() });
        assert_eq!(account_changed(&before, &after), []);
        assert_eq!(role_chosen(&before, &after), []);
    }
}
