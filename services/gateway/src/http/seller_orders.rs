//! Orders as their seller sees and moves them (`api.md` 9.4, 9.5).

use chrono::{DateTime, Utc};
use commerce_types::{Day, OrderId};
use garde::Validate;
use protocol::ordering::v1 as wire;
use serde::{Deserialize, Deserializer, de};
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, given, length};
use super::orders::OrderStatus;
use super::query::{days_in_order, from_text};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::order::Order;
use super::shapes::page::{limit, page_number};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_list_seller_orders, list_seller_orders).for_sellers_and_admins().with_query(),
        Route::new(__path_show_seller_order, show_seller_order).for_sellers_and_admins(),
        Route::new(__path_move_order, move_order).for_sellers_and_admins().with_body(),
    ]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct SellerOrdersQuery {
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
    kind: Option<OrderKind>,
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
pub(super) enum OrderKind {
    Retail,
    B2b,
}

impl From<OrderKind> for wire::OrderKind {
    fn from(kind: OrderKind) -> Self {
        match kind {
            OrderKind::Retail => Self::Retail,
            OrderKind::B2b => Self::B2b,
        }
    }
}

/// Orders whose seller is the caller, newest first
#[utoipa::path(get, path = "/api/v1/seller/orders", tag = "seller", params(SellerOrdersQuery),
    responses((status = 200, description = "A page", body = List<Order>)))]
async fn list_seller_orders(call: Call) -> Answer {
    let query: SellerOrdersQuery = call.query()?;
    days_in_order(query.date_from, query.date_to)?;
    let page = protocol::types::v1::Page { number: page_number(query.page), limit: limit(query.limit) };
    let message = wire::ListSellerOrdersRequest {
        page: Some(page),
        status: query.status.map_or(wire::OrderStatus::Unspecified, Into::into).into(),
        kind: query.kind.map_or(wire::OrderKind::Unspecified, Into::into).into(),
        from_date: query.date_from.map(|day| day.to_string()),
        to_date: query.date_to.map(|day| day.to_string()),
        search: query.search.map(Into::into),
    };
    let answer = call.app.upstream.list_seller_orders(message, call.account.as_ref()).await?;
    let orders = answer.orders.into_iter().map(|order| Order::try_from(order).map(Order::without_seller));
    Ok(Reply::ok(&List::new(orders.collect::<Result<_, _>>()?, page, answer.total)))
}

/// One order, for its seller and admins
#[utoipa::path(get, path = "/api/v1/seller/orders/{id}", tag = "seller", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The order", body = Order),
    (status = 404, description = "`ORDER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn show_seller_order(call: Call) -> Answer {
    let id: OrderId = call.id("id")?;
    let message = wire::GetSellerOrderRequest { id: id.to_string() };
    let order = call.app.upstream.get_seller_order(message, call.account.as_ref()).await?;
    Ok(Reply::ok(&Order::try_from(order)?))
}

/// Where an order goes from here.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    #[garde(skip)]
    status: OrderStatus,
    #[serde(default, deserialize_with = "given")]
    #[garde(custom(length(1..=100)))]
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    tracking_number: Option<Text>,
    /// A time, or a day of Algiers.
    #[garde(skip)]
    #[serde(default, deserialize_with = "time_or_day")]
    #[schema(value_type = Option<String>, nullable = false)]
    delivery_date: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "given")]
    #[garde(custom(length(1..=500)))]
    #[schema(nullable = false, min_length = 1, max_length = 500)]
    note: Option<Text>,
}

/// Move an order along
#[utoipa::path(patch, path = "/api/v1/seller/orders/{id}/status", tag = "seller", request_body = Step,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Moved", body = Order),
        (status = 404, description = "`ORDER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`INVALID_STATUS_TRANSITION`", body = super::error::ErrorBody<'static>),
    ))]
async fn move_order(call: Call) -> Answer {
    let id: OrderId = call.id("id")?;
    let step: Step = call.body()?;
    let message = wire::MoveOrderRequest {
        id: id.to_string(),
        status: wire::OrderStatus::from(step.status).into(),
        tracking_number: step.tracking_number.map(Into::into),
        delivery_at: step.delivery_date.map(protocol::convert::timestamp),
        note: step.note.map(Into::into),
    };
    let moved = call.app.upstream.move_order(message, call.account.as_ref()).await?;
    call.moved(moved)
}

/// A time of any offset, or the beginning of a day in Algiers.
fn time_or_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = || text.parse().ok().map(Day::begins_at);
    let time = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc()).or_else(day);
    time.map(Some).ok_or_else(|| de::Error::custom("must be a time such as 2026-11-22T18:05:09Z, or a day"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_algiers() {
        let step: Step = serde_json::from_str(r#"{"status": "shipped", "delivery_date": "2026-11-22"}"#).unwrap();
        assert_eq!(step.delivery_date.unwrap().to_rfc3339(), "2026-11-21T23:00:00+00:00");
        let step: Step = serde_json::from_str(r#"{"status": "shipped"}"#).unwrap();
        assert_eq!(step.delivery_date, None);
        for wrong in ["22-11-2026", "2026-02-30", "2026-11-22 10:00", "soon", ""] {
            let body = format!(r#"{{"status": "shipped", "delivery_date": "{wrong}"}}"#);
            assert!(serde_json::from_str::<Step>(&body).is_err(), "{wrong}");
        }
    }
}
