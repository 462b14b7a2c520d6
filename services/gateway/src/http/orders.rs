//! Placing, reading and cancelling orders (`api.md` 9.2, 9.3, 9.5).

use actix_web::http::StatusCode;
use commerce_types::{Money, OrderId, Phone, ProductId};
use garde::Validate;
use prost::Message;
use protocol::ordering::v1 as wire;
use serde::{Deserialize, Serialize};
use service_error::ServiceError;
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, email, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::order::{HistoryEntry, Order};
use super::shapes::page::{limit, page_number};
use crate::edge_cache::Fact;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_place_order, place_order).for_anyone().with_body().with_key(),
        Route::new(__path_list_orders, list_orders).with_query(),
        Route::new(__path_show_order, show_order).for_parties(),
        Route::new(__path_show_history, show_history).for_parties(),
        Route::new(__path_cancel_order, cancel_order).for_parties().with_optional_body(),
    ]
}

/// What a buyer orders; every amount is the server's.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    #[garde(custom(length(3..=100)))]
    #[schema(min_length = 3, max_length = 100)]
    customer_name: Text,
    #[garde(skip)]
    #[schema(value_type = String, example = "0555 12 34 56")]
    customer_phone: Phone,
    #[garde(custom(length(10..=300)))]
    #[schema(min_length = 10, max_length = 300)]
    shipping_address: Text,
    /// A name of `GET /shipping/wilayas`.
    #[garde(custom(length(1..=100)))]
    #[schema(min_length = 1, max_length = 100)]
    customer_wilaya: Text,
    #[garde(skip)]
    payment_method: PaymentMethod,
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<Line>,
    #[garde(custom(email))]
    #[schema(max_length = 254)]
    customer_email: Option<Text>,
    #[garde(custom(length(1..=100)))]
    #[schema(min_length = 1, max_length = 100)]
    customer_commune: Option<Text>,
    /// `home` when absent.
    #[garde(skip)]
    delivery_type: Option<DeliveryType>,
    #[garde(custom(length(0..=500)))]
    #[schema(max_length = 500)]
    notes: Option<Text>,
    /// The total the buyer was shown.
    #[garde(skip)]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 9_999_999_999_999.99)]
    expected_total: Option<Money>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderLine)]
struct Line {
    #[garde(skip)]
    #[schema(value_type = uuid::Uuid)]
    product_id: ProductId,
    #[garde(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000)]
    quantity: i32,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PaymentMethod {
    Cod,
    Ccp,
    Card,
    BankTransfer,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DeliveryType {
    Home,
    Office,
}

/// A word for an order's status, in filters and changes.
#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OrderStatus {
    Pending,
    Confirmed,
    Processing,
    Shipped,
    Delivered,
    Cancelled,
    Returned,
}

impl From<OrderStatus> for wire::OrderStatus {
    fn from(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Pending => Self::Pending,
            OrderStatus::Confirmed => Self::Confirmed,
            OrderStatus::Processing => Self::Processing,
            OrderStatus::Shipped => Self::Shipped,
            OrderStatus::Delivered => Self::Delivered,
            OrderStatus::Cancelled => Self::Cancelled,
            OrderStatus::Returned => Self::Returned,
        }
    }
}

impl From<NewOrder> for wire::PlaceOrderRequest {
    fn from(order: NewOrder) -> Self {
        let payment_method = match order.payment_method {
            PaymentMethod::Cod => wire::PaymentMethod::Cod,
            PaymentMethod::Ccp => wire::PaymentMethod::Ccp,
            PaymentMethod::Card => wire::PaymentMethod::Card,
            PaymentMethod::BankTransfer => wire::PaymentMethod::BankTransfer,
        };
        let delivery_type = match order.delivery_type {
            None | Some(DeliveryType::Home) => wire::DeliveryType::Home,
            Some(DeliveryType::Office) => wire::DeliveryType::Office,
        };
        let line = |line: Line| wire::BasketLine { product_id: line.product_id.to_string(), quantity: line.quantity };
        Self {
            customer_name: order.customer_name.into(),
            customer_phone: order.customer_phone.as_str().to_owned(),
            shipping_address: order.shipping_address.into(),
            customer_wilaya: order.customer_wilaya.into(),
            payment_method: payment_method.into(),
            lines: order.items.into_iter().map(line).collect(),
            customer_email: order.customer_email.map(Into::into),
            customer_commune: order.customer_commune.map(Into::into),
            delivery_type: delivery_type.into(),
            notes: order.notes.map(Into::into),
            expected_total: order.expected_total.map(Into::into),
            key: None,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Checkout {
    message: &'static str,
    checkout_id: String,
    /// One for each seller, in the order of first appearance.
    orders: Vec<Order>,
    #[schema(value_type = f64)]
    total: Money,
    /// Guests only: opens the orders by `X-Tracking-Token` for 180 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_token: Option<String>,
}

/// Place an order: all of it, or nothing
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", request_body = NewOrder, responses(
    (status = 201, description = "Accepted, for ever", body = Checkout),
    (status = 400, description = "`VALIDATION_ERROR`; `MIN_ORDER_QUANTITY`", body = super::error::ErrorBody<'static>),
    (status = 404, description = "`PRODUCT_NOT_FOUND`, every such product", body = super::error::ErrorBody<'static>),
    (status = 409, description = "`OUT_OF_STOCK`, `PRICE_CHANGED`, `IDEMPOTENCY_IN_PROGRESS`",
        body = super::error::ErrorBody<'static>),
))]
async fn place_order(call: Call) -> Answer {
    let mut message = wire::PlaceOrderRequest::from(call.body::<NewOrder>()?);
    message.key = call.key()?.map(Into::into);
    let answer = call.app.upstream.place_order(message, call.account.as_ref()).await?;
    call.flip(&answer.flipped_product_ids);
    let checkout = wire::Checkout::decode(&*answer.checkout).map_err(ServiceError::internal)?;
    let total = protocol::convert::money("total", checkout.total.as_ref())?;
    let orders = checkout.orders.into_iter().map(Order::try_from).collect::<Result<_, _>>()?;
    let checkout = Checkout {
        message: "The order was placed.",
        checkout_id: checkout.id,
        orders,
        total,
        tracking_token: answer.tracking_token,
    };
    Ok(Reply::json(StatusCode::CREATED, &checkout).replayed(answer.replayed))
}

#[derive(Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct ListQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(skip)]
    #[param(inline)]
    status: Option<OrderStatus>,
}

/// The caller's own orders as a buyer, newest first
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(ListQuery),
    responses((status = 200, description = "A page", body = List<Order>)))]
