//! Those who call, each with an id of its own.

use access_token::{Account, Caller};
use commerce_types::{Approval, Role, SellerCategory};
use service_runtime::Ids;

/// Somebody without an account.
pub fn guest() -> Caller {
    Caller::GUEST
}

/// An account that buys.
pub fn customer() -> Account {
    account(Role::Customer)
}

/// An approved seller of the lowest tier.
pub fn seller() -> Account {
    Account {
        seller_category: Some(SellerCategory::Fournisseur),
        approval: Some(Approval::Approved),
        full_name: "Boutique Yasmine".to_owned(),
        ..account(Role::Seller)
    }
}

/// A seller that no admin has approved yet.
pub fn pending_seller() -> Account {
    Account { approval: Some(Approval::Pending), ..seller() }
}

/// An account that runs the market.
pub fn admin() -> Account {
    account(Role::Admin)
}

/// A service in its own name.
pub fn service(name: &str) -> Caller {
    Caller::service(name)
}

fn account(role: Role) -> Account {
    Account {
        user_id: Ids.next(),
        role,
        seller_category: None,
        approval: None,
        is_verified: false,
        full_name: "Amina Haddad".to_owned(),
        avatar_url: None,
    }
}
