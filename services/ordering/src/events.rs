//! What ordering says, and what it hears.

use access_token::Account;
use commerce_types::PublicUser;
use diesel_async::AsyncPgConnection;
use events::{Event, Handler, HandlerError, Received, names};
use protocol::convert::{Malformed, parse, required, text};
use protocol::identity::v1 as identity;
use protocol::ordering::v1 as wire;
use protocol::types::v1::AdminAction;
use serde_json::{Map, json};
use service_runtime::{Clock, context};

use crate::app::App;
use crate::domain::checkout::Checkout;
use crate::domain::order::{Order, ShownOrder};
use crate::domain::status::Step;
use crate::domain::stock::Movement;
use crate::operations::keep_accounts::{Told, keep_accounts};

pub(crate) use ::events::write;

/// One for each order of a checkout.
pub(crate) fn orders_placed(checkout: &Checkout) -> Vec<Event> {
    let placed = checkout.parcels.iter().map(|parcel| {
        let order = &parcel.order;
        let payload = wire::OrderPlaced {
            order_id: order.id.to_string(),
            checkout_id: text(order.checkout_id),
            order_number: order.order_number.clone(),
            user_id: text(order.user_id),
            seller_id: order.seller_id.to_string(),
            total_centimes: order.total.centimes(),
            items_count: i32::try_from(parcel.items.len()).unwrap_or(i32::MAX),
            product_ids: parcel.items.iter().filter_map(|item| text(item.product_id)).collect(),
            placed_at_micros: order.created_at.timestamp_micros(),
            order: Some(brief(order, parcel.items.len())),
        };
        Event::new(names::ORDER_PLACED, order.id.as_uuid(), &payload)
    });
    placed.collect()
}

/// An order took a step.
pub(crate) fn order_status_changed(shown: &ShownOrder, step: &Step) -> Event {
    let after = &shown.order;
    let payload = wire::OrderStatusChanged {
        order_id: after.id.to_string(),
        checkout_id: text(after.checkout_id),
        order_number: after.order_number.clone(),
        user_id: text(after.user_id),
        seller_id: after.seller_id.to_string(),
        from_status: wire::OrderStatus::from(step.from).into(),
        to_status: wire::OrderStatus::from(step.to).into(),
        payment_status: wire::PaymentStatus::from(after.payment_status).into(),
        version: after.version,
        order: Some(brief(after, shown.items.len())),
    };
    Event::new(names::ORDER_STATUS_CHANGED, after.id.as_uuid(), &payload)
}

fn brief(order: &Order, items: usize) -> wire::OrderBrief {
    wire::OrderBrief {
        id: order.id.to_string(),
        order_number: order.order_number.clone(),
        kind: wire::OrderKind::from(order.kind).into(),
        seller_id: order.seller_id.to_string(),
        status: wire::OrderStatus::from(order.status).into(),
        payment_status: wire::PaymentStatus::from(order.payment_status).into(),
        payment_method: wire::PaymentMethod::from(order.payment_method).into(),
        subtotal_centimes: order.subtotal.centimes(),
        shipping_cost_centimes: order.shipping_cost.centimes(),
        total_centimes: order.total.centimes(),
        items_count: i32::try_from(items).unwrap_or(i32::MAX),
        tracking_number: order.tracking_number.clone(),
        created_at_micros: order.created_at.timestamp_micros(),
        updated_at_micros: order.updated_at.timestamp_micros(),
    }
}

/// What a transaction left of all products it touched; nothing for none.
pub(crate) fn stock_changed(movements: &[Movement]) -> Option<Event> {
    let aggregate_id = movements.first()?.left.product_id.as_uuid();
    let stock = movements.iter().map(|movement| wire::StockLeft {
        product_id: movement.left.product_id.to_string(),
        free: movement.left.free,
        switched_on: movement.left.switched_on,
        version: movement.left.version,
    });
    let payload = wire::StockChanged { stock: stock.collect() };
    Some(Event::new(names::STOCK_CHANGED, aggregate_id, &payload))
}

/// An admin moved somebody else's order.
pub(crate) fn admin_moved_order(admin: &Account, before: &Order, after: &Order) -> Event {
    let mut changes = Map::new();
    changes.insert("status".to_owned(), json!({ "from": before.status, "to": after.status }));
    if before.payment_status != after.payment_status {
        let change = json!({ "from": before.payment_status, "to": after.payment_status });
        changes.insert("payment_status".to_owned(), change);
    }
    let payload = AdminAction {
        actor_id: admin.user_id.to_string(),
        action: "order.status_changed".to_owned(),
        target_type: "order".to_owned(),
        target_id: after.id.to_string(),
        changes: serde_json::Value::Object(changes).to_string(),
        request_id: context::current().map(|context| context.request_id.to_string()).unwrap_or_default(),
    };
    Event::new(names::ORDERING_ADMIN_ACTION, after.id.as_uuid(), &payload)
}

/// Hears what becomes of accounts.
pub(crate) struct Hears {
    clock: Clock,
}

impl Hears {
    pub(crate) fn new(app: &App) -> Self {
        Self { clock: app.clock.clone() }
    }
}

impl Handler for Hears {
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        let told = batch.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        keep_accounts(conn, told.into_iter().flatten().collect(), self.clock.now()).await?;
        Ok(())
    }
}

/// Why an event says nothing.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the payload is not of the event's type")]
    Payload(#[from] prost::DecodeError),
    #[error("the event is not whole")]
    Malformed(#[from] Malformed),
}

fn read(event: &Received) -> Result<Option<Told>, Unreadable> {
    match event.name.as_str() {
        names::USER_REGISTERED => state(event.decode::<identity::UserRegistered>()?.account).map(Some),
        names::USER_CHANGED => state(event.decode::<identity::UserChanged>()?.account).map(Some),
        names::USER_DELETED => {
            let user_id = parse("user_id", &event.decode::<identity::UserDeleted>()?.user_id)?;
            Ok(Some(Told::Deleted(user_id)))
        }
        _ => Ok(None),
    }
}

fn state(account: Option<identity::AccountState>) -> Result<Told, Unreadable> {
    let account = required("account", account)?;
    let user: PublicUser = required("user", account.user)?.try_into()?;
    Ok(Told::Changed(user, account.version))
}
