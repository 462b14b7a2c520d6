//! The words that describe an account, and the form in which one account is shown to another.

use serde::{Deserialize, Serialize};

use crate::{UserId, text_enum};

text_enum! {
    /// What an account is on the market.
    pub enum Role {
        /// Buys.
        Customer = "customer",
        /// Sells, and buys.
        Seller = "seller",
        /// Offers services, and buys.
        Freelancer = "freelancer",
        /// Runs the market.
        Admin = "admin",
    }
}

text_enum! {
    /// A seller's place in the chain of supply.
    pub enum SellerCategory {
        /// Imports.
        Importateur = "importateur",
        /// Sells wholesale.
        Grossiste = "grossiste",
        /// Supplies buyers.
        Fournisseur = "fournisseur",
    }
}

text_enum! {
    /// Whether a seller may sell.
    pub enum Approval {
        /// An admin has to decide.
        Pending = "pending",
        /// May sell.
        Approved = "approved",
        /// May not.
        Rejected = "rejected",
    }
}

/// The only form in which another account is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicUser {
    /// The account.
    pub id: UserId,
    /// Its name, never empty.
    pub full_name: String,
    /// Its picture.
    pub avatar_url: Option<String>,
    /// Set exactly for sellers.
    pub seller_category: Option<SellerCategory>,
    /// The badge given by admins.
    pub is_verified: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_exact_and_lower_case() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        let refusal = "Seller".parse::<Role>().unwrap_err();
        assert_eq!(refusal.to_string(), "must be one of: customer, seller, freelancer, admin");
        assert!(serde_json::from_str::<Approval>("\"PENDING\"").is_err());
        assert!(serde_json::from_str::<Approval>("1").is_err());
    }
}
