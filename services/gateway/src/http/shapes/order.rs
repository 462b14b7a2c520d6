//! Orders as the contract shows them (`api.md` 9.1, 10.1).

use chrono::{DateTime, Utc};
use commerce_types::Money;
use protocol::convert::{Malformed, money, required, time};
use protocol::ordering::v1 as wire;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::{iso, iso_optional};
use super::user::PublicUser;

/// An order as its parties see it.
#[derive(Serialize, ToSchema)]
pub struct Order {
    id: String,
    /// Joins the orders of one POST.
    checkout_id: Option<String>,
    /// Null for guests.
    user_id: Option<String>,
    seller_id: String,
    order_number: String,
    /// `retail` or `b2b`.
    kind: String,
    b2b_offer_id: Option<String>,
    b2b_response_id: Option<String>,
    customer_name: String,
    customer_email: Option<String>,
    customer_phone: Option<String>,
    customer_wilaya: Option<String>,
    customer_commune: Option<String>,
    shipping_address: Option<String>,
    /// The same text again, for old clients.
    customer_address: Option<String>,
    /// `home` or `office`.
    delivery_type: String,
    #[schema(value_type = f64)]
    subtotal: Money,
    #[schema(value_type = f64)]
    shipping_cost: Money,
    #[schema(value_type = f64)]
    total: Money,
    /// `pending`, `confirmed`, `processing`, `shipped`, `delivered`, `cancelled` or `returned`.
    status: String,
    /// `cod`, `ccp`, `card` or `bank_transfer`.
    payment_method: String,
    /// `pending`, `paid`, `failed` or `refunded`.
    payment_status: String,
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    delivery_date: Option<DateTime<Utc>>,
    tracking_number: Option<String>,
    notes: Option<String>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
    items: Vec<OrderItem>,
    /// Absent in a seller's own list.
    #[serde(skip_serializing_if = "Option::is_none")]
    seller: Option<PublicUser>,
    /// Null for guests; absent in a buyer's own list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PublicUser>)]
    user: Option<Option<PublicUser>>,
}

/// A line as it was sold.
#[derive(Serialize, ToSchema)]
pub struct OrderItem {
    id: String,
    order_id: String,
    product_id: Option<String>,
    product_name: String,
    product_image: Option<String>,
    quantity: i32,
    #[schema(value_type = f64)]
    price: Money,
    #[schema(value_type = f64)]
    subtotal: Money,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// A step of an order.
#[derive(Serialize, ToSchema)]
pub struct HistoryEntry {
    id: String,
    /// Null for the first.
    from_status: Option<String>,
    to_status: String,
    /// After the step.
    payment_status: String,
    /// `customer`, `seller`, `admin` or `system`.
    actor: String,
    note: Option<String>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// An order as whoever knows its number and phone sees it: nothing that tells who bought or where.
#[derive(Serialize, ToSchema)]
pub struct TrackedOrder {
    order_number: String,
    status: String,
    payment_status: String,
    payment_method: String,
    delivery_type: String,
    #[schema(value_type = f64)]
    subtotal: Money,
    #[schema(value_type = f64)]
    shipping_cost: Money,
    #[schema(value_type = f64)]
    total: Money,
    tracking_number: Option<String>,
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    delivery_date: Option<DateTime<Utc>>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
    items: Vec<TrackedItem>,
    history: Vec<TrackedStep>,
    seller: PublicUser,
}

/// A line of a tracked order.
#[derive(Serialize, ToSchema)]
pub struct TrackedItem {
    product_name: String,
    product_image: Option<String>,
    quantity: i32,
    #[schema(value_type = f64)]
    price: Money,
    #[schema(value_type = f64)]
    subtotal: Money,
}

/// A step of a tracked order.
#[derive(Serialize, ToSchema)]
pub struct TrackedStep {
    status: String,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

impl Order {
    /// As it stands in a list of the buyer's own.
    #[must_use]
    pub fn without_user(self) -> Self {
        Self { user: None, ..self }
    }

    /// As it stands in a list of the seller's own.
    #[must_use]
    pub fn without_seller(self) -> Self {
        Self { seller: None, ..self }
    }
}

impl TryFrom<wire::Order> for Order {
    type Error = Malformed;

