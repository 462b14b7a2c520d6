//! Show an order to its parties: customer, seller, admins, and the guest who holds its checkout's token.

use std::collections::HashMap;

use access_token::Caller;
use commerce_types::{OrderId, PublicUser, UserId};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::buyer::DELETED_USER;
use crate::domain::order::{Order, OrderItem, ShownOrder};
use crate::error::Error;
use crate::store;

/// Who asks for an order, and by what right.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) caller: Caller,
    pub(crate) tracking_token: Option<String>,
}

/// # Errors
/// [`Error::OrderNotFound`], whatever is in the way; [`Error::Caller`] for guests without a token.
pub(crate) async fn show_order(app: &App, asking: &Asking, id: OrderId) -> Result<ShownOrder, Error> {
    let mut conn = app.pool.get().await?;
    let order = load(&mut conn, app, asking, id).await?;
    shown(&mut conn, order).await
}

/// As a seller sees it: its own orders, admins all.
///
/// # Errors
/// [`Error::OrderNotFound`].
pub(crate) async fn show_seller_order(app: &App, caller: &Caller, id: OrderId) -> Result<ShownOrder, Error> {
    let mut conn = app.pool.get().await?;
    let order = store::orders::find(&mut conn, id).await?.filter(|order| is_served_by(order, caller));
    shown(&mut conn, order.ok_or(Error::OrderNotFound)?).await
}

/// The order, if whoever asks is a party of it.
pub(super) async fn load(
    conn: &mut AsyncPgConnection,
    app: &App,
    asking: &Asking,
    id: OrderId,
) -> Result<Order, Error> {
    if asking.tracking_token.is_none() {
        asking.caller.require_account()?;
    }
    let order = store::orders::find(conn, id).await?.filter(|order| is_party(app, order, asking));
    order.ok_or(Error::OrderNotFound)
}

fn is_party(app: &App, order: &Order, asking: &Asking) -> bool {
    let is_customer = order.user_id.is_some_and(|user_id| asking.caller.is_user(user_id));
    is_customer || is_served_by(order, &asking.caller) || holds_token(app, order, asking)
}

/// Whether the caller is its seller, or an admin.
pub(super) fn is_served_by(order: &Order, caller: &Caller) -> bool {
    caller.is_user(order.seller_id) || caller.is_admin()
}

/// Only orders of guests have tokens.
fn holds_token(app: &App, order: &Order, asking: &Asking) -> bool {
    let (Some(token), Some(checkout_id), None) = (&asking.tracking_token, order.checkout_id, order.user_id) else {
        return false;
    };
    order.wiped_at.is_none() && app.tracking.opens(checkout_id, order.created_at, token, app.clock.now())
}

/// One order with what is shown beside it.
pub(super) async fn shown(conn: &mut AsyncPgConnection, order: Order) -> Result<ShownOrder, Error> {
    with_company(conn, vec![order]).await?.pop().ok_or(Error::OrderNotFound)
}

/// Orders with what is shown beside them: one statement for all lines, one for all accounts.
pub(super) async fn with_company(conn: &mut AsyncPgConnection, orders: Vec<Order>) -> QueryResult<Vec<ShownOrder>> {
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let mut items: HashMap<OrderId, Vec<OrderItem>> = HashMap::new();
    for item in store::items::list(conn, &ids).await? {
        items.entry(item.order_id).or_default().push(item);
    }
    let users: Vec<UserId> =
        orders.iter().flat_map(|order| order.user_id.into_iter().chain([order.seller_id])).collect();
    let accounts = store::accounts::list(conn, &users).await?;
    let accounts: HashMap<UserId, _> = accounts.into_iter().map(|account| (account.id, account)).collect();
    let shown = orders.into_iter().map(|order| {
        let seller = accounts.get(&order.seller_id).cloned();
        let user = order.user_id.and_then(|id| accounts.get(&id)).filter(|user| user.deleted_at.is_none());
        ShownOrder {
            items: items.remove(&order.id).unwrap_or_default(),
            seller: seller.map_or_else(|| unknown(order.seller_id), PublicUser::from),
            user: user.cloned().map(PublicUser::from),
            order,
        }
    });
    Ok(shown.collect())
}

/// A seller that nobody told us of: every checkout tells, so there is none.
fn unknown(id: UserId) -> PublicUser {
    PublicUser { id, full_name: DELETED_USER.to_owned(), avatar_url: None, seller_category: None, is_verified: false }
}
