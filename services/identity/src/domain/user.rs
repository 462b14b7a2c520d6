//! An account, and what others may see of it.

use chrono::{DateTime, Utc};
use commerce_types::{PublicUser, UserId};
use diesel::HasQuery;

use crate::domain::Refused;
use crate::domain::claims::Claims;
use crate::domain::clerk_event::ClerkUser;
use crate::domain::profile::ProfileChanges;
use crate::domain::standing::{Standing, StandingChanges};
use crate::schema::users;

/// The name of an account until one is known.
pub(crate) const NAMELESS: &str = "User";
/// What is left of a name when its account goes.
pub(crate) const DELETED_USER: &str = "Deleted user";

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
#[diesel(table_name = users)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) clerk_id: String,
    pub(crate) email: Option<String>,
    /// Never empty.
    pub(crate) full_name: String,
    #[diesel(embed)]
    pub(crate) standing: Standing,
    pub(crate) phone: Option<String>,
    pub(crate) wilaya: Option<String>,
    pub(crate) bio: Option<String>,
    pub(crate) avatar_url: Option<String>,
    pub(crate) is_verified: bool,
    /// Neither switched off nor banned.
    pub(crate) is_active: bool,
    /// By an admin.
    pub(crate) is_switched_off: bool,
    /// At Clerk.
    pub(crate) is_banned: bool,
    /// Its owner set it here: what Clerk says no longer counts.
    pub(crate) full_name_edited: bool,
    pub(crate) phone_edited: bool,
    pub(crate) avatar_url_edited: bool,
    /// Grows by one with every change.
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Final.
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    /// Of the state at Clerk that was applied last.
    pub(crate) clerk_updated_at: Option<DateTime<Utc>>,
}

/// An account that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewUser {
    pub(crate) id: UserId,
    pub(crate) clerk_id: String,
    pub(crate) claims: Claims,
    pub(crate) standing: Standing,
}

/// What an admin sends; absent members stay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AccountChanges {
    pub(crate) standing: StandingChanges,
    pub(crate) is_verified: Option<bool>,
    pub(crate) is_active: Option<bool>,
}

impl User {
    /// The form in which others see it.
    pub(crate) fn public(&self) -> PublicUser {
        PublicUser {
            id: self.id,
            full_name: self.full_name.clone(),
            avatar_url: self.avatar_url.clone(),
            seller_category: self.standing.seller_category(),
            is_verified: self.is_verified,
        }
    }

    /// Whether services and gateways, which keep copies, must hear of the step from `before`.
    pub(crate) fn concerns_others(&self, before: &Self) -> bool {
        self.public() != before.public() || self.standing != before.standing || self.is_active != before.is_active
    }

    /// Puts what a token says where the profile says nothing yet.
    pub(crate) fn fill(&mut self, claims: &Claims) {
        if self.full_name == NAMELESS
            && !self.full_name_edited
            && let Some(name) = &claims.name
        {
            self.full_name.clone_from(name);
        }
        if self.email.is_none() {
            self.email.clone_from(&claims.email);
        }
        if self.avatar_url.is_none() && !self.avatar_url_edited {
            self.avatar_url.clone_from(&claims.picture);
        }
    }

    /// What its owner makes of it.
    pub(crate) fn edit(&mut self, changes: ProfileChanges) {
        if let Some(full_name) = changes.full_name {
            self.full_name = full_name;
            self.full_name_edited = true;
        }
        if let Some(phone) = changes.phone {
            self.phone = phone;
            self.phone_edited = true;
        }
        if let Some(avatar_url) = changes.avatar_url {
            self.avatar_url = avatar_url;
            self.avatar_url_edited = true;
        }
        if let Some(wilaya) = changes.wilaya {
            self.wilaya = wilaya;
        }
        if let Some(bio) = changes.bio {
            self.bio = bio;
        }
    }

    /// What the admin `actor` makes of it.
    ///
    /// # Errors
    /// [`Refused::Invalid`]; [`Refused::OwnAccount`] when an admin would lock itself out.
    pub(crate) fn change(&mut self, actor: UserId, changes: AccountChanges) -> Result<(), Refused> {
        let standing = self.standing.change(changes.standing)?;
        let is_switched_off = changes.is_active.map_or(self.is_switched_off, |is_active| !is_active);
        if self.id == actor && (standing.role() != self.standing.role() || is_switched_off != self.is_switched_off) {
            return Err(Refused::OwnAccount);
        }
        self.standing = standing;
        self.switch(is_switched_off, self.is_banned);
        self.is_verified = changes.is_verified.unwrap_or(self.is_verified);
        Ok(())
    }

