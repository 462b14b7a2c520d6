//! What catalog keeps of an account that sells: its copy of the public user, and whether it may sell.

use chrono::{DateTime, Utc};
use commerce_types::{Approval, PublicUser, Role, SellerCategory, UserId};
use diesel::{AsChangeset, HasQuery, Insertable};

use crate::schema::sellers;

#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = sellers, treat_none_as_null = true)]
pub(crate) struct Seller {
    pub(crate) id: UserId,
    pub(crate) full_name: String,
    pub(crate) avatar_url: Option<String>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) is_verified: bool,
    /// Role seller, approved, active, not deleted.
    pub(crate) may_sell: bool,
    /// Of the account at identity; 0 when it was only seen in a token.
    pub(crate) version: i64,
    /// Final: such a row never changes again.
    pub(crate) deleted_at: Option<DateTime<Utc>>,
}

/// What an account is, as far as selling goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) role: Role,
    pub(crate) approval: Option<Approval>,
    pub(crate) is_active: bool,
}

impl Standing {
    pub(crate) fn may_sell(self) -> bool {
        self.role == Role::Seller && self.approval == Some(Approval::Approved) && self.is_active
    }
}

impl Seller {
    /// As identity has the account at `version`; 0 for one that is only known from a token.
    pub(crate) fn new(user: PublicUser, standing: Standing, version: i64) -> Self {
        Self {
            id: user.id,
            full_name: user.full_name,
            avatar_url: user.avatar_url,
            seller_category: user.seller_category,
            is_verified: user.is_verified,
            may_sell: standing.may_sell(),
            version,
            deleted_at: None,
        }
    }

    /// What is left of an account that was deleted.
    pub(crate) fn deleted(id: UserId, at: DateTime<Utc>) -> Self {
        Self {
            id,
            full_name: "Deleted user".to_owned(),
            avatar_url: None,
            seller_category: None,
            is_verified: false,
            may_sell: false,
            version: 0,
            deleted_at: Some(at),
        }
    }

    pub(crate) fn public_user(&self) -> PublicUser {
        PublicUser {
            id: self.id,
            full_name: self.full_name.clone(),
            avatar_url: self.avatar_url.clone(),
            seller_category: self.seller_category,
            is_verified: self.is_verified,
        }
    }

    /// Whether `other` takes the place of this copy: it is of a newer version, or both were only seen in tokens.
    pub(crate) fn yields_to(&self, other: &Self) -> bool {
        let newer = other.version > self.version || (self.version == 0 && other.version == 0);
        self.deleted_at.is_none() && (newer || other.deleted_at.is_some())
    }

    /// Whether both say the same, whatever their versions.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        self.public_user() == other.public_user() && self.may_sell == other.may_sell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seller(version: i64) -> Seller {
        Seller { version, deleted_at: None, ..Seller::deleted(uuid::Uuid::from_u128(1).into(), DateTime::UNIX_EPOCH) }
    }

    #[test]
    fn only_an_approved_active_seller_may_sell() {
        let standing = Standing { role: Role::Seller, approval: Some(Approval::Approved), is_active: true };
        assert!(standing.may_sell());
        assert!(!Standing { is_active: false, ..standing }.may_sell());
        assert!(!Standing { approval: Some(Approval::Rejected), ..standing }.may_sell());
        assert!(!Standing { role: Role::Admin, approval: None, ..standing }.may_sell());
    }

    #[test]
    fn a_copy_yields_to_newer_ones_and_a_deleted_one_to_none() {
        assert!(seller(1).yields_to(&seller(2)));
        assert!(!seller(2).yields_to(&seller(2)) && !seller(2).yields_to(&seller(1)));
        assert!(seller(0).yields_to(&seller(0)) && !seller(1).yields_to(&seller(0)));
        let gone = Seller::deleted(seller(0).id, DateTime::UNIX_EPOCH);
        assert!(seller(9).yields_to(&gone));
        assert!(!gone.yields_to(&seller(10)));
    }
}
