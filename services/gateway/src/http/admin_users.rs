//! Accounts as admins see and change them (`api.md` 11).

use commerce_types::{Approval, Role, SellerCategory, UserId};
use garde::Validate;
use protocol::identity::v1 as wire;
use protocol::types::v1 as types;
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::fields::{Text, given, length};
use super::query::Order;
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::page::page;
use super::shapes::user::AdminUser;
use super::shapes::words::{ApprovalWord, RoleWord, SellerCategoryWord};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_list_users, list_users).for_admins().with_query(),
        Route::new(__path_show_user, show_user).for_admins(),
        Route::new(__path_change_user, change_user).for_admins().with_body(),
    ]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// Words of a name, or the beginning of an e-mail address or of a phone.
    #[garde(custom(length(2..=100)))]
    #[param(value_type = Option<String>, min_length = 2, max_length = 100)]
    search: Option<Text>,
    #[garde(skip)]
    #[param(value_type = Option<RoleWord>, inline)]
    role: Option<Role>,
    #[garde(skip)]
    #[param(value_type = Option<SellerCategoryWord>, inline)]
    seller_category: Option<SellerCategory>,
    #[garde(skip)]
    #[param(value_type = Option<ApprovalWord>, inline)]
    approval: Option<Approval>,
    #[garde(skip)]
    is_verified: Option<bool>,
    #[garde(skip)]
    is_active: Option<bool>,
    /// What is left of deleted accounts, instead of the living.
    #[garde(skip)]
    #[param(default = false)]
    deleted: Option<bool>,
    #[garde(skip)]
    #[param(inline)]
    sort_by: Option<UserSort>,
    #[garde(skip)]
    #[param(inline)]
    sort_order: Option<Order>,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum UserSort {
    CreatedAt,
    FullName,
}

/// All accounts
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin", params(UsersQuery),
    responses((status = 200, description = "A page", body = List<AdminUser>)))]
async fn list_users(call: Call) -> Answer {
    let query: UsersQuery = call.query()?;
    let page = page(query.page, query.limit);
    let sort = match query.sort_by {
        None | Some(UserSort::CreatedAt) => wire::AccountSort::CreatedAt,
        Some(UserSort::FullName) => wire::AccountSort::FullName,
    };
    let message = wire::ListAccountsRequest {
        page: Some(page),
        search: query.search.map(Into::into),
        role: query.role.map(|role| types::Role::from(role).into()),
        seller_category: query.seller_category.map(|category| types::SellerCategory::from(category).into()),
        approval: query.approval.map(|approval| types::Approval::from(approval).into()),
        is_verified: query.is_verified,
        is_active: query.is_active,
        deleted: query.deleted.unwrap_or(false),
        sort: sort.into(),
        order: types::SortOrder::from(query.sort_order.unwrap_or(Order::Descending)).into(),
    };
    let answer = call.app.upstream.list_accounts(message, call.account.as_ref()).await?;
    let users = answer.accounts.into_iter().map(AdminUser::try_from).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&List::new(users, page, answer.total)))
}

/// One account, a deleted one too
#[utoipa::path(get, path = "/api/v1/admin/users/{id}", tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The account", body = AdminUser),
    (status = 404, description = "`USER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn show_user(call: Call) -> Answer {
    let id: UserId = call.id("id")?;
    let message = wire::GetAccountRequest { user_id: id.to_string() };
    let profile = call.app.upstream.get_account(message, call.account.as_ref()).await?;
    Ok(Reply::ok(&AdminUser::try_from(profile)?))
}

/// What is changed of an account. The result has to be one that can be: a seller has a category and gets `approval`
/// approved unless it is sent, any other role has neither.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChanges {
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<RoleWord>, nullable = false)]
    role: Option<Role>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<SellerCategoryWord>, nullable = false)]
    seller_category: Option<SellerCategory>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<ApprovalWord>, nullable = false)]
    approval: Option<Approval>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_verified: Option<bool>,
    /// Off: the account may do nothing any more.
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

impl UserChanges {
    fn of(self, id: UserId) -> Result<wire::ChangeAccountRequest, ApiError> {
        let Self { role, seller_category, approval, is_verified, is_active } = self;
        let moves_standing = role.is_some() || seller_category.is_some() || approval.is_some();
        if !moves_standing && is_verified.is_none() && is_active.is_none() {
            return Err(ApiError::invalid("", "at least one field is needed"));
        }
        Ok(wire::ChangeAccountRequest {
            user_id: id.to_string(),
            role: role.map(|role| types::Role::from(role).into()),
            seller_category: seller_category.map(|category| types::SellerCategory::from(category).into()),
            approval: approval.map(|approval| types::Approval::from(approval).into()),
            is_verified,
            is_active,
        })
    }
}

/// Change role, category, approval, badge or switch of an account; nobody changes its own role or switch
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", tag = "admin", request_body = UserChanges,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Changed", body = AdminUser),
        (status = 404, description = "`USER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_user(call: Call) -> Answer {
    let id: UserId = call.id("id")?;
    let message = call.body::<UserChanges>()?.of(id)?;
    let profile = call.app.upstream.change_account(message, call.account.as_ref()).await?;
    // Here at once; other gateways hear of it.
    call.app.callers.forget(&profile.clerk_id);
    Ok(Reply::done(&AdminUser::try_from(profile)?))
}
