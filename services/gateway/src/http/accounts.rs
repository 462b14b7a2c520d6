//! The caller's own account (`api.md` 4.3 to 4.5).

use commerce_types::{Phone, Role, SellerCategory};
use garde::Validate;
use protocol::identity::v1 as wire;
use protocol::types::v1 as types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::change::Change;
use super::error::ApiError;
use super::fields::{Text, is_public_url, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::user::{Me, Profile};
use super::shapes::words::{ApprovalWord, RoleWord, SellerCategoryWord};
use crate::rate_limit::Rule;

pub(super) fn routes() -> Vec<Route> {
    let choose_role = Route::new(__path_choose_role, choose_role).with_body().strictly(Rule::ChooseRole);
    let mut routes = vec![
        Route::new(__path_show_me, show_me),
        Route::new(__path_show_profile, show_profile),
        Route::new(__path_change_profile, change_profile).with_body(),
        Route::new(__path_delete_account, delete_account),
    ];
    routes.extend(choose_role.also_at("/api/v1/auth/register"));
    routes
}

/// The caller, in short
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "accounts",
    responses((status = 200, description = "The account", body = Me)))]
async fn show_me(call: Call) -> Answer {
    let profile = call.app.upstream.get_profile(call.account.as_ref()).await?;
    Ok(Reply::ok(&Profile::try_from(profile)?.me))
}

/// The caller's profile
#[utoipa::path(get, path = "/api/v1/users/me", tag = "accounts",
    responses((status = 200, description = "The profile", body = Profile)))]
async fn show_profile(call: Call) -> Answer {
    let profile = call.app.upstream.get_profile(call.account.as_ref()).await?;
    Ok(Reply::ok(&Profile::try_from(profile)?))
}

/// What is changed of a profile; null clears where it may.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileChanges {
    #[serde(default)]
    #[garde(custom(length(2..=100)))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 2, max_length = 100)]
    full_name: Change<Text>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, example = "0555 12 34 56")]
    phone: Change<Phone>,
    #[serde(default)]
    #[garde(custom(length(2..=50)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 50)]
    wilaya: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=1_000)))]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    bio: Change<Text>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 2_048)]
    avatar_url: Change<Text>,
}

impl ProfileChanges {
    fn checked(self, media_url: &str) -> Result<wire::UpdateProfileRequest, ApiError> {
        let is_empty = self.full_name.is_absent()
            && self.phone.is_absent()
            && self.wilaya.is_absent()
            && self.bio.is_absent()
            && self.avatar_url.is_absent();
        if is_empty {
            return Err(ApiError::invalid("", "at least one field is needed"));
        }
        if self.full_name == Change::Cleared {
            return Err(ApiError::invalid("full_name", "must not be null"));
        }
        if self.avatar_url.value().is_some_and(|Text(url)| !is_public_url(url, media_url)) {
            return Err(ApiError::invalid("avatar_url", "must be a public https address"));
        }
        let text = |value: Option<Text>| types::TextChange { value: value.map(Into::into) };
        Ok(wire::UpdateProfileRequest {
            full_name: self.full_name.value().map(|Text(name)| name.clone()),
            phone: self.phone.map(|phone| types::TextChange { value: phone.map(|it| it.as_str().to_owned()) }),
            wilaya: self.wilaya.map(text),
            bio: self.bio.map(text),
            avatar_url: self.avatar_url.map(text),
        })
    }
}

/// Change the caller's profile
#[utoipa::path(patch, path = "/api/v1/users/me", tag = "accounts", request_body = ProfileChanges,
    responses((status = 200, description = "Changed", body = Profile)))]
async fn change_profile(call: Call) -> Answer {
    let message = call.body::<ProfileChanges>()?.checked(&call.app.config.media_url)?;
    let profile = call.app.upstream.update_profile(message, call.account.as_ref()).await?;
    call.forget_caller();
    Ok(Reply::done(&Profile::try_from(profile)?))
}

#[derive(Serialize, ToSchema)]
struct AccountDeleted {
    message: &'static str,
    #[schema(format = Uuid)]
    id: String,
}

/// Delete the caller's account for good
#[utoipa::path(delete, path = "/api/v1/users/me", tag = "accounts", responses(
    (status = 200, description = "Gone: the token is no good any more", body = AccountDeleted),
    (status = 409, description = "`ACCOUNT_HAS_OPEN_ORDERS`: a seller finishes its orders first",
        body = super::error::ErrorBody<'static>),
))]
async fn delete_account(call: Call) -> Answer {
    let deleted = call.app.upstream.delete_account(call.account.as_ref()).await?;
    call.forget_caller();
    Ok(Reply::done(&AccountDeleted { message: "The account is deleted.", id: deleted.user_id }))
}

/// A role is chosen once.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleChoice {
    #[garde(skip)]
    role: ChosenRole,
    /// Required for sellers.
    #[garde(skip)]
    #[schema(value_type = Option<SellerCategoryWord>)]
    seller_category: Option<SellerCategory>,
    /// The same by its old name; goes before the other.
    #[garde(skip)]
    #[serde(rename = "sellerCategory")]
    #[schema(value_type = Option<SellerCategoryWord>)]
    alias: Option<SellerCategory>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ChosenRole {
    Customer,
    Seller,
    Freelancer,
}

#[derive(Serialize, ToSchema)]
struct RoleChosen {
    success: bool,
    message: &'static str,
    user: RoleOf,
}

#[derive(Serialize, ToSchema)]
struct RoleOf {
    #[schema(format = Uuid)]
    id: String,
    #[schema(value_type = RoleWord)]
    role: Role,
    #[schema(value_type = Option<SellerCategoryWord>)]
    seller_category: Option<SellerCategory>,
    #[schema(value_type = Option<ApprovalWord>)]
    approval: Option<commerce_types::Approval>,
}

/// Choose a role, once
#[utoipa::path(post, path = "/api/v1/auth/sync-role", tag = "accounts", request_body = RoleChoice, responses(
    (status = 200, description = "Chosen, or chosen before", body = RoleChosen),
    (status = 409, description = "`ROLE_ALREADY_SET`", body = super::error::ErrorBody<'static>),
))]
async fn choose_role(call: Call) -> Answer {
    let RoleChoice { role, seller_category, alias } = call.body()?;
    let category = alias.or(seller_category).filter(|_| role == ChosenRole::Seller);
    if role == ChosenRole::Seller && category.is_none() {
        return Err(ApiError::invalid("seller_category", "is required for sellers"));
    }
    let role = match role {
        ChosenRole::Customer => types::Role::Customer,
        ChosenRole::Seller => types::Role::Seller,
        ChosenRole::Freelancer => types::Role::Freelancer,
    };
    let message = wire::ChooseRoleRequest {
        role: role.into(),
        seller_category: category.map(|category| types::SellerCategory::from(category).into()),
    };
    let profile = call.app.upstream.choose_role(message, call.account.as_ref()).await?;
    call.forget_caller();
    let Me { id, role, seller_category, approval, .. } = Profile::try_from(profile)?.me;
    let user = RoleOf { id, role, seller_category, approval };
    Ok(Reply::done(&RoleChosen { success: true, message: "The role is set.", user }))
}

impl Call {
    /// The next request of this caller here sees what this one changed.
    fn forget_caller(&self) {
        if let Some(session) = &self.session {
            self.app.callers.forget(&session.claims.subject);
        }
    }
}