async fn list_orders(call: Call) -> Answer {
    let query: ListQuery = call.query()?;
    let page = protocol::types::v1::Page { number: page_number(query.page), limit: limit(query.limit) };
    let message = wire::ListOrdersRequest {
        page: Some(page),
        status: query.status.map_or(wire::OrderStatus::Unspecified, Into::into).into(),
    };
    let answer = call.app.upstream.list_orders(message, call.account.as_ref()).await?;
    let orders = answer.orders.into_iter().map(|order| Order::try_from(order).map(Order::without_user));
    Ok(Reply::ok(&List::new(orders.collect::<Result<_, _>>()?, page, answer.total)))
}

/// One order, for its parties and whoever holds its tracking token
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders",
    params(("id" = uuid::Uuid, Path), ("X-Tracking-Token" = Option<String>, Header, description = "Of a guest's checkout")),
    responses(
        (status = 200, description = "The order", body = Order),
        (status = 404, description = "`ORDER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn show_order(call: Call) -> Answer {
    let id: OrderId = call.id("id")?;
    let tracking_token = call.tracking_token()?.map(str::to_owned);
    let message = wire::GetOrderRequest { id: id.to_string(), tracking_token };
    let order = call.app.upstream.get_order(message, call.account.as_ref()).await?;
    Ok(Reply::ok(&Order::try_from(order)?))
}

#[derive(Serialize, ToSchema)]
struct History {
    data: Vec<HistoryEntry>,
}

/// The steps of an order, oldest first
#[utoipa::path(get, path = "/api/v1/orders/{id}/history", tag = "orders",
    params(("id" = uuid::Uuid, Path), ("X-Tracking-Token" = Option<String>, Header, description = "Of a guest's checkout")),
    responses(
        (status = 200, description = "All of them", body = History),
        (status = 404, description = "`ORDER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn show_history(call: Call) -> Answer {
    let id: OrderId = call.id("id")?;
    let tracking_token = call.tracking_token()?.map(str::to_owned);
    let message = wire::GetHistoryRequest { id: id.to_string(), tracking_token };
    let answer = call.app.upstream.get_history(message, call.account.as_ref()).await?;
    let data = answer.entries.into_iter().map(HistoryEntry::try_from).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&History { data }))
}

#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(deny_unknown_fields)]
struct Cancel {
    #[garde(custom(length(1..=500)))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<Text>,
}

/// Cancel an order that is pending or confirmed
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "orders", request_body = Cancel,
    params(("id" = uuid::Uuid, Path), ("X-Tracking-Token" = Option<String>, Header, description = "Of a guest's checkout")),
    responses(
        (status = 200, description = "Cancelled", body = Order),
        (status = 404, description = "`ORDER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`INVALID_STATUS_TRANSITION`", body = super::error::ErrorBody<'static>),
    ))]
async fn cancel_order(call: Call) -> Answer {
    let tracking_token = call.tracking_token()?.map(str::to_owned);
    let id: OrderId = call.id("id")?;
    let body: Cancel = call.optional_body()?.unwrap_or_default();
    let message = wire::CancelOrderRequest { id: id.to_string(), tracking_token, note: body.note.map(Into::into) };
    let moved = call.app.upstream.cancel_order(message, call.account.as_ref()).await?;
    call.moved(moved)
}

impl Call {
    /// Drops what shows products that sold out or came back by what this call did.
    pub(super) fn flip(&self, product_ids: &[String]) {
        for id in product_ids.iter().filter_map(|id| id.parse().ok()) {
            self.app.edge_cache.drop_what_shows(&Fact::Flip(id));
        }
    }

    /// The answer to a step of an order.
    pub(super) fn moved(&self, moved: wire::OrderMoved) -> Answer {
        self.flip(&moved.flipped_product_ids);
        let order = protocol::convert::required("order", moved.order)?;
        Ok(Reply::done(&Order::try_from(order)?))
    }
}