    /// Takes over how the account is at Clerk now; false when that is known, or something newer.
    pub(crate) fn follow(&mut self, clerk: &ClerkUser) -> bool {
        if self.deleted_at.is_some() || self.clerk_updated_at.is_some_and(|known| clerk.updated_at <= known) {
            return false;
        }
        self.clerk_updated_at = Some(clerk.updated_at);
        self.email.clone_from(&clerk.claims.email);
        if !self.full_name_edited {
            self.full_name = clerk.claims.name.clone().unwrap_or_else(|| NAMELESS.to_owned());
        }
        if !self.phone_edited {
            self.phone.clone_from(&clerk.phone);
        }
        if !self.avatar_url_edited {
            self.avatar_url.clone_from(&clerk.claims.picture);
        }
        self.switch(self.is_switched_off, clerk.is_banned.unwrap_or(self.is_banned));
        true
    }

    /// Leaves a tombstone: what the account was on the market, and nothing of whose it was.
    pub(crate) fn erase(&mut self, at: DateTime<Utc>) {
        DELETED_USER.clone_into(&mut self.full_name);
        self.email = None;
        self.phone = None;
        self.wilaya = None;
        self.bio = None;
        self.avatar_url = None;
        self.is_verified = false;
        self.deleted_at = Some(at);
    }

