//! What one seller delivers, its lines and its steps.

use chrono::{DateTime, Utc};
use commerce_types::{CheckoutId, HistoryId, Money, OrderId, OrderItemId, ProductId, PublicUser, UserId, text_enum};
use diesel::{HasQuery, Insertable};

use crate::domain::buyer::{Buyer, Contact};
use crate::schema::{order_history, order_items, orders};

text_enum! {
    /// Where an order stands.
    pub(crate) enum OrderStatus {
        Pending = "pending",
        Confirmed = "confirmed",
        Processing = "processing",
        Shipped = "shipped",
        Delivered = "delivered",
        Cancelled = "cancelled",
        Returned = "returned",
    }
}

text_enum! {
    pub(crate) enum PaymentMethod {
        Cod = "cod",
        Ccp = "ccp",
        Card = "card",
        BankTransfer = "bank_transfer",
    }
}

text_enum! {
    pub(crate) enum PaymentStatus {
        Pending = "pending",
        Paid = "paid",
        Failed = "failed",
        Refunded = "refunded",
    }
}

text_enum! {
    pub(crate) enum DeliveryType {
        Home = "home",
        Office = "office",
    }
}

text_enum! {
    pub(crate) enum OrderKind {
        Retail = "retail",
        B2b = "b2b",
    }
}

text_enum! {
    /// Who took a step.
    pub(crate) enum Actor {
        Customer = "customer",
        Seller = "seller",
        Admin = "admin",
        System = "system",
    }
}

/// What one seller has to deliver.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = orders)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) order_number: String,
    pub(crate) kind: OrderKind,
    pub(crate) checkout_id: Option<CheckoutId>,
    pub(crate) user_id: Buyer,
    pub(crate) seller_id: UserId,
    #[diesel(embed)]
    pub(crate) contact: Contact,
    pub(crate) customer_wilaya: Option<String>,
    pub(crate) delivery_type: DeliveryType,
    pub(crate) subtotal: Money,
    pub(crate) shipping_cost: Money,
    pub(crate) total: Money,
    pub(crate) status: OrderStatus,
    pub(crate) payment_method: PaymentMethod,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) delivery_at: Option<DateTime<Utc>>,
    pub(crate) tracking_number: Option<String>,
    /// Grows by one with every step.
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Its account was deleted and it is finished.
    pub(crate) wiped_at: Option<DateTime<Utc>>,
}

/// A line as it was sold; later changes of the product do not reach it.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = order_items)]
pub(crate) struct OrderItem {
    pub(crate) order_id: OrderId,
    pub(crate) position: i16,
    pub(crate) id: OrderItemId,
    pub(crate) product_id: Option<ProductId>,
    pub(crate) product_name: String,
    pub(crate) product_image: Option<String>,
    pub(crate) quantity: i32,
    pub(crate) price: Money,
    pub(crate) subtotal: Money,
}

/// A step that an order took; the first is its placing.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = order_history)]
pub(crate) struct HistoryEntry {
    pub(crate) order_id: OrderId,
    /// Of the order after the step.
    pub(crate) version: i64,
    pub(crate) id: HistoryId,
    pub(crate) from_status: Option<OrderStatus>,
    pub(crate) to_status: OrderStatus,
    /// After the step.
    pub(crate) payment_status: PaymentStatus,
    pub(crate) actor: Actor,
    pub(crate) actor_id: Option<UserId>,
    pub(crate) note: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
}

/// An order with what is shown beside it.
#[derive(Debug, Clone)]
pub(crate) struct ShownOrder {
    pub(crate) order: Order,
    pub(crate) items: Vec<OrderItem>,
    pub(crate) seller: PublicUser,
    /// Absent for guests and deleted accounts.
    pub(crate) user: Option<PublicUser>,
}
