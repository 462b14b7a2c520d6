//! What was done to accounts, and by admins to what is not theirs (`api.md` 11).

use commerce_types::{Day, UserId};
use garde::Validate;
use protocol::identity::v1 as wire;
use serde::Deserialize;

use super::call::Call;
use super::fields::{Text, length};
use super::query::{days_in_order, from_text};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::audit::AuditEntry;
use super::shapes::list::List;
use super::shapes::page::page;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_list_audit, list_audit).for_admins().with_query()]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    actor_id: Option<UserId>,
    /// Such as `user.role_changed`.
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    action: Option<Text>,
    /// Such as `user`.
    #[garde(custom(length(1..=50)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    target_type: Option<Text>,
    #[garde(custom(length(1..=200)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    target_id: Option<Text>,
    /// First day, in Algiers.
    #[garde(skip)]
    #[serde(deserialize_with = "from_text")]
    #[param(value_type = Option<String>, format = Date)]
    date_from: Option<Day>,
    /// Last day, in Algiers.
    #[garde(skip)]
    #[serde(deserialize_with = "from_text")]
    #[param(value_type = Option<String>, format = Date)]
    date_to: Option<Day>,
}

/// What was done, newest first
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "admin", params(AuditQuery),
    responses((status = 200, description = "A page", body = List<AuditEntry>)))]
async fn list_audit(call: Call) -> Answer {
    let query: AuditQuery = call.query()?;
    days_in_order(query.date_from, query.date_to)?;
    let page = page(query.page, query.limit);
    let message = wire::ListAuditRequest {
        page: Some(page),
        actor_id: query.actor_id.map(|id| id.to_string()),
        action: query.action.map(Into::into),
        target_type: query.target_type.map(Into::into),
        target_id: query.target_id.map(Into::into),
        from_date: query.date_from.map(|day| day.to_string()),
        to_date: query.date_to.map(|day| day.to_string()),
    };
    let answer = call.app.upstream.list_audit(message, call.account.as_ref()).await?;
    let entries = answer.entries.into_iter().map(AuditEntry::try_from).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&List::new(entries, page, answer.total)))
}
