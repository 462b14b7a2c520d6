//! Put more of a product into the caller's cart.
//!
//! Always true: parallel additions of one product make one line with the sum, which is never above what was available;
//! a cart never has more lines than it may. One statement does it, so without a key there is no transaction around it,
//! and it is never run twice: nobody could tell whether the first had happened.

use commerce_types::{CartItemId, ProductId, UserId};
use database::answers::{self, Answer};
use diesel_async::{AsyncConnection, AsyncPgConnection};

use crate::app::App;
use crate::catalog_client::Product;
use crate::domain::line::{Line, NewLine};
use crate::domain::offer::Offer;
use crate::error::{Error, waiting_for_twin};
use crate::operations::{WRITE_PATIENCE, check_total};
use crate::reply::Written;
use crate::store;
use crate::store::carts::Put;

/// How much of what, and under which key.
pub(crate) struct AddItem {
    pub(crate) user_id: UserId,
    pub(crate) product_id: ProductId,
    pub(crate) quantity: i32,
    /// The caller's key and the hash of what it was sent with.
    pub(crate) key: Option<(String, Vec<u8>)>,
}

/// # Errors
/// [`Error::ProductNotFound`], [`Error::Refused`], [`Error::CartFull`], [`Error::TooDear`], [`Error::Catalog`],
/// [`Error::NoAccount`]: nothing was added. [`Error::KeyReused`], [`Error::KeyInProgress`].
pub(crate) async fn add_item(app: &App, request: AddItem) -> Result<Written, Error> {
    let key = request.key.as_ref().map(|(key, hash)| (format!("{}:add_item:{key}", request.user_id), hash));
    if let Some((key, body_hash)) = &key
        && let Some(answer) = answers::find(&mut *app.pool.get().await?, key).await?
    {
        return repeat(answer, body_hash);
    }
    // No connection is held while catalog thinks.
    let product = app.catalog.product(request.product_id, WRITE_PATIENCE).await?;
    let product = product.ok_or(Error::ProductNotFound(request.product_id))?;
    let id = app.ids.next();
    match key {
        None => {
            let line = add(&mut *app.pool.get().await?, &request, id, &product.offer).await?;
            Ok(Written::new(line, &product))
        }
        Some((key, body_hash)) => {
            let answer =
                Answer { key, owner_id: Some(request.user_id.into()), body_hash: body_hash.clone(), answer: None };
            database::transaction(&app.pool, async |conn| add_once(conn, &request, id, &product, &answer).await).await
        }
    }
}

async fn add(conn: &mut AsyncPgConnection, request: &AddItem, id: CartItemId, offer: &Offer) -> Result<Line, Error> {
    if offer.is_light() {
        return put(conn, request, id, offer).await;
    }
    conn.transaction(async |conn| {
        let line = put(conn, request, id, offer).await?;
        check_total(conn, request.user_id).await?;
        Ok(line)
    })
    .await
}

/// The key first: a twin waits there, and then finds the answer.
async fn add_once(
    conn: &mut AsyncPgConnection,
    request: &AddItem,
    id: CartItemId,
    product: &Product,
    answer: &Answer,
) -> Result<Written, Error> {
    if !answers::insert(conn, answer).await.map_err(waiting_for_twin)? {
        let first = answers::find(conn, &answer.key).await?.ok_or(Error::Missing("the answer of a twin"))?;
        return repeat(first, &answer.body_hash);
    }
    let line = put(conn, request, id, &product.offer).await?;
    if !product.offer.is_light() {
        check_total(conn, request.user_id).await?;
    }
    let written = Written::new(line, product);
    store::answers::complete(conn, &answer.key, &written.encode()).await?;
    Ok(written)
}

/// One statement, and a second only to say what was wrong.
async fn put(conn: &mut AsyncPgConnection, request: &AddItem, id: CartItemId, offer: &Offer) -> Result<Line, Error> {
    let line = NewLine::new(id, request.user_id, offer, request.quantity);
    if request.quantity > offer.most() {
        offer.check(request.quantity.max(offer.min_order_quantity))?;
    }
    let put = if request.quantity < offer.min_order_quantity {
        // Too little for a line of its own, perhaps enough for one that is there.
        store::lines::grow(conn, &line, offer.min_order_quantity, offer.most()).await?
    } else {
        match store::lines::add(conn, &line, offer.most()).await? {
            Put::Done(line) => line,
            Put::CartFull => return Err(Error::CartFull),
            Put::Gone => return Err(Error::NoAccount),
        }
    };
    if let Some(line) = put {
        return Ok(line);
    }
    let there = store::lines::find_by_product(conn, request.user_id, request.product_id).await?;
    let had = there.map_or(0, |line| line.quantity);
    offer.check(had.saturating_add(request.quantity))?;
    // Changed between the two statements: by what was seen first it did not fit.
    offer.check(offer.most().saturating_add(1))?;
    Err(Error::Missing("the reason of a refusal"))
}

fn repeat(answer: Answer, body_hash: &[u8]) -> Result<Written, Error> {
    Written::repeated(&answer.repeat(body_hash).ok_or(Error::KeyReused)?)
}