    fn switch(&mut self, is_switched_off: bool, is_banned: bool) {
        self.is_switched_off = is_switched_off;
        self.is_banned = is_banned;
        self.is_active = !is_switched_off && !is_banned;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use commerce_types::{Role, SellerCategory};
    use uuid::Uuid;

    use super::*;

    /// A customer who has told nothing.
    pub(crate) fn customer() -> User {
        User {
            id: Uuid::from_u128(1).into(),
            clerk_id: "user_1".to_owned(),
            email: None,
            full_name: NAMELESS.to_owned(),
            standing: Standing::CUSTOMER,
            phone: None,
            wilaya: None,
            bio: None,
            avatar_url: None,
            is_verified: false,
            is_active: true,
            is_switched_off: false,
            is_banned: false,
            full_name_edited: false,
            phone_edited: false,
            avatar_url_edited: false,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            deleted_at: None,
            clerk_updated_at: None,
        }
    }

    fn at_clerk(millis: i64, name: Option<&str>) -> ClerkUser {
        ClerkUser {
            clerk_id: "user_1".to_owned(),
            claims: Claims::new(name, Some("amina@example.dz"), None),
            phone: Some("+213555123456".to_owned()),
            is_banned: None,
            updated_at: DateTime::from_timestamp_millis(millis).unwrap(),
        }
    }

    #[test]
    fn the_newest_state_at_clerk_counts() {
        let mut user = customer();
        assert!(user.follow(&at_clerk(5, Some("Amina"))));
        assert_eq!((user.full_name.as_str(), user.email.as_deref()), ("Amina", Some("amina@example.dz")));
        let newest = user.clone();
        assert!(!user.follow(&at_clerk(5, Some("Same time"))) && !user.follow(&at_clerk(4, Some("Older"))));
        assert_eq!(user, newest);
        assert!(user.follow(&at_clerk(6, None)));
        assert_eq!((user.full_name.as_str(), user.phone.as_deref()), (NAMELESS, Some("+213555123456")));
    }

    #[test]
    fn what_its_owner_edited_is_not_overwritten() {
        let mut user = customer();
        user.edit(ProfileChanges {
            full_name: Some("Yasmine".to_owned()),
            phone: Some(None),
            avatar_url: Some(Some("https://cdn.example.dz/me".to_owned())),
            ..ProfileChanges::default()
        });
        assert!(user.follow(&at_clerk(5, Some("Amina"))));
        assert_eq!((user.full_name.as_str(), user.phone.as_deref()), ("Yasmine", None));
        assert_eq!(user.avatar_url.as_deref(), Some("https://cdn.example.dz/me"));
        assert_eq!(user.email.as_deref(), Some("amina@example.dz"), "an e-mail address comes from Clerk alone");
    }

    #[test]
    fn a_ban_and_a_switch_are_lifted_by_those_who_made_them() {
        let admin = Uuid::from_u128(2).into();
        let ban = |millis, is_banned| ClerkUser { is_banned: Some(is_banned), ..at_clerk(millis, None) };
        let switch = |is_active| AccountChanges { is_active: Some(is_active), ..AccountChanges::default() };
        let mut user = customer();
        user.follow(&ban(1, true));
        assert!(!user.is_active);
        user.change(admin, switch(true)).unwrap();
        assert!(!user.is_active, "an admin lifts no ban");
        user.follow(&at_clerk(2, None));
        assert!(!user.is_active, "nothing was said of it");
        user.change(admin, switch(false)).unwrap();
        user.follow(&ban(3, false));
        assert!(!user.is_active, "it is switched off as well");
        user.change(admin, switch(true)).unwrap();
        assert!(user.is_active);
    }

    #[test]
    fn nothing_of_whose_it_was_is_left() {
        let mut user = customer();
        user.follow(&at_clerk(5, Some("Amina")));
        user.edit(ProfileChanges {
            wilaya: Some(Some("Alger".to_owned())),
            bio: Some(Some("Bonjour".to_owned())),
            ..ProfileChanges::default()
        });
        user.erase(DateTime::UNIX_EPOCH);
        assert_eq!(user.full_name, DELETED_USER);
        let left = [&user.email, &user.phone, &user.wilaya, &user.bio, &user.avatar_url];
        assert_eq!(left, [&None; 5]);
        assert!(!user.follow(&at_clerk(6, Some("Amina"))), "no late event revives it");
    }

    fn claims() -> Claims {
        Claims::new(Some("Amina"), Some("amina@example.dz"), Some("https://img.clerk.com/a"))
    }

    #[test]
    fn claims_fill_what_is_empty_and_nothing_else() {
        let mut user = customer();
        user.fill(&claims());
        assert_eq!((user.full_name.as_str(), user.email.as_deref()), ("Amina", Some("amina@example.dz")));
        assert_eq!(user.avatar_url.as_deref(), Some("https://img.clerk.com/a"));

        let filled = user.clone();
        user.fill(&Claims::new(Some("Other"), Some("other@example.dz"), Some("https://img.clerk.com/b")));
        assert_eq!(user, filled);
    }

    #[test]
    fn what_its_owner_cleared_stays_clear() {
        let mut user = customer();
        user.edit(ProfileChanges { avatar_url: Some(None), ..ProfileChanges::default() });
        user.fill(&claims());
        assert_eq!(user.avatar_url, None);
    }

    #[test]
    fn others_hear_of_public_fields_roles_and_switches_only() {
        let before = customer();
        let mut after = before.clone();
        after.edit(ProfileChanges {
            phone: Some(Some("+213555123456".to_owned())),
            bio: Some(Some("Bonjour".to_owned())),
            ..ProfileChanges::default()
        });
        assert!(!after.concerns_others(&before));
        after.edit(ProfileChanges { full_name: Some("Amina".to_owned()), ..ProfileChanges::default() });
        assert!(after.concerns_others(&before));

        let mut switched = before.clone();
        let off = AccountChanges { is_active: Some(false), ..AccountChanges::default() };
        switched.change(Uuid::from_u128(2).into(), off).unwrap();
        assert!(switched.concerns_others(&before));
    }

    #[test]
    fn an_admin_cannot_lock_itself_out() {
        let mut admin = User { standing: Standing::ADMIN, ..customer() };
        let off = AccountChanges { is_active: Some(false), ..AccountChanges::default() };
        assert_eq!(admin.change(admin.id, off), Err(Refused::OwnAccount));
        let seller = StandingChanges {
            role: Some(Role::Seller),
            seller_category: Some(SellerCategory::Grossiste),
            ..StandingChanges::default()
        };
        let demoted = AccountChanges { standing: seller, ..AccountChanges::default() };
        assert_eq!(admin.change(admin.id, demoted), Err(Refused::OwnAccount));

        let same = StandingChanges { role: Some(Role::Admin), ..StandingChanges::default() };
        let badge = AccountChanges { standing: same, is_verified: Some(true), is_active: Some(true) };
        assert_eq!(admin.change(admin.id, badge), Ok(()));
        assert!(admin.is_verified);
    }
}
