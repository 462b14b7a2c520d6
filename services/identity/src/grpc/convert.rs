//! Between the wire and the domain.

use commerce_types::{Folded, PublicUser, Role, UserId};
use protocol::convert::{Malformed, optional_choice, parse, parse_optional, required, text, timestamp};
use protocol::identity::v1 as wire;
use protocol::types::v1 as types;
use protocol::wire_enum;

use crate::domain::account_list::{AccountCounts, AccountFilter, AccountSearch};
use crate::domain::audit::{AuditFilter, KeptEntry};
use crate::domain::claims::Claims;
use crate::domain::profile::ProfileChanges;
use crate::domain::push_token::{Platform, PushToken};
use crate::domain::seller_list::{Direction, NameSearch, Page, SellerFilter, UserSort};
use crate::domain::standing::StandingChanges;
use crate::domain::svix::SvixHeaders;
use crate::domain::user::{AccountChanges, User};
use crate::domain::webhook::Outcome;
use crate::operations::list_accounts::ListAccounts;
use crate::operations::list_sellers::ListSellers;
use crate::operations::receive_webhook::ReceiveWebhook;
use crate::operations::resolve_caller::ResolveCaller;

wire_enum!(wire::Platform, Platform, { Ios, Android });

/// A copy holds no more than a page of accounts.
const IDS_AT_MOST: usize = 100;

pub(super) fn resolve_caller(request: wire::ResolveCallerRequest) -> Result<ResolveCaller, Malformed> {
    if !(1..=128).contains(&request.clerk_id.chars().count()) {
        return Err(Malformed::Invalid("clerk_id"));
    }
    let claims = Claims::new(request.name.as_deref(), request.email.as_deref(), request.picture.as_deref());
    Ok(ResolveCaller { clerk_id: request.clerk_id, claims })
}

pub(super) fn profile_changes(request: wire::UpdateProfileRequest) -> ProfileChanges {
    let change = |change: Option<types::TextChange>| change.map(|change| change.value);
    ProfileChanges {
        full_name: request.full_name,
        phone: change(request.phone),
        wilaya: change(request.wilaya),
        bio: change(request.bio),
        avatar_url: change(request.avatar_url),
    }
}

pub(super) fn list_sellers(request: wire::ListSellersRequest) -> Result<ListSellers, Malformed> {
    let filter = SellerFilter {
        search: request.search.as_deref().map(NameSearch::new),
        seller_category: optional_choice::<types::SellerCategory, _>("seller_category", request.seller_category)?,
        wilaya: request.wilaya.as_deref().map(Folded::new),
        is_verified: request.is_verified,
    };
    let sort = match wire::SellerSort::try_from(request.sort) {
        Ok(wire::SellerSort::Unspecified | wire::SellerSort::CreatedAt) => UserSort::CreatedAt,
        Ok(wire::SellerSort::FullName) => UserSort::FullName,
        Err(_unknown) => return Err(Malformed::Invalid("sort")),
    };
    let page = page(required("page", request.page)?)?;
    Ok(ListSellers { filter, sort, direction: direction(request.order)?, page })
}

pub(super) fn list_accounts(request: wire::ListAccountsRequest) -> Result<ListAccounts, Malformed> {
    let filter = AccountFilter {
        search: request.search.as_deref().map(AccountSearch::new),
        role: optional_choice::<types::Role, _>("role", request.role)?,
        seller_category: optional_choice::<types::SellerCategory, _>("seller_category", request.seller_category)?,
        approval: optional_choice::<types::Approval, _>("approval", request.approval)?,
        is_verified: request.is_verified,
        is_active: request.is_active,
        deleted: request.deleted,
    };
    let sort = match wire::AccountSort::try_from(request.sort) {
        Ok(wire::AccountSort::Unspecified | wire::AccountSort::CreatedAt) => UserSort::CreatedAt,
        Ok(wire::AccountSort::FullName) => UserSort::FullName,
        Err(_unknown) => return Err(Malformed::Invalid("sort")),
    };
    let page = page(required("page", request.page)?)?;
    Ok(ListAccounts { filter, sort, direction: direction(request.order)?, page })
}

pub(super) fn list_audit(request: wire::ListAuditRequest) -> Result<(AuditFilter, Page), Malformed> {
    let filter = AuditFilter {
        actor_id: parse_optional("actor_id", request.actor_id.as_deref())?,
        action: request.action,
        target_type: request.target_type,
        target_id: request.target_id,
        from: parse_optional("from_date", request.from_date.as_deref())?,
        to: parse_optional("to_date", request.to_date.as_deref())?,
    };
    Ok((filter, page(required("page", request.page)?)?))
}

fn direction(order: i32) -> Result<Direction, Malformed> {
    match types::SortOrder::try_from(order) {
        Ok(types::SortOrder::Ascending) => Ok(Direction::Ascending),
        Ok(types::SortOrder::Unspecified | types::SortOrder::Descending) => Ok(Direction::Descending),
        Err(_unknown) => Err(Malformed::Invalid("order")),
    }
}

fn page(page: types::Page) -> Result<Page, Malformed> {
    if page.number == 0 || !(1..=100).contains(&page.limit) {
        return Err(Malformed::Invalid("page"));
    }
    let limit = i64::from(page.limit);
    Ok(Page { limit, offset: (i64::from(page.number) - 1) * limit })
}