    fn try_from(order: wire::Order) -> Result<Self, Malformed> {
        let seller = PublicUser::from(required("seller", order.seller)?);
        let items = order.items.into_iter().map(|item| OrderItem::of(&order.id, item)).collect::<Result<_, _>>()?;
        Ok(Self {
            checkout_id: order.checkout_id,
            user_id: order.user_id,
            seller_id: seller.id.clone(),
            order_number: order.order_number,
            kind: kind(order.kind),
            b2b_offer_id: None,
            b2b_response_id: None,
            customer_name: order.customer_name,
            customer_email: order.customer_email,
            customer_phone: order.customer_phone,
            customer_wilaya: order.customer_wilaya,
            customer_commune: order.customer_commune,
            shipping_address: order.shipping_address.clone(),
            customer_address: order.shipping_address,
            delivery_type: delivery_type(order.delivery_type),
            subtotal: money("subtotal", order.subtotal.as_ref())?,
            shipping_cost: money("shipping_cost", order.shipping_cost.as_ref())?,
            total: money("total", order.total.as_ref())?,
            status: status(order.status),
            payment_method: payment_method(order.payment_method),
            payment_status: payment_status(order.payment_status),
            delivery_date: protocol::convert::optional_time("delivery_at", order.delivery_at.as_ref())?,
            tracking_number: order.tracking_number,
            notes: order.notes,
            created_at: time("created_at", order.created_at.as_ref())?,
            updated_at: time("updated_at", order.updated_at.as_ref())?,
            items,
            seller: Some(seller),
            user: Some(order.user.map(PublicUser::from)),
            id: order.id,
        })
    }
}

impl OrderItem {
    fn of(order_id: &str, item: wire::OrderItem) -> Result<Self, Malformed> {
        Ok(Self {
            id: item.id,
            order_id: order_id.to_owned(),
            product_id: item.product_id,
            product_name: item.product_name,
            product_image: item.product_image,
            quantity: item.quantity,
            price: money("price", item.price.as_ref())?,
            subtotal: money("subtotal", item.subtotal.as_ref())?,
            created_at: time("created_at", item.created_at.as_ref())?,
        })
    }
}

impl TryFrom<wire::HistoryEntry> for HistoryEntry {
    type Error = Malformed;

    fn try_from(entry: wire::HistoryEntry) -> Result<Self, Malformed> {
        Ok(Self {
            id: entry.id,
            from_status: entry.from_status.map(status),
            to_status: status(entry.to_status),
            payment_status: payment_status(entry.payment_status),
            actor: word(wire::Actor::try_from(entry.actor).unwrap_or_default().as_str_name(), "ACTOR_"),
            note: entry.note,
            created_at: time("created_at", entry.created_at.as_ref())?,
        })
    }
}

impl TryFrom<wire::Order> for TrackedOrder {
    type Error = Malformed;

    fn try_from(order: wire::Order) -> Result<Self, Malformed> {
        let item = |item: wire::OrderItem| {
            Ok(TrackedItem {
                product_name: item.product_name,
                product_image: item.product_image,
                quantity: item.quantity,
                price: money("price", item.price.as_ref())?,
                subtotal: money("subtotal", item.subtotal.as_ref())?,
            })
        };
        let step = |entry: wire::HistoryEntry| {
            let created_at = time("created_at", entry.created_at.as_ref())?;
            Ok(TrackedStep { status: status(entry.to_status), created_at })
        };
        Ok(Self {
            order_number: order.order_number,
            status: status(order.status),
            payment_status: payment_status(order.payment_status),
            payment_method: payment_method(order.payment_method),
            delivery_type: delivery_type(order.delivery_type),
            subtotal: money("subtotal", order.subtotal.as_ref())?,
            shipping_cost: money("shipping_cost", order.shipping_cost.as_ref())?,
            total: money("total", order.total.as_ref())?,
            tracking_number: order.tracking_number,
            delivery_date: protocol::convert::optional_time("delivery_at", order.delivery_at.as_ref())?,
            created_at: time("created_at", order.created_at.as_ref())?,
            updated_at: time("updated_at", order.updated_at.as_ref())?,
            items: order.items.into_iter().map(item).collect::<Result<_, Malformed>>()?,
            history: order.history.into_iter().map(step).collect::<Result<_, Malformed>>()?,
            seller: required("seller", order.seller)?.into(),
        })
    }
}

pub(crate) fn status(number: i32) -> String {
    word(wire::OrderStatus::try_from(number).unwrap_or_default().as_str_name(), "ORDER_STATUS_")
}

pub(crate) fn kind(number: i32) -> String {
    word(wire::OrderKind::try_from(number).unwrap_or_default().as_str_name(), "ORDER_KIND_")
}

fn delivery_type(number: i32) -> String {
    word(wire::DeliveryType::try_from(number).unwrap_or_default().as_str_name(), "DELIVERY_TYPE_")
}

pub(crate) fn payment_method(number: i32) -> String {
    word(wire::PaymentMethod::try_from(number).unwrap_or_default().as_str_name(), "PAYMENT_METHOD_")
}

pub(crate) fn payment_status(number: i32) -> String {
    word(wire::PaymentStatus::try_from(number).unwrap_or_default().as_str_name(), "PAYMENT_STATUS_")
}

/// The contract's word of a value that the wire names `PREFIX_WORD`.
fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_ascii_lowercase()
}
