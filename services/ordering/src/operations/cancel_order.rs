//! Cancel an order while nobody has begun to pack it: every party's right.

use commerce_types::OrderId;

use crate::app::App;
use crate::domain::order::{Actor, Order};
use crate::domain::status;
use crate::error::Error;
use crate::operations::show_order::{Asking, load};
use crate::operations::take_step::{Author, Moved, Taken, take_step};

/// # Errors
/// [`Error::OrderNotFound`] unless the caller is a party, [`Error::NotAllowed`].
pub(crate) async fn cancel_order(
    app: &App,
    asking: &Asking,
    id: OrderId,
    note: Option<String>,
) -> Result<Moved, Error> {
    let before = {
        let mut conn = app.checkouts.get().await?;
        load(&mut conn, app, asking, id).await?
    };
    let step = status::cancel(&before)?;
    let account = asking.caller.account().cloned();
    let author = Author { actor: actor(&before, asking), account, note };
    let after = before.clone();
    take_step(app, Taken { before, after, step, author }).await
}

/// Who has bought and sells too cancels as a buyer; who holds a guest's token is the guest.
fn actor(order: &Order, asking: &Asking) -> Actor {
    let is = |user_id| asking.caller.is_user(user_id);
    match order.user_id {
        Some(user_id) if is(user_id) => Actor::Customer,
        _ if is(order.seller_id) => Actor::Seller,
        _ if asking.caller.is_admin() => Actor::Admin,
        _ => Actor::Customer,
    }
}
