//! Who asks, and the first question of every operation: may it?

use commerce_types::{Approval, PublicUser, Role, SellerCategory, UserId};
use serde::{Deserialize, Serialize};

use crate::Refused;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Caller {
    /// Somebody without an account.
    Guest {},
    /// A signed-in account.
    Account(Account),
    /// A service in its own name: consumers, reconcilers, the gateway's own questions.
    Service {
        /// As its folder is called: `ordering`.
        name: String,
    },
}

/// An account, as it was when the token was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The account.
    pub user_id: UserId,
    /// What it is.
    pub role: Role,
    /// Set exactly for sellers.
    pub seller_category: Option<SellerCategory>,
    /// Set exactly for sellers.
    pub approval: Option<Approval>,
    /// The badge.
    pub is_verified: bool,
    /// Its public name.
    pub full_name: String,
    /// Its picture.
    pub avatar_url: Option<String>,
}

impl Caller {
    /// Somebody without an account.
    pub const GUEST: Self = Self::Guest {};

    /// A service in its own name.
    #[must_use]
    pub fn service(name: impl Into<String>) -> Self {
        Self::Service { name: name.into() }
    }

    /// The account, if it is one.
    #[must_use]
    pub const fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            Self::Guest {} | Self::Service { .. } => None,
        }
    }

    /// The account's id, if it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.account().map(|account| account.user_id)
    }

    /// Whether it is an admin.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.account().is_some_and(Account::is_admin)
    }

    /// Whether it is this account.
    #[must_use]
    pub fn is_user(&self, user_id: UserId) -> bool {
        self.user_id() == Some(user_id)
    }

    /// Any account.
    ///
    /// # Errors
    /// [`Refused::NoAccount`] for guests, [`Refused::Forbidden`] for services.
    pub const fn require_account(&self) -> Result<&Account, Refused> {
        match self {
            Self::Account(account) => Ok(account),
            Self::Guest {} => Err(Refused::NoAccount),
            Self::Service { .. } => Err(Refused::Forbidden),
        }
    }

    /// An approved seller.
    ///
    /// # Errors
    /// [`Refused::NoAccount`], [`Refused::Forbidden`] for other roles, [`Refused::SellerNotApproved`].
    pub fn require_seller(&self) -> Result<&Account, Refused> {
        self.require_account()?.require_seller()
    }

    /// An approved seller, or an admin.
    ///
    /// # Errors
    /// As [`Caller::require_seller`].
    pub fn require_seller_or_admin(&self) -> Result<&Account, Refused> {
        let account = self.require_account()?;
        if account.is_admin() { Ok(account) } else { account.require_seller() }
    }

    /// An admin.
    ///
    /// # Errors
    /// [`Refused::NoAccount`], [`Refused::Forbidden`].
    pub fn require_admin(&self) -> Result<&Account, Refused> {
        let account = self.require_account()?;
        if account.is_admin() { Ok(account) } else { Err(Refused::Forbidden) }
    }

    /// One of these services.
    ///
    /// # Errors
    /// [`Refused::Forbidden`].
    pub fn require_service(&self, names: &[&str]) -> Result<&str, Refused> {
        match self {
            Self::Service { name } if names.contains(&name.as_str()) => Ok(name),
            _ => Err(Refused::Forbidden),
        }
    }
}

impl Account {
    /// Whether it is an admin.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Itself, if it is an approved seller.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] for other roles, [`Refused::SellerNotApproved`].
    pub fn require_seller(&self) -> Result<&Self, Refused> {
        match (self.role, self.approval) {
            (Role::Seller, Some(Approval::Approved)) => Ok(self),
            (Role::Seller, approval) => Err(Refused::SellerNotApproved(approval.unwrap_or(Approval::Pending))),
            _ => Err(Refused::Forbidden),
        }
    }

    /// As others see it.
    #[must_use]
    pub fn public_user(&self) -> PublicUser {
        PublicUser {
            id: self.user_id,
            full_name: self.full_name.clone(),
            avatar_url: self.avatar_url.clone(),
            seller_category: self.seller_category,
            is_verified: self.is_verified,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account(role: Role, approval: Option<Approval>) -> Caller {
        Caller::Account(Account {
            user_id: Uuid::from_u128(1).into(),
            role,
            seller_category: approval.map(|_| SellerCategory::Grossiste),
            approval,
            is_verified: false,
            full_name: "Amina".to_owned(),
            avatar_url: None,
        })
    }

    #[test]
    fn each_door_opens_for_its_own() {
        let guest = Caller::GUEST;
        let service = Caller::service("ordering");
        let customer = account(Role::Customer, None);
        let seller = account(Role::Seller, Some(Approval::Approved));
        let pending = account(Role::Seller, Some(Approval::Pending));
        let admin = account(Role::Admin, None);

        assert_eq!(guest.require_account(), Err(Refused::NoAccount));
        assert_eq!(service.require_account(), Err(Refused::Forbidden));
        assert!(customer.require_account().is_ok());

        assert_eq!(guest.require_seller(), Err(Refused::NoAccount));
        assert_eq!(customer.require_seller(), Err(Refused::Forbidden));
        assert_eq!(admin.require_seller(), Err(Refused::Forbidden));
        assert_eq!(pending.require_seller(), Err(Refused::SellerNotApproved(Approval::Pending)));
        assert!(seller.require_seller().is_ok());
        assert!(seller.require_seller_or_admin().is_ok() && admin.require_seller_or_admin().is_ok());
        assert_eq!(customer.require_seller_or_admin(), Err(Refused::Forbidden));

        assert_eq!(seller.require_admin(), Err(Refused::Forbidden));
        assert!(admin.require_admin().is_ok());

        assert_eq!(service.require_service(&["gateway", "ordering"]), Ok("ordering"));
        assert_eq!(service.require_service(&["gateway"]), Err(Refused::Forbidden));
        assert_eq!(admin.require_service(&["gateway"]), Err(Refused::Forbidden));
    }
}
