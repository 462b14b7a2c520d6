//! Writes the demo market down through the services' own operations, as gateways ask for them.
//!
//! May be interrupted anywhere and repeated: what is there is looked for first, and what may have been done without an
//! answer has an idempotency key. Done twice, it changes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt, TryStreamExt, stream};
use service_runtime::Process;

use crate::demo::{Market, Reel, customers};

use self::services::Services;

pub use self::services::SeedError;

mod files;
mod orders;
mod people;
mod products;
mod reels;
mod services;

/// Calls under way at a time: a little less than catalog has connections.
const AT_A_TIME: usize = 8;
const TELL_EVERY: usize = 500;

/// Fills the market behind running services; `tell` hears how far it is.
///
/// # Errors
/// A service refuses, or is away for long.
pub async fn seed(
    config: &standalone::Config,
    process: &Process,
    market: &Market,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<(), SeedError> {
    let services = Services::connect(config, process)?;
    let admin = people::admin(&services, config).await?;
    let pictures = files::Pictures::default();
    let sellers = each(&market.sellers, |place, seller| people::seller(&services, &pictures, &admin, (place, seller)));
    let sellers = sellers.await?;
    let people = customers();
    let customers = each(&people, async |place, person| {
        let face = people::face(place, "customers");
        people::account_with_face(&services, &pictures, person, &face).await
    })
    .await?;
    tell(&format!("{} sellers and {} customers", sellers.len(), customers.len()));

    let published = each(&sellers, |_, seller| products::published(&services, seller)).await?;
    let done = AtomicUsize::new(0);
    let product_ids = each(&market.products, async |_, product| {
        let id = match published[product.seller].get(&product.sku) {
            Some(id) => id.clone(),
            None => products::publish(&services, &pictures, &sellers[product.seller], product).await?,
        };
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(TELL_EVERY) || done == market.products.len() {
            tell(&format!("{done} of {} products", market.products.len()));
        }
        Ok(id)
    })
    .await?;

    let stage = orders::Stage { services: &services, market, sellers: &sellers, customers: &customers, product_ids };
    each(&market.checkouts, |_, checkout| stage.play(checkout)).await?;
    tell(&format!("{} checkouts", market.checkouts.len()));

    let Some(first) = market.reels.first() else { return Ok(()) };
    let of = |reel: &Reel| (&sellers[market.products[reel.product].seller], stage.product_ids[reel.product].as_str());
    let (seller, product_id) = of(first);
    if !files::takes_videos(&services, seller, product_id).await? {
        tell("no reels: there is no ffmpeg");
        return Ok(());
    }
    let published = each(&sellers, |_, seller| reels::published(&services, seller)).await?;
    each(&market.reels, async |number, reel| {
        let (seller, product_id) = of(reel);
        let id = match published[market.products[reel.product].seller].get(product_id) {
            Some(id) => id.clone(),
            None => reels::publish(&services, seller, reel, product_id).await?,
        };
        reels::receive(&services, (number, seller), reel, &id, &customers).await
    })
    .await?;
    tell(&format!("{} reels", market.reels.len()));
    Ok(())
}

/// Does the same with many things, some at a time; the answers are in the order of the things.
async fn each<'a, T, R, F>(things: &'a [T], work: impl Fn(usize, &'a T) -> F) -> Result<Vec<R>, SeedError>
where
    F: Future<Output = Result<R, SeedError>>,
{
    let work = things.iter().enumerate().map(|(place, thing)| work(place, thing));
    stream::iter(work).buffered(AT_A_TIME).try_collect().await
}
