//! What is kept of an account.

use commerce_types::{PublicUser, SellerCategory, UserId};
use diesel::HasQuery;

use crate::schema::accounts;

/// A deleted account is called so.
pub(crate) const DELETED_USER: &str = "Deleted user";

/// A copy.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = accounts)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) full_name: String,
    pub(crate) avatar_url: Option<String>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) is_verified: bool,
}

impl From<Account> for PublicUser {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            full_name: account.full_name,
            avatar_url: account.avatar_url,
            seller_category: account.seller_category,
            is_verified: account.is_verified,
        }
    }
}
