//! What the gateway hears: the stream `zst.live`, read from the moment it started and on from where it was after every
//! break. It drops what caches show of facts that changed, and callers whose account did; then sockets are told.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use events::live::{Item, Reader};
use events::{Broker, Received, names};
use prost::DecodeError;
use protocol::catalog::v1::{
    CategoryChanged, ProductChanged, ProductFact, ProductPublished, ProductRemoved, StockShown,
};
use protocol::identity::v1::{UserChanged, UserDeleted};

use crate::app::App;
use crate::edge_cache::Fact;
use crate::realtime::Realtime;

/// How long the first answer waits for the stream: without it, other gateways' writes are seen up to 60 s late.
const FIRST: Duration = Duration::from_secs(2);

/// Attaches, lets the gateway serve (also when the broker is away), and reads for ever.
///
/// # Errors
/// What is at the broker contradicts us.
pub(crate) async fn read(app: Arc<App>, realtime: Arc<Realtime>, broker: Broker) -> Result<(), events::Error> {
    let mut reader = Reader::new(broker);
    let status = reader.status();
    app.health.hears.get_or_init(|| status);
    let first = tokio::time::timeout(FIRST, reader.attach()).await;
    app.health.serving.store(true, Ordering::Relaxed);
    match first {
        Ok(attached) => attached?,
        Err(_elapsed) => {
            tracing::warn!("RabbitMQ is away: other gateways' writes are seen late");
            reader.attach().await?;
            realtime.start_over();
        }
    }
    // What was cached before the stream was read may have changed unheard.
    app.forget_everything();
    loop {
        match reader.next().await? {
            Item::Event(event) => {
                if let Err(error) = hear(&app, &event) {
                    tracing::error!(error = service_error::chain(&error), name = event.name, "an unreadable event");
                    app.forget_everything();
                }
                if let Err(error) = realtime.hear(&event) {
                    tracing::error!(error = service_error::chain(&error), name = event.name, "sockets are not told");
                }
                realtime.let_read().await;
            }
            Item::Gap => {
                tracing::warn!("events were missed: caches are emptied, sockets have to come again");
                app.forget_everything();
                realtime.start_over();
            }
        }
    }
}

fn hear(app: &App, event: &Received) -> Result<(), DecodeError> {
    match event.name.as_str() {
        names::PRODUCT_PUBLISHED => product_moved(app, event.decode::<ProductPublished>()?.product, None),
        names::PRODUCT_CHANGED => {
            let ProductChanged { product, category_before } = event.decode()?;
            product_moved(app, product, Some(category_before));
        }
        names::PRODUCT_REMOVED => product_moved(app, event.decode::<ProductRemoved>()?.product, None),
        names::STOCK_SHOWN => {
            for shown in event.decode::<StockShown>()?.products {
                let Ok(id) = shown.product_id.parse() else { continue };
                let fact = if shown.flipped { Fact::Flip(id) } else { Fact::Count(id) };
                app.edge_cache.drop_what_shows(&fact);
            }
        }
        names::CATEGORY_CHANGED => {
            app.edge_cache.drop_what_shows(&Fact::Category(event.decode::<CategoryChanged>()?.slug));
        }
        names::USER_CHANGED => app.callers.forget(&event.decode::<UserChanged>()?.clerk_id),
        names::USER_DELETED => app.callers.forget(&event.decode::<UserDeleted>()?.clerk_id),
        // The rest is for sockets.
        _ => {}
    }
    Ok(())
}

fn product_moved(app: &App, product: Option<ProductFact>, category_before: Option<String>) {
    let Some(product) = product else { return };
    let (Ok(id), Ok(seller)) = (product.id.parse(), product.seller_id.parse()) else { return };
    let before = category_before.filter(|before| !before.is_empty() && *before != product.category);
    let categories = std::iter::once(product.category).chain(before).collect();
    app.edge_cache.drop_what_shows(&Fact::Product { id, seller, categories });
}
