//! What a guest meant to buy joins the caller's cart. May be repeated.
//!
//! Always true: a full cart refuses the whole merge; what cannot be bought is left out and named, and its line, if there
//! is one, stays as it was.

use std::collections::HashSet;

use commerce_types::{ProductId, UserId};
use diesel_async::AsyncPgConnection;
use protocol::cart::v1::Cart;

use crate::app::App;
use crate::catalog_client::Products;
use crate::domain::line::{Line, NewLine};
use crate::domain::merge::{Merge, Skipped, Wanted};
use crate::error::Error;
use crate::operations::{WRITE_PATIENCE, check_total};
use crate::store::carts::Put;
use crate::{reply, store};

/// What came of it.
pub(crate) struct Merged {
    pub(crate) cart: Cart,
    pub(crate) skipped: Vec<(ProductId, Skipped)>,
}

/// # Errors
/// [`Error::CartFull`], [`Error::TooDear`], [`Error::Catalog`], [`Error::NoAccount`]: nothing was merged.
pub(crate) async fn merge_cart(app: &App, user_id: UserId, wanted: &Wanted) -> Result<Merged, Error> {
    // Asked for together: what is to come, and what is there and will be shown.
    let lines = store::lines::list(&mut *app.pool.get().await?, user_id).await?;
    let mut asked: HashSet<ProductId> = lines.iter().map(|line| line.product_id).collect();
    asked.extend(wanted.product_ids());
    let mut products = app.catalog.products(asked.iter().copied(), WRITE_PATIENCE).await?;

    let (lines, skipped) =
        database::transaction(&app.pool, async |conn| merge(app, conn, user_id, wanted, &products).await).await?;

    // A parallel addition may have brought a product that nobody asked for.
    let unknown = lines.iter().map(|line| line.product_id).filter(|id| !asked.contains(id));
    let unknown: Vec<ProductId> = unknown.collect();
    products.extend(app.catalog.products(unknown, WRITE_PATIENCE).await?);
    Ok(Merged { cart: reply::cart(lines, Some(&products)), skipped })
}

async fn merge(
    app: &App,
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    wanted: &Wanted,
    products: &Products,
) -> Result<(Vec<Line>, Vec<(ProductId, Skipped)>), Error> {
    store::carts::await_turn_to_merge(conn, user_id).await?;
    let lines = store::lines::lock(conn, user_id).await?;
    let Merge { quantities, skipped } = wanted.merge(&lines, |id| products.get(&id).map(|product| &product.offer));
    if !quantities.is_empty() {
        let new = quantities
            .into_iter()
            .map(|(offer, quantity)| (NewLine::new(app.ids.next(), user_id, offer, quantity), offer.most()))
            .collect::<Vec<_>>();
        match store::lines::merge(conn, &new).await? {
            Put::Done(_) => {}
            Put::CartFull => return Err(Error::CartFull),
            Put::Gone => return Err(Error::NoAccount),
        }
        check_total(conn, user_id).await?;
    }
    Ok((store::lines::list(conn, user_id).await?, skipped))
}
