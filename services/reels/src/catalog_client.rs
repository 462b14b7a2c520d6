//! Calls to catalog, which owns products.

use std::time::Duration;

use access_token::{AccessTokens, Caller};
use commerce_types::{ProductId, UserId};
use protocol::catalog::v1 as wire;
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::catalog::v1::get_product_request::By;
use protocol::catalog::v1::{GetProductRequest, ListProductsByIdRequest};
use protocol::convert::{Malformed, money, optional_money, parse, required};
use service_error::{Reason, ServiceError};
use service_runtime::grpc::{Channel, channel, request};

use crate::domain::product::Product;
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(crate) struct CatalogClient {
    inner: CatalogServiceClient<Channel>,
    access: AccessTokens,
}

impl CatalogClient {
    pub(crate) fn new(uri: &str, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: CatalogServiceClient::new(channel(uri)?), access })
    }

    /// The product as the bearer of `token` sees it, and whether it is on sale; both of about the same moment. `None` when
    /// the bearer does not see it.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub(crate) async fn product(&self, id: ProductId, token: &str) -> Result<Option<Product>, Error> {
        let (mut seen, mut offered) = (self.inner.clone(), self.inner.clone());
        let own = self.access.sign(&Caller::service("reels"));
        let seen = seen.get_product(request(GetProductRequest { by: Some(By::Id(id.to_string())) }, token, PATIENCE));
        let by_id = ListProductsByIdRequest { ids: vec![id.to_string()] };
        let offered = offered.list_products_by_id(request(by_id, &own, PATIENCE));
        let (seen, offered) = futures::join!(seen, offered);
        let seen = match seen {
            Ok(seen) => seen.into_inner(),
            Err(status) => {
                let refused = ServiceError::from_status(&status);
                let missing = refused.reason == Reason::ProductNotFound;
                return if missing { Ok(None) } else { Err(Error::Catalog(refused)) };
            }
        };
        let offered = offered.map_err(|status| Error::Catalog(ServiceError::from_status(&status)))?.into_inner();
        read(seen, !offered.products.is_empty()).map(Some).map_err(|malformed| {
            tracing::error!(error = service_error::chain(&malformed), "catalog answered a product that cannot be read");
            Error::Missing("a product of catalog")
        })
    }
}

fn read(product: wire::Product, on_sale: bool) -> Result<Product, Malformed> {
    let seller_id: UserId = parse("seller.id", &required("seller", product.seller)?.id)?;
    let primary = product.images.iter().find(|image| image.is_primary);
    Ok(Product {
        id: parse("id", &product.id)?,
        seller_id,
        price: money("price", product.price.as_ref())?,
        original_price: optional_money("original_price", product.original_price.as_ref())?,
        image_url: primary.map(|image| image.image_url.clone()),
        slug: product.slug,
        name: product.name,
        in_stock: product.in_stock,
        on_sale,
        version: product.version,
        // Whoever is not its owner is not told: any event is newer then.
        stock_version: product.stock_version.unwrap_or_default(),
    })
}
