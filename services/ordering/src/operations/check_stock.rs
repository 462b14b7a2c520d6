//! Hold all stock against its ledger (S1): every entry follows from the one before it, and what is free is what the last
//! one left. In steps by key, so that no statement is long, whatever the size of the tables.

use commerce_types::ProductId;
use service_runtime::self_check::Found;
use uuid::Uuid;

use crate::app::App;
use crate::domain::ledger::Chain;
use crate::error::Error;
use crate::operations::PAUSE;
use crate::store;

const PRODUCTS: usize = 1_000;
const ENTRIES: usize = 5_000;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_stock(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    follow_entries(app, &mut found).await?;
    compare_ends(app, &mut found).await?;
    Ok(found)
}

async fn follow_entries(app: &App, found: &mut Found) -> Result<(), Error> {
    let mut chain = Chain::default();
    loop {
        let entries = store::ledger::list_after(&mut *app.pool.get().await?, chain.end(), ENTRIES).await?;
        let is_last = entries.len() < ENTRIES;
        entries.into_iter().filter_map(|entry| chain.follow(entry)).for_each(|wrong| found.add(wrong));
        if is_last {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn compare_ends(app: &App, found: &mut Found) -> Result<(), Error> {
    let mut after = ProductId::from(Uuid::nil());
    loop {
        let ends = store::ledger::list_ends_after(&mut *app.pool.get().await?, after, PRODUCTS).await?;
        ends.iter().filter_map(|end| end.contradiction()).for_each(|wrong| found.add(wrong));
        match ends.last() {
            Some(last) if ends.len() == PRODUCTS => after = last.product_id,
            _ => return Ok(()),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
