//! Hold the stock on show against ordering's (S2), in steps by product.
//!
//! What is shown is read first: ordering's row, read after it, can only be as new or newer. A newer version may be on its
//! way, so those products are looked at once more after the time in which it must have come.

use std::collections::HashMap;
use std::time::Duration;

use commerce_types::ProductId;
use service_runtime::self_check::Found;
use uuid::Uuid;

use crate::app::App;
use crate::domain::stock::{Freshness, StockLeft};
use crate::error::Error;
use crate::store;

/// As many as ordering answers at a time.
const PRODUCTS: usize = 500;
/// While a consumer stands still all products are behind; so many of them will do.
const BEHIND_AT_MOST: usize = 10_000;
/// Between two steps others have their turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Products that are behind, each with the version that ordering had.
type Behind = HashMap<ProductId, i64>;

/// # Errors
/// [`Error::Database`], [`Error::Ordering`].
pub(crate) async fn check_shown_stock(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let behind = compare_all(app, &mut found).await?;
    if !behind.is_empty() {
        tokio::time::sleep(app.stock_lag).await;
        look_again(app, behind, &mut found).await?;
    }
    Ok(found)
}

async fn compare_all(app: &App, found: &mut Found) -> Result<Behind, Error> {
    let mut behind = Behind::new();
    let mut after = ProductId::from(Uuid::nil());
    loop {
        let shown = store::shown_stock::list_after(&mut *app.pool.get().await?, after, PRODUCTS).await?;
        let Some(last) = shown.last() else { return Ok(behind) };
        after = last.product_id;
        let ids: Vec<ProductId> = shown.iter().map(|shown| shown.product_id).collect();
        let truth = app.ordering.list_stock(&ids).await?;
        let truth: HashMap<ProductId, &StockLeft> = truth.iter().map(|left| (left.product_id, left)).collect();
        for shown in &shown {
            let truth = truth.get(&shown.product_id).copied();
            match (shown.freshness(truth), truth) {
                (Freshness::Wrong(what), _) => found.add(what),
                (Freshness::Behind, Some(truth)) if behind.len() < BEHIND_AT_MOST => {
                    behind.insert(shown.product_id, truth.version);
                }
                _ => {}
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn look_again(app: &App, behind: Behind, found: &mut Found) -> Result<(), Error> {
    let ids: Vec<ProductId> = behind.keys().copied().collect();
    for ids in ids.chunks(PRODUCTS) {
        let shown = store::shown_stock::list_versions(&mut *app.pool.get().await?, ids).await?;
        for (id, version) in shown {
            let wanted = behind.get(&id).copied().unwrap_or(version);
            if version < wanted {
                let lag = app.stock_lag;
                found.add(format!("product {id}: version {version} on show, ordering had {wanted} {lag:?} before"));
            }
        }
    }
    Ok(())
}