pub(super) fn user_ids(ids: &[String]) -> Result<Vec<UserId>, Malformed> {
    if ids.len() > IDS_AT_MOST {
        return Err(Malformed::Invalid("ids"));
    }
    ids.iter().map(|id| parse("ids", id)).collect()
}

pub(super) fn account_changes(request: &wire::ChangeAccountRequest) -> Result<AccountChanges, Malformed> {
    let standing = StandingChanges {
        role: optional_choice::<types::Role, _>("role", request.role)?,
        seller_category: optional_choice::<types::SellerCategory, _>("seller_category", request.seller_category)?,
        approval: optional_choice::<types::Approval, _>("approval", request.approval)?,
    };
    Ok(AccountChanges { standing, is_verified: request.is_verified, is_active: request.is_active })
}

pub(super) fn push_token(request: wire::RegisterPushTokenRequest) -> Result<(String, Option<Platform>), Malformed> {
    let platform = optional_choice::<wire::Platform, _>("platform", request.platform)?;
    if !(1..=255).contains(&request.token.chars().count()) {
        return Err(Malformed::Invalid("token"));
    }
    Ok((request.token, platform))
}

pub(super) fn push_token_registered(registered: PushToken) -> wire::PushTokenRegistered {
    wire::PushTokenRegistered { registered_at: Some(timestamp(registered.registered_at)), token: registered.token }
}

pub(super) fn webhook(request: wire::ReceiveWebhookRequest) -> ReceiveWebhook {
    let wire::ReceiveWebhookRequest { svix_id, svix_timestamp, svix_signature, body } = request;
    let headers = SvixHeaders { id: svix_id, timestamp: svix_timestamp, signature: svix_signature };
    ReceiveWebhook { headers, body }
}

pub(super) fn webhook_outcome(outcome: Outcome) -> wire::ReceiveWebhookResponse {
    let outcome = match outcome {
        Outcome::Accepted => wire::WebhookOutcome::Accepted,
        Outcome::Repeated => wire::WebhookOutcome::Repeated,
        Outcome::Ignored => wire::WebhookOutcome::Ignored,
    };
    wire::ReceiveWebhookResponse { outcome: outcome.into() }
}

/// A tombstone says no more than that.
pub(super) fn caller(user: User) -> wire::ResolveCallerResponse {
    if user.deleted_at.is_some() {
        return wire::ResolveCallerResponse { is_deleted: true, ..wire::ResolveCallerResponse::default() };
    }
    wire::ResolveCallerResponse {
        user_id: user.id.to_string(),
        role: role(&user),
        seller_category: seller_category(&user),
        approval: approval(&user),
        is_verified: user.is_verified,
        is_active: user.is_active,
        is_deleted: false,
        full_name: user.full_name,
        avatar_url: user.avatar_url,
    }
}

pub(super) fn profile(user: User) -> wire::Profile {
    wire::Profile {
        id: user.id.to_string(),
        role: role(&user),
        seller_category: seller_category(&user),
        approval: approval(&user),
        clerk_id: user.clerk_id,
        email: user.email,
        full_name: user.full_name,
        avatar_url: user.avatar_url,
        phone: user.phone,
        wilaya: user.wilaya,
        bio: user.bio,
        is_verified: user.is_verified,
        is_active: user.is_active,
        created_at: Some(timestamp(user.created_at)),
        updated_at: Some(timestamp(user.updated_at)),
        deleted_at: user.deleted_at.map(timestamp),
    }
}

pub(super) fn seller(user: User) -> wire::Seller {
    wire::Seller {
        user: Some(public_user(&user)),
        wilaya: user.wilaya,
        bio: user.bio,
        created_at: Some(timestamp(user.created_at)),
    }
}

/// What other services keep of an account.
pub(crate) fn account_state(user: &User) -> wire::AccountState {
    wire::AccountState {
        user: Some(public_user(user)),
        role: role(user),
        approval: approval(user),
        is_active: user.is_active,
        version: user.version,
    }
}

fn public_user(user: &User) -> types::PublicUser {
    types::PublicUser {
        id: user.id.to_string(),
        full_name: user.full_name.clone(),
        avatar_url: user.avatar_url.clone(),
        seller_category: seller_category(user),
        is_verified: user.is_verified,
    }
}

fn role(user: &User) -> i32 {
    types::Role::from(user.standing.role()).into()
}

fn seller_category(user: &User) -> Option<i32> {
    user.standing.seller_category().map(|category| types::SellerCategory::from(category).into())
}

fn approval(user: &User) -> Option<i32> {
    user.standing.approval().map(|approval| types::Approval::from(approval).into())
}

pub(super) fn counts(counts: &AccountCounts) -> wire::AccountCounts {
    wire::AccountCounts {
        customers: counts.of_role(Role::Customer),
        sellers: counts.of_role(Role::Seller),
        freelancers: counts.of_role(Role::Freelancer),
        admins: counts.of_role(Role::Admin),
        pending_sellers: counts.pending_sellers(),
        inactive: counts.inactive(),
    }
}

pub(super) fn audit_entry(entry: KeptEntry, actor: Option<PublicUser>) -> wire::AuditEntry {
    wire::AuditEntry {
        id: entry.id.to_string(),
        actor_id: text(entry.actor_id),
        actor: actor.map(Into::into),
        action: entry.action,
        target_type: entry.target_type,
        target_id: entry.target_id,
        changes: entry.changes.to_string(),
        request_id: entry.request_id,
        created_at: Some(timestamp(entry.created_at)),
    }
}
