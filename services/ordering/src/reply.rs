//! Orders and stock as messages, and the answers that are stored with their effect.

use commerce_types::{CheckoutId, PublicUser};
use prost::Message;
use protocol::convert::{parse, text, timestamp};
use protocol::ordering::v1 as wire;
use protocol::wire_enum;

use crate::domain::checkout::Checkout;
use crate::domain::order::{
    Actor, DeliveryType, HistoryEntry, OrderItem, OrderKind, OrderStatus, PaymentMethod, PaymentStatus, ShownOrder,
};
use crate::domain::stock::Stock;

wire_enum!(wire::OrderStatus, OrderStatus, {
    Pending, Confirmed, Processing, Shipped, Delivered, Cancelled, Returned
});
wire_enum!(wire::PaymentMethod, PaymentMethod, { Cod, Ccp, Card, BankTransfer });
wire_enum!(wire::PaymentStatus, PaymentStatus, { Pending, Paid, Failed, Refunded });
wire_enum!(wire::DeliveryType, DeliveryType, { Home, Office });
wire_enum!(wire::OrderKind, OrderKind, { Retail, B2b });
wire_enum!(wire::Actor, Actor, { Customer, Seller, Admin, System });

/// The stored answer of a checkout: the same bytes whenever it is repeated.
pub(crate) fn checkout(checkout: &Checkout, user: Option<&PublicUser>) -> Vec<u8> {
    let orders = checkout.parcels.iter().map(|parcel| {
        order(ShownOrder {
            order: parcel.order.clone(),
            items: parcel.items.clone(),
            seller: parcel.seller.clone(),
            user: user.cloned(),
        })
    });
    let message =
        wire::Checkout { id: checkout.id.to_string(), orders: orders.collect(), total: Some(checkout.total.into()) };
    message.encode_to_vec()
}

/// The checkout that an answer is of.
pub(crate) fn checkout_id(answer: &[u8]) -> Option<CheckoutId> {
    parse("id", &wire::Checkout::decode(answer).ok()?.id).ok()
}

pub(crate) fn order(shown: ShownOrder) -> wire::Order {
    let ShownOrder { order, items, seller, user } = shown;
    let created_at = timestamp(order.created_at);
    wire::Order {
        id: order.id.to_string(),
        checkout_id: text(order.checkout_id),
        user: user.map(Into::into),
        seller: Some(seller.into()),
        order_number: order.order_number,
        kind: wire::OrderKind::from(order.kind).into(),
        customer_name: order.contact.customer_name,
        customer_email: order.contact.customer_email,
        customer_phone: order.contact.customer_phone.map(Into::into),
        customer_wilaya: order.customer_wilaya,
        customer_commune: order.contact.customer_commune,
        shipping_address: order.contact.shipping_address,
        delivery_type: wire::DeliveryType::from(order.delivery_type).into(),
        subtotal: Some(order.subtotal.into()),
        shipping_cost: Some(order.shipping_cost.into()),
        total: Some(order.total.into()),
        status: wire::OrderStatus::from(order.status).into(),
        payment_method: wire::PaymentMethod::from(order.payment_method).into(),
        payment_status: wire::PaymentStatus::from(order.payment_status).into(),
        delivery_at: order.delivery_at.map(timestamp),
        tracking_number: order.tracking_number,
        notes: order.contact.notes,
        created_at: Some(created_at),
        updated_at: Some(timestamp(order.updated_at)),
        // Lines are as old as their order.
        items: items.into_iter().map(|line| item(line, created_at)).collect(),
        history: Vec::new(),
        user_id: text(order.user_id),
    }
}

/// What somebody sees who knows number and phone: no id, nobody's name, no way to reach them.
pub(crate) fn tracked(shown: ShownOrder, history: Vec<HistoryEntry>) -> wire::Order {
    let mut order = order(shown);
    for item in &mut order.items {
        item.id.clear();
        item.product_id = None;
    }
    wire::Order {
        id: String::new(),
        checkout_id: None,
        user: None,
        user_id: None,
        customer_name: String::new(),
        customer_email: None,
        customer_phone: None,
        customer_wilaya: None,
        customer_commune: None,
        shipping_address: None,
        notes: None,
        history: history
            .into_iter()
            .map(|step| wire::HistoryEntry { id: String::new(), note: None, ..entry(step) })
            .collect(),
        ..order
    }
}

pub(crate) fn entry(step: HistoryEntry) -> wire::HistoryEntry {
    wire::HistoryEntry {
        id: step.id.to_string(),
        from_status: step.from_status.map(|status| wire::OrderStatus::from(status).into()),
        to_status: wire::OrderStatus::from(step.to_status).into(),
        payment_status: wire::PaymentStatus::from(step.payment_status).into(),
        actor: wire::Actor::from(step.actor).into(),
        note: step.note,
        created_at: Some(timestamp(step.created_at)),
    }
}

fn item(item: OrderItem, created_at: prost_types::Timestamp) -> wire::OrderItem {
    wire::OrderItem {
        id: item.id.to_string(),
        product_id: text(item.product_id),
        product_name: item.product_name,
        product_image: item.product_image,
        quantity: item.quantity,
        price: Some(item.price.into()),
        subtotal: Some(item.subtotal.into()),
        created_at: Some(created_at),
    }
}

pub(crate) fn stock(stock: &Stock) -> wire::ChangeStockResponse {
    wire::ChangeStockResponse {
        product_id: stock.product_id.to_string(),
        free: stock.free,
        switched_on: stock.switched_on,
        version: stock.version,
        updated_at: Some(timestamp(stock.updated_at)),
        replayed: false,
    }
}
