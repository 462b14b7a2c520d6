//! Change what can be bought of a product: its seller's word, through catalog.
//!
//! Always true: a guarded set loses no sale, moves add up, and a key's answer is a row of the change's transaction.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UserId};
use database::answers::{self, Answer};
use database::{Kind, transaction};
use diesel_async::AsyncPgConnection;
use prost::Message;
use protocol::ordering::v1::ChangeStockResponse;
use uuid::Uuid;

use crate::app::App;
use crate::domain::stock::{Movement, Stock, StockChange, StockRefused};
use crate::error::Error;
use crate::operations::Key;
use crate::{events, reply, store};

/// A change, and whose word it is.
pub(crate) struct ChangeStock {
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) change: StockChange,
    pub(crate) key: Option<Key>,
    /// Whose answers go when the account goes.
    pub(crate) caller_id: Option<UserId>,
}

/// # Errors
/// [`Error::Stock`], [`Error::KeyReused`], [`Error::InProgress`].
pub(crate) async fn change_stock(app: &App, request: &ChangeStock) -> Result<ChangeStockResponse, Error> {
    if let Some(key) = &request.key
        && let Some(first) = answers::find(&mut *app.checkouts.get().await?, &key.key).await?
    {
        return repeat(first, key);
    }
    request.change.check().map_err(|refused| request.refused(refused))?;
    let now = app.clock.now();
    let change_id: Uuid = app.ids.next();
    let ran_before = AtomicBool::new(false);
    let answer = transaction(&app.checkouts, async |conn| {
        App::bound_waiting(conn).await?;
        let locked = store::stock::lock(conn, &[request.product_id]).await?.pop();
        // A twin has ended by now: it held the same row.
        if let Some(key) = &request.key
            && let Some(first) = answers::find(conn, &key.key).await?
        {
            return repeat(first, key);
        }
        // A run before this one may have committed unheard: then the row is what it left, or newer.
        let done = ran_before.swap(true, Ordering::Relaxed) && store::stock::was_changed(conn, change_id).await?;
        let movement = match &locked {
            Some(_) if done => None,
            locked => request.decide(locked.as_ref(), now)?,
        };
        let left = match movement {
            Some(movement) => {
                write(conn, Movement { change_id: Some(change_id), ..movement }, locked.is_some()).await?
            }
            None => locked,
        };
        let answer = reply::stock(&left.ok_or_else(|| request.refused(StockRefused::NotFound))?);
        if let Some(key) = &request.key
            && !answers::insert_within(conn, &request.answer(key, &answer)).await.map_err(in_progress)?
        {
            // Used for another product meanwhile.
            return Err(Error::KeyReused);
        }
        Ok(answer)
    })
    .await?;
    app.waker.wake();
    Ok(answer)
}

/// Answers what is left; the row of another's first stock when that was faster.
async fn write(conn: &mut AsyncPgConnection, movement: Movement, exists: bool) -> Result<Option<Stock>, Error> {
    let (now, product_id) = (movement.left.updated_at, movement.left.product_id);
    if exists {
        store::stock::apply(conn, std::slice::from_ref(&movement), now).await?;
    } else if !store::stock::insert(conn, &movement, now).await? {
        return Ok(store::stock::lock(conn, &[product_id]).await?.pop());
    }
    let said: Vec<_> = events::stock_changed(std::slice::from_ref(&movement)).into_iter().collect();
    events::write(conn, &said).await?;
    Ok(Some(movement.left))
}

impl ChangeStock {
    /// What the change makes of the row as it is, locked; nothing when there is nothing to do.
    fn decide(&self, locked: Option<&Stock>, now: DateTime<Utc>) -> Result<Option<Movement>, Error> {
        let decided = match locked {
            Some(stock) if stock.seller_id != self.seller_id => Err(StockRefused::NotFound),
            Some(stock) => self.change.of(stock, now),
            None => self.change.first(self.product_id, self.seller_id, now).map(Some),
        };
        decided.map_err(|refused| self.refused(refused))
    }

    fn refused(&self, refused: StockRefused) -> Error {
        Error::Stock { product_id: self.product_id, refused }
    }

    fn answer(&self, key: &Key, answer: &ChangeStockResponse) -> Answer {
        Answer {
            key: key.key.clone(),
            owner_id: self.caller_id.map(Into::into),
            body_hash: key.body_hash.clone(),
            answer: Some(answer.encode_to_vec()),
        }
    }
}

fn repeat(first: Answer, key: &Key) -> Result<ChangeStockResponse, Error> {
    let bytes = first.repeat(&key.body_hash).ok_or(Error::KeyReused)?;
    let answer = ChangeStockResponse::decode(bytes.as_slice()).map_err(|_unreadable| Error::KeyReused)?;
    Ok(ChangeStockResponse { replayed: true, ..answer })
}

/// A key whose first request has not ended in all this time.
pub(super) fn in_progress(error: diesel::result::Error) -> Error {
    match Kind::of_query(&error) {
        Kind::LockTimeout | Kind::StatementTimeout => Error::InProgress(error),
        _ => error.into(),
    }
}
