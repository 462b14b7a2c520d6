//! Set or move the stock of a product: catalog checks whose it is, ordering does it, and its answer is the caller's.
//!
//! A key is ordering's, stored with its effect. What is shown follows at once, and by ordering's event in any case.

use access_token::Account;
use commerce_types::{ProductId, UserId};
use protocol::ordering::v1::change_stock_request::Change;
use protocol::types::v1::Key;

use crate::app::App;
use crate::domain::stock::{self, ShownStock};
use crate::error::Error;
use crate::operations::show_stock;
use crate::operations::writing::{Who, check_owner};
use crate::ordering_client::{StockChange, StockChanged};
use crate::store;

pub(crate) struct ChangeStock {
    pub(crate) product_id: ProductId,
    pub(crate) change: Change,
    pub(crate) key: Option<Key>,
}

/// What ordering made of it, and what that means for lists.
pub(crate) struct Changed {
    pub(crate) answer: StockChanged,
    pub(crate) flipped: bool,
    pub(crate) category: String,
    pub(crate) seller_id: UserId,
}

/// # Errors
/// [`Error::ProductNotFound`]: missing, deleted or somebody else's; [`Error::Invalid`]; [`Error::Ordering`].
pub(crate) async fn change_stock(
    app: &App,
    account: &Account,
    token: &str,
    request: ChangeStock,
) -> Result<Changed, Error> {
    check(&request.change)?;
    let (product, shown) = {
        let mut conn = app.pool.get().await?;
        let found = store::shown::find(&mut conn, request.product_id).await?.ok_or(Error::ProductNotFound)?;
        (found.product, found.stock)
    };
    check_owner(account, &product, Who::Owner)?;
    let change = StockChange {
        product_id: product.id,
        seller_id: product.seller_id,
        change: request.change,
        key: request.key,
        owner_only: true,
    };
    let answer = app.ordering.change_stock(change, token).await?;
    let flipped = show(app, &answer, &shown).await;
    Ok(Changed { answer, flipped, category: product.content.category, seller_id: product.seller_id })
}

/// Whether the list entry may have flipped. The stock is changed, whatever becomes of this: ordering's event follows.
async fn show(app: &App, answer: &StockChanged, before: &ShownStock) -> bool {
    let now = app.clock.now();
    let moved = database::transaction(&app.pool, async |conn| show_stock::apply(conn, &[answer.left], now).await);
    match moved.await {
        Ok(moved) => {
            app.waker.wake();
            // Shown by the event already: whether that flipped it is judged by what was shown when we began.
            moved.first().map_or(answer.left.shown(now).in_stock != before.in_stock, |moved| moved.flipped)
        }
        Err(error) => {
            tracing::warn!(error = service_error::chain(&error), "the stock is shown by its event alone");
            true
        }
    }
}

fn check(change: &Change) -> Result<(), Error> {
    match change {
        Change::Set(set) if !(0..=stock::MOST).contains(&set.stock) => {
            Err(Error::invalid("stock", format!("must be 0 to {}", stock::MOST)))
        }
        Change::Delta(delta) if *delta == 0 || !(-stock::MOST..=stock::MOST).contains(delta) => {
            Err(Error::invalid("delta", format!("must be -{0} to {0}, not 0", stock::MOST)))
        }
        _ => Ok(()),
    }
}
