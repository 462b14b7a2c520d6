//! Everybody's orders (`api.md` 11).

use commerce_types::{Day, UserId};
use garde::Validate;
use protocol::ordering::v1 as wire;
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, length};
use super::orders::OrderStatus;
use super::query::{days_in_order, from_text};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::seller_orders::OrderKind;
use super::shapes::list::List;
use super::shapes::order::Order;
use super::shapes::page::page;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_list_all_orders, list_all_orders).for_admins().with_query()]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AllOrdersQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(skip)]
    #[param(inline)]
    status: Option<OrderStatus>,
    #[garde(skip)]
    #[param(inline)]
    payment_status: Option<PaymentStatus>,
    #[garde(skip)]
    #[param(inline)]
    kind: Option<OrderKind>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    seller_id: Option<UserId>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    user_id: Option<UserId>,
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
    /// Beginning of an order number, part of a customer's name, or a phone.
    #[garde(custom(length(2..=100)))]
    #[param(value_type = Option<String>, min_length = 2, max_length = 100)]
    search: Option<Text>,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PaymentStatus {
    Pending,
    Paid,
    Failed,
    Refunded,
}

impl From<PaymentStatus> for wire::PaymentStatus {
    fn from(status: PaymentStatus) -> Self {
        match status {
            PaymentStatus::Pending => Self::Pending,
            PaymentStatus::Paid => Self::Paid,
            PaymentStatus::Failed => Self::Failed,
            PaymentStatus::Refunded => Self::Refunded,
        }
    }
}

/// Everybody's orders, newest first
#[utoipa::path(get, path = "/api/v1/admin/orders", tag = "admin", params(AllOrdersQuery),
    responses((status = 200, description = "A page", body = List<Order>)))]
async fn list_all_orders(call: Call) -> Answer {
    let query: AllOrdersQuery = call.query()?;
    days_in_order(query.date_from, query.date_to)?;
    let page = page(query.page, query.limit);
    let message = wire::ListAllOrdersRequest {
        page: Some(page),
        status: query.status.map_or(wire::OrderStatus::Unspecified, Into::into).into(),
        payment_status: query.payment_status.map_or(wire::PaymentStatus::Unspecified, Into::into).into(),
        kind: query.kind.map_or(wire::OrderKind::Unspecified, Into::into).into(),
        seller_id: query.seller_id.map(|id| id.to_string()),
        user_id: query.user_id.map(|id| id.to_string()),
        from_date: query.date_from.map(|day| day.to_string()),
        to_date: query.date_to.map(|day| day.to_string()),
        search: query.search.map(Into::into),
    };
    let answer = call.app.upstream.list_all_orders(message, call.account.as_ref()).await?;
    let orders = answer.orders.into_iter().map(Order::try_from).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&List::new(orders, page, answer.total)))
}
