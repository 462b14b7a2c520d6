//! Accounts: as others see them, and as their owners do (`api.md` 2.2, 4.1, 5).

use chrono::{DateTime, Utc};
use commerce_types::{Approval, Role, SellerCategory};
use protocol::convert::{Malformed, choice, optional_choice, optional_time, required, time};
use protocol::identity::v1 as identity;
use protocol::types::v1 as wire;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::{iso, iso_optional};
use super::words::{ApprovalWord, RoleWord, SellerCategoryWord};

/// The only form in which another account is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicUser {
    #[schema(format = Uuid)]
    pub id: String,
    full_name: String,
    avatar_url: Option<String>,
    #[schema(value_type = Option<SellerCategoryWord>)]
    seller_category: Option<SellerCategory>,
    is_verified: bool,
}

impl From<wire::PublicUser> for PublicUser {
    fn from(user: wire::PublicUser) -> Self {
        Self {
            id: user.id,
            full_name: user.full_name,
            avatar_url: user.avatar_url,
            seller_category: optional_choice::<wire::SellerCategory, _>("seller_category", user.seller_category)
                .unwrap_or_default(),
            is_verified: user.is_verified,
        }
    }
}

/// The caller's own account, in short.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[schema(format = Uuid)]
    pub id: String,
    email: Option<String>,
    full_name: String,
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// Set exactly for sellers; so is `approval`.
    #[schema(value_type = Option<SellerCategoryWord>)]
    pub seller_category: Option<SellerCategory>,
    #[schema(value_type = Option<ApprovalWord>)]
    pub approval: Option<Approval>,
    avatar_url: Option<String>,
    phone: Option<String>,
    is_verified: bool,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// The caller's own account.
#[derive(Serialize, ToSchema)]
pub struct Profile {
    #[serde(flatten)]
    pub me: Me,
    clerk_id: String,
    wilaya: Option<String>,
    bio: Option<String>,
    is_active: bool,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
}

impl TryFrom<identity::Profile> for Profile {
    type Error = Malformed;

    fn try_from(profile: identity::Profile) -> Result<Self, Malformed> {
        Ok(Self {
            me: Me {
                role: choice::<wire::Role, _>("role", profile.role)?,
                seller_category: optional_choice::<wire::SellerCategory, _>(
                    "seller_category",
                    profile.seller_category,
                )?,
                approval: optional_choice::<wire::Approval, _>("approval", profile.approval)?,
                created_at: time("created_at", profile.created_at.as_ref())?,
                id: profile.id,
                email: profile.email,
                full_name: profile.full_name,
                avatar_url: profile.avatar_url,
                phone: profile.phone,
                is_verified: profile.is_verified,
            },
            updated_at: time("updated_at", profile.updated_at.as_ref())?,
            clerk_id: profile.clerk_id,
            wilaya: profile.wilaya,
            bio: profile.bio,
            is_active: profile.is_active,
        })
    }
}

/// An account as admins see it.
#[derive(Serialize, ToSchema)]
pub struct AdminUser {
    #[serde(flatten)]
    profile: Profile,
    /// Set for good, of what is left of a deleted account.
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    deleted_at: Option<DateTime<Utc>>,
}

impl TryFrom<identity::Profile> for AdminUser {
    type Error = Malformed;

    fn try_from(profile: identity::Profile) -> Result<Self, Malformed> {
        let deleted_at = optional_time("deleted_at", profile.deleted_at.as_ref())?;
        Ok(Self { profile: profile.try_into()?, deleted_at })
    }
}

/// A seller as everybody sees it.
#[derive(Serialize, ToSchema)]
pub struct Seller {
    #[serde(flatten)]
    user: PublicUser,
    wilaya: Option<String>,
    bio: Option<String>,
    /// On sale; null while nobody can tell.
    products_count: Option<i64>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

impl Seller {
    /// # Errors
    /// The message is not what its contract says.
    pub fn new(seller: identity::Seller, products_count: Option<i64>) -> Result<Self, Malformed> {
        Ok(Self {
            user: required("user", seller.user)?.into(),
            wilaya: seller.wilaya,
            bio: seller.bio,
            products_count,
            created_at: time("created_at", seller.created_at.as_ref())?,
        })
    }
}
