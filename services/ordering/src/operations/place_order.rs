//! Place an order: one per seller, all of the basket or nothing.
//!
//! Always true: stock never falls below zero (S1); an accepted order is complete and permanent, a refused one leaves
//! nothing (O3); one key is one checkout (O1). All of it because stock, orders, the stored answer and the events are
//! rows of one transaction.

use std::sync::atomic::{AtomicBool, Ordering};

use access_token::{Caller, Refused};
use commerce_types::{Folded, HistoryId, Money, ProductId, UserId};
use database::answers::{self, Answer};
use database::transaction;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use service_runtime::crash_point;

use crate::app::App;
use crate::domain::buyer::{Delivery, Offence};
use crate::domain::checkout::{Basket, Terms};
use crate::domain::stock::Stock;
use crate::domain::wilaya::Wilaya;
use crate::error::Error;
use crate::operations::Key;
use crate::operations::change_stock::in_progress;
use crate::operations::see_accounts::see_accounts;
use crate::{events, reply, store};

/// What a buyer wants, where, and what it may cost.
pub(crate) struct PlaceOrder {
    pub(crate) caller: Caller,
    /// The caller's own, for catalog.
    pub(crate) token: String,
    pub(crate) basket: Basket,
    pub(crate) delivery: Delivery,
    pub(crate) expected_total: Option<Money>,
    pub(crate) key: Option<Key>,
}

/// What the buyer hears.
pub(crate) struct Placed {
    /// Byte for byte the same when it is repeated with its key.
    pub(crate) answer: Vec<u8>,
    pub(crate) replayed: bool,
    /// Guests only.
    pub(crate) tracking_token: Option<String>,
    /// Products that this checkout sold out.
    pub(crate) flipped: Vec<ProductId>,
}

enum Outcome {
    /// With what is left of products that sold out.
    Placed(Vec<Stock>),
    Repeated(Vec<u8>),
}

/// # Errors
/// [`Error::Invalid`], [`Error::Checkout`], [`Error::KeyReused`], [`Error::InProgress`], [`Error::Catalog`],
/// [`Error::Caller`] for an account that is deleted: nothing was ordered.
pub(crate) async fn place_order(app: &App, request: &PlaceOrder) -> Result<Placed, Error> {
    let wilaya = match prepare(app, request).await? {
        Prepared::Repeated(answer) => return Ok(request.placed(app, answer, true, Vec::new())),
        Prepared::New(wilaya) => wilaya,
    };

    // Asked before the transaction: no connection is held while another service thinks.
    crash_point("checkout_before_catalog");
    let product_ids = request.basket.product_ids();
    let offers = app.catalog.offers(&request.token, &product_ids).await?;
    crash_point("checkout_after_catalog");

    let now = app.clock.now();
    let terms = Terms { buyer: request.caller.user_id(), delivery: &request.delivery, wilaya: &wilaya, placed_at: now };
    let checkout = request.basket.checkout(&terms, &offers, &|| app.ids.next())?;
    let user = request.caller.account().map(|account| account.public_user());
    let answer = reply::checkout(&checkout, user.as_ref());
    see_accounts(app, checkout.parcels.iter().map(|parcel| parcel.seller.clone()).chain(user).collect()).await?;

    // Drawn before the transaction: run again after a lost commit, it is the same one.
    let history_ids: Vec<HistoryId> = checkout.parcels.iter().map(|_| app.ids.next()).collect();
    let said = events::orders_placed(&checkout);
    let looked = AtomicBool::new(false);
    let outcome = transaction(&app.checkouts, async |conn| {
        App::bound_waiting(conn).await?;
        if let Some(key) = &request.key
            && !answers::insert_within(conn, &request.answer(key, &answer)).await.map_err(in_progress)?
        {
            let first = answers::find(conn, &key.key).await?.ok_or(Error::KeyReused)?;
            return if first.answer.as_ref() == Some(&answer) {
                placed_unheard(conn, &product_ids).await
            } else {
                first.repeat(&key.body_hash).map(Outcome::Repeated).ok_or(Error::KeyReused)
            };
        }
        // Sold out for all to see: refused before anything is written. Not looked at when this runs again: what is
        // missing then may be what it took itself, by a commit that was not heard of.
        if !looked.load(Ordering::Relaxed) {
            request.basket.fits(&store::stock::list(conn, &product_ids).await?)?;
            checkout.costs(request.expected_total)?;
            looked.store(true, Ordering::Relaxed);
        }
        let (is_gone, is_new) = {
            let conn = &*conn;
            // Sent together: one wait for the network less.
            let is_gone = hold_buyer(conn, request.caller.user_id());
            tokio::try_join!(is_gone, store::placed::insert(conn, &checkout, history_ids.clone()))?
        };
        if is_gone {
            return Err(Refused::NoAccount.into());
        }
        if !is_new {
            return placed_unheard(conn, &product_ids).await;
        }
        events::write(conn, &said).await?;

        // Stock is locked last: who wants the same product waits from here to the commit, not longer.
        let locked = store::stock::lock(conn, &product_ids).await?;
        request.basket.fits(&locked)?;
        let taken = checkout.take_from(&locked, now);
        let said = events::stock_changed(&taken).into_iter().collect::<Vec<_>>();
        // Sent together: one wait for the network less while others wait for the rows.
        let conn = &*conn;
        tokio::try_join!(store::stock::apply(conn, &taken, now), events::write(conn, &said))?;
        crash_point("checkout_before_commit");
        Ok::<_, Error>(Outcome::Placed(
            taken.into_iter().filter(|movement| movement.flipped).map(|movement| movement.left).collect(),
        ))
    })
    .await?;
    crash_point("checkout_after_commit");

    match outcome {
        Outcome::Repeated(answer) => Ok(request.placed(app, answer, true, Vec::new())),
        Outcome::Placed(flipped) => {
            app.waker.wake();
            app.catalog.show(&flipped).await;
            Ok(request.placed(app, answer, false, flipped.iter().map(|stock| stock.product_id).collect()))
        }
    }
}

