//! Take one step of an order, with all that goes with it.
//!
//! Always true: of racing steps one is taken; status, history, stock, ledger and events are rows of one transaction,
//! so units come back exactly once.

use std::collections::BTreeMap;

use access_token::Account;
use chrono::{DateTime, Utc};
use commerce_types::{HistoryId, ProductId};
use database::transaction;
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::buyer::Contact;
use crate::domain::order::{Actor, HistoryEntry, Order, OrderItem, ShownOrder};
use crate::domain::status::{NotAllowed, Step};
use crate::domain::stock::{Movement, Stock};
use crate::error::Error;
use crate::operations::show_order::shown;
use crate::{events, store};

/// Who takes a step, and what is said about it.
pub(super) struct Author {
    pub(super) actor: Actor,
    /// Absent for guests.
    pub(super) account: Option<Account>,
    pub(super) note: Option<String>,
}

/// A step to take.
pub(super) struct Taken {
    pub(super) before: Order,
    /// With the fields that the caller sets; those of the step follow here.
    pub(super) after: Order,
    pub(super) step: Step,
    pub(super) author: Author,
}

/// An order after a step.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) shown: ShownOrder,
    /// Buyers can have them again.
    pub(crate) flipped: Vec<ProductId>,
}

/// What became of it in the transaction.
enum Outcome {
    /// Whether the personal fields went, and what came back into sight.
    Taken { wiped: bool, flipped: Vec<Stock> },
    /// Another step was faster.
    Overtaken,
}

/// # Errors
/// [`Error::NotAllowed`] when another step was faster.
pub(super) async fn take_step(app: &App, taken: Taken) -> Result<Moved, Error> {
    let now = app.clock.now();
    let Taken { before, after, step, author } = taken;
    let after = Order {
        status: step.to,
        payment_status: step.payment_status,
        version: before.version + 1,
        updated_at: now,
        ..after
    };
    // Before the transaction: lines never change, and accounts are shown as they are.
    let mut shown = shown(&mut *app.checkouts.get().await?, after).await?;
    let entry = history_entry(app.ids.next(), &shown.order, &step, &author);
    let mut said = vec![events::order_status_changed(&shown, &step)];
    if let (Actor::Admin, Some(admin)) = (author.actor, &author.account) {
        said.push(events::admin_moved_order(admin, &before, &shown.order));
    }
    let (order, items) = (&shown.order, &shown.items);
    let outcome = transaction(&app.checkouts, async |conn| {
        App::bound_waiting(conn).await?;
        // Held until the commit: a deletion of the account comes before this step or after it, never between.
        let account = match order.user_id {
            Some(user_id) if order.status.is_finished() => store::accounts::lock(conn, user_id).await?,
            _ => None,
        };
        if !store::orders::update(conn, &before, order).await? {
            return was_taken(conn, &entry, items).await;
        }
        store::history::insert(conn, &entry).await?;
        let wiped = account.is_some_and(|account| account.deleted_at.is_some());
        if wiped {
            store::orders::wipe(conn, order.id, now).await?;
        }
        let back = if step.gives_back { give_back(conn, items, now).await? } else { Vec::new() };
        let said: Vec<_> = said.iter().cloned().chain(events::stock_changed(&back)).collect();
        events::write(conn, &said).await?;
        let flipped = back.into_iter().filter(|movement| movement.flipped).map(|movement| movement.left).collect();
        Ok::<_, Error>(Outcome::Taken { wiped, flipped })
    })
    .await?;
    app.waker.wake();

    match outcome {
        Outcome::Taken { wiped, flipped } => {
            if wiped {
                shown.order.contact = Contact::wiped();
                shown.user = None;
            }
            app.catalog.show(&flipped).await;
            Ok(Moved { shown, flipped: flipped.into_iter().map(|stock| stock.product_id).collect() })
        }
        Outcome::Overtaken => Err(overtaken(app, &before, &step).await?.into()),
    }
}

/// Every unit, in product order, like every other lock on stock.
async fn give_back(
    conn: &mut AsyncPgConnection,
    items: &[OrderItem],
    now: DateTime<Utc>,
) -> Result<Vec<Movement>, Error> {
    let quantities: BTreeMap<ProductId, &OrderItem> =
        items.iter().filter_map(|item| Some((item.product_id?, item))).collect();
    let product_ids: Vec<ProductId> = quantities.keys().copied().collect();
    let locked = store::stock::lock(conn, &product_ids).await?;
    let back: Vec<Movement> = locked
        .iter()
        .filter_map(|stock| {
            let item = quantities.get(&stock.product_id)?;
            Some(stock.give_back(item.quantity, item.order_id, now))
        })
        .collect();
    store::stock::apply(conn, &back, now).await?;
    Ok(back)
}

/// The order is not as it was read: another step was faster, or this very one, whose commit nobody answered.
async fn was_taken(conn: &mut AsyncPgConnection, entry: &HistoryEntry, items: &[OrderItem]) -> Result<Outcome, Error> {
    let there = store::history::find(conn, entry.order_id, entry.version).await?;
    if there.is_none_or(|there| there.id != entry.id) {
        return Ok(Outcome::Overtaken);
    }
    let order = store::orders::find(conn, entry.order_id).await?.ok_or(Error::OrderNotFound)?;
    let product_ids: Vec<ProductId> = items.iter().filter_map(|item| item.product_id).collect();
    // What it flipped is forgotten; saying it of products that were in stock all along does no harm.
    let mut flipped = store::stock::list(conn, &product_ids).await?;
    flipped.retain(Stock::in_stock);
    Ok(Outcome::Taken { wiped: order.wiped_at.is_some(), flipped })
}

async fn overtaken(app: &App, before: &Order, step: &Step) -> Result<NotAllowed, Error> {
    let now = store::orders::find(&mut *app.checkouts.get().await?, before.id).await?.ok_or(Error::OrderNotFound)?;
    Ok(NotAllowed { from: now.status, to: step.to, allowed: now.status.next().to_vec() })
}

fn history_entry(id: HistoryId, after: &Order, step: &Step, author: &Author) -> HistoryEntry {
    HistoryEntry {
        order_id: after.id,
        version: after.version,
        id,
        from_status: Some(step.from),
        to_status: step.to,
        payment_status: step.payment_status,
        actor: author.actor,
        actor_id: author.account.as_ref().map(|account| account.user_id),
        note: author.note.clone(),
        created_at: after.updated_at,
    }
}
