//! Catalog, as ordering needs it: what is on sale for how much, and a place to show what sold out.

use std::time::{Duration, Instant};

use access_token::{AccessTokens, Caller};
use commerce_types::ProductId;
use protocol::catalog::v1 as wire;
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::convert::{Malformed, money, parse, required};
use service_error::{Reason, ServiceError};
use service_runtime::grpc::{self, Channel};

use crate::domain::checkout::Offer;
use crate::domain::stock::Stock;
use crate::error::Error;

/// A checkout waits for its offers at most so long.
const OFFERS_TIMEOUT: Duration = Duration::from_secs(2);
/// What fails faster than this never reached catalog: asked once more.
const AT_ONCE: Duration = Duration::from_millis(500);
/// The event follows anyway, so nobody waits longer than this for a flip to be shown.
const SHOW_TIMEOUT: Duration = Duration::from_millis(200);

/// A client of catalog; clones share its connection.
#[derive(Clone)]
pub(crate) struct CatalogClient {
    client: CatalogServiceClient<Channel>,
    access: AccessTokens,
}

impl CatalogClient {
    /// # Errors
    /// The address is not one.
    pub(crate) fn new(url: &str, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self { client: CatalogServiceClient::new(grpc::channel(url)?), access })
    }

    /// The products as they are on sale now, in the name of the caller whose token this is; others are left out.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub(crate) async fn offers(&self, token: &str, product_ids: &[ProductId]) -> Result<Vec<Offer>, Error> {
        let message = wire::ListOffersRequest { product_ids: product_ids.iter().map(ToString::to_string).collect() };
        let ask = || {
            let request = grpc::request(message.clone(), token, OFFERS_TIMEOUT);
            let mut client = self.client.clone();
            async move { client.list_offers(request).await }
        };
        let asked_at = Instant::now();
        let mut answer = ask().await.map_err(|status| ServiceError::from_status(&status));
        // A connection that broke since it was last used: the next one is another.
        if answer.as_ref().is_err_and(|error| error.reason == Reason::Unavailable) && asked_at.elapsed() < AT_ONCE {
            answer = ask().await.map_err(|status| ServiceError::from_status(&status));
        }
        let offers = answer.map_err(Error::Catalog)?.into_inner().offers;
        let read: Result<_, Malformed> = offers.into_iter().map(offer).collect();
        read.map_err(|malformed| Error::Catalog(ServiceError::internal(malformed)))
    }

    /// Tells what is left of products that sold out or came back, so that the next read shows it.
    pub(crate) async fn show(&self, left: &[Stock]) {
        if left.is_empty() {
            return;
        }
        let stock = left.iter().map(|stock| wire::ShownStock {
            product_id: stock.product_id.to_string(),
            free: stock.free,
            switched_on: stock.switched_on,
            version: stock.version,
        });
        let message = wire::ShowStockRequest { stock: stock.collect() };
        let token = self.access.sign(&Caller::service("ordering"));
        let mut client = self.client.clone();
        let shown = client.show_stock(grpc::request(message, &token, SHOW_TIMEOUT));
        match tokio::time::timeout(SHOW_TIMEOUT, shown).await {
            Ok(Ok(_)) => {}
            Ok(Err(status)) => {
                let error = ServiceError::from_status(&status);
                tracing::debug!(%error, "catalog was not told of a flip; the event follows");
            }
            Err(_elapsed) => tracing::debug!("catalog was slow to hear of a flip; the event follows"),
        }
    }
}

fn offer(offer: wire::Offer) -> Result<Offer, Malformed> {
    Ok(Offer {
        product_id: parse("product_id", &offer.product_id)?,
        seller: required("seller", offer.seller)?.try_into()?,
        name: offer.name,
        image_url: offer.image_url,
        price: money("price", offer.price.as_ref())?,
        min_order_quantity: offer.min_order_quantity,
    })
}