enum Prepared {
    Repeated(Vec<u8>),
    New(Wilaya),
}

/// What is known before anything is asked or written. A wrong field is refused before a key that was used.
async fn prepare(app: &App, request: &PlaceOrder) -> Result<Prepared, Error> {
    let mut conn = app.checkouts.get().await?;
    let mut reused = false;
    if let Some(key) = &request.key
        && let Some(first) = answers::find(&mut conn, &key.key).await?
    {
        match first.repeat(&key.body_hash) {
            Some(answer) => return Ok(Prepared::Repeated(answer)),
            None => reused = true,
        }
    }
    let wilaya = store::wilayas::find_by_name(&mut conn, &Folded::new(&request.delivery.wilaya)).await?;
    let wilaya = wilaya.ok_or_else(|| Offence::new("customer_wilaya", "must be a wilaya that parcels go to"))?;
    if reused { Err(Error::KeyReused) } else { Ok(Prepared::New(wilaya)) }
}

/// Whether the account of a buyer is deleted. It is held until the commit: its deletion comes first, and then its token is
/// no good, or afterwards, and then it finds this order and its answer.
async fn hold_buyer(conn: &AsyncPgConnection, buyer: Option<UserId>) -> QueryResult<bool> {
    let Some(user_id) = buyer else { return Ok(false) };
    let account = store::accounts::lock(conn, user_id).await?;
    Ok(account.is_some_and(|account| account.deleted_at.is_some()))
}

/// This very checkout is there: a commit was not heard of. What it sold out is forgotten; what nobody can have now,
/// was sold out by it or since.
async fn placed_unheard(conn: &mut AsyncPgConnection, product_ids: &[ProductId]) -> Result<Outcome, Error> {
    let mut left = store::stock::list(conn, product_ids).await?;
    left.retain(|stock| !stock.in_stock());
    Ok(Outcome::Placed(left))
}

impl PlaceOrder {
    fn answer(&self, key: &Key, answer: &[u8]) -> Answer {
        Answer {
            key: key.key.clone(),
            owner_id: self.caller.user_id().map(Into::into),
            body_hash: key.body_hash.clone(),
            answer: Some(answer.to_vec()),
        }
    }

    /// The token is made anew from the answer, never stored.
    fn placed(&self, app: &App, answer: Vec<u8>, replayed: bool, flipped: Vec<ProductId>) -> Placed {
        let guest = self.caller.user_id().is_none();
        let checkout_id = guest.then(|| reply::checkout_id(&answer)).flatten();
        let tracking_token = checkout_id.map(|id| app.tracking.issue(id));
        Placed { answer, replayed, tracking_token, flipped }
    }
}
