//! What sellers do to their products: content, pictures, stock (`api.md` 6.5, 6.6, 6.8), and what anybody's look adds.

use commerce_types::{ImageId, ProductId};
use garde::Validate;
use protocol::catalog::v1 as wire;
use protocol::convert::{required, time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::conditional::BasedOn;
use super::error::ApiError;
use super::fields::given;
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::new_product::{Fields, NewProduct};
use super::shapes::product::Product;
use super::shapes::time::iso;
use crate::edge_cache::Fact;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_publish_product, publish_product).for_sellers().with_body().with_key(),
        Route::new(__path_change_product, change_product).for_sellers_and_admins().with_body().with_if_match(),
        Route::new(__path_change_own_product, change_own_product).for_sellers_and_admins().with_body().with_if_match(),
        Route::new(__path_delete_product, delete_product).for_sellers_and_admins().with_if_match(),
        Route::new(__path_change_image, change_image).for_sellers_and_admins().with_body().with_if_match(),
        Route::new(__path_delete_image, delete_image).for_sellers_and_admins().with_if_match(),
        Route::new(__path_change_stock, change_stock).for_sellers_and_admins().with_body().with_key(),
        Route::new(__path_view_product, view_product).for_anyone(),
    ]
}

/// List a product
#[utoipa::path(post, path = "/api/v1/products", tag = "products", request_body = NewProduct,
    responses((status = 201, description = "Listed", body = Product)))]
async fn publish_product(call: Call) -> Answer {
    let mut message = call.body::<Fields>()?.create(&call.app.config.media_url)?;
    message.key = call.key()?.map(Into::into);
    let written = call.app.upstream.publish_product(message, call.account.as_ref()).await?;
    let replayed = written.replayed;
    let product = call.written(written)?;
    let location = format!("/api/v1/products/{}", product.id);
    Ok(Reply::created(&product).located_at(&location).replayed(replayed))
}

/// Change a product
#[utoipa::path(patch, path = "/api/v1/products/{id}", tag = "products", request_body = Fields,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Changed", body = Product),
        (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_product(call: Call) -> Answer {
    change(call, false).await
}

/// Change a product of the caller's own
#[utoipa::path(patch, path = "/api/v1/seller/products/{id}", tag = "seller", request_body = Fields,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Changed", body = Product),
        (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_own_product(call: Call) -> Answer {
    change(call, true).await
}

async fn change(call: Call, owner_only: bool) -> Answer {
    let id: ProductId = call.id("id")?;
    let expected_version = version(&call)?;
    let changes = call.body::<Fields>()?.change(&call.app.config.media_url)?;
    let message =
        wire::ChangeProductRequest { id: id.to_string(), changes: Some(changes), expected_version, owner_only };
    let written = call.app.upstream.change_product(message, call.account.as_ref()).await?;
    Ok(Reply::done(&call.written(written)?))
}

#[derive(Serialize, ToSchema)]
struct Deleted {
    message: &'static str,
    #[schema(format = Uuid)]
    id: String,
}

/// Delete a product, for good
#[utoipa::path(delete, path = "/api/v1/products/{id}", tag = "products", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "Deleted", body = Deleted),
    (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn delete_product(call: Call) -> Answer {
    let id: ProductId = call.id("id")?;
    let message = wire::DeleteProductRequest { id: id.to_string(), expected_version: version(&call)? };
    let written = call.app.upstream.delete_product(message, call.account.as_ref()).await?;
    call.written(written)?;
    Ok(Reply::done(&Deleted { message: "The product was deleted.", id: id.to_string() }))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImageChanges {
    /// Only true: another image takes it by being made primary.
    #[serde(default, deserialize_with = "given")]
    #[garde(skip)]
    #[schema(nullable = false)]
    is_primary: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[garde(range(min = 0, max = 1_000))]
    #[schema(nullable = false, minimum = 0, maximum = 1_000)]
    display_order: Option<i32>,
}

/// Move an image, or make it the primary one
#[utoipa::path(patch, path = "/api/v1/products/{id}/images/{imageId}", tag = "products", request_body = ImageChanges,
    params(("id" = uuid::Uuid, Path), ("imageId" = uuid::Uuid, Path)), responses(
        (status = 200, description = "The product", body = Product),
        (status = 404, description = "`PRODUCT_NOT_FOUND`, `IMAGE_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_image(call: Call) -> Answer {
    let (product_id, image_id) = (call.id::<ProductId>("id")?, call.id::<ImageId>("imageId")?);
    let expected_version = version(&call)?;
    let ImageChanges { is_primary, display_order } = call.body()?;
    if is_primary == Some(false) {
        return Err(ApiError::invalid("is_primary", "can only be true: make another image primary"));
    }
    if is_primary.is_none() && display_order.is_none() {
        return Err(ApiError::invalid("", "at least one field is needed"));
    }
    let message = wire::ChangeImageRequest {
        product_id: product_id.to_string(),
        image_id: image_id.to_string(),
        make_primary: is_primary.is_some(),
        display_order,
        expected_version,
    };
    let written = call.app.upstream.change_image(message, call.account.as_ref()).await?;
    Ok(Reply::done(&call.written(written)?))
}

/// Take an image away
#[utoipa::path(delete, path = "/api/v1/products/{id}/images/{imageId}", tag = "products",
    params(("id" = uuid::Uuid, Path), ("imageId" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Gone", body = Deleted),
        (status = 404, description = "`PRODUCT_NOT_FOUND`, `IMAGE_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn delete_image(call: Call) -> Answer {
    let (product_id, image_id) = (call.id::<ProductId>("id")?, call.id::<ImageId>("imageId")?);
    let message = wire::DeleteImageRequest {
        product_id: product_id.to_string(),
        image_id: image_id.to_string(),
        expected_version: version(&call)?,
    };
    let written = call.app.upstream.delete_image(message, call.account.as_ref()).await?;
    call.written(written)?;
    Ok(Reply::done(&Deleted { message: "The image was deleted.", id: image_id.to_string() }))
}

/// Either both of the first two, or `delta`.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct StockChange {
    #[serde(default, deserialize_with = "given")]
    #[garde(range(min = 0, max = 10_000_000))]
    #[schema(nullable = false, minimum = 0, maximum = 10_000_000)]
    stock: Option<i32>,
    /// The `stock_version` it is based on.
    #[serde(default, deserialize_with = "given")]
    #[garde(range(min = 0))]
    #[schema(nullable = false, minimum = 0)]
    expected_version: Option<i64>,
    /// Added at the moment of the write; not 0.
    #[serde(default, deserialize_with = "given")]
    #[garde(range(min = -10_000_000, max = 10_000_000))]
    #[schema(nullable = false, minimum = -10_000_000, maximum = 10_000_000)]
    delta: Option<i32>,
}

#[derive(Serialize, ToSchema)]
struct Stock {
    #[schema(format = Uuid)]
    id: String,
    stock: i32,
    in_stock: bool,
    stock_version: i64,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// Set or move what can be bought
#[utoipa::path(patch, path = "/api/v1/seller/products/{id}/stock", tag = "seller", request_body = StockChange,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "What can be bought now", body = Stock),
        (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`VERSION_CONFLICT`, `OUT_OF_STOCK`, `IDEMPOTENCY_IN_PROGRESS`",
            body = super::error::ErrorBody<'static>),
    ))]
async fn change_stock(call: Call) -> Answer {
    let id: ProductId = call.id("id")?;
    let StockChange { stock, expected_version, delta } = call.body()?;
    let change = match (stock, expected_version, delta) {
        (Some(stock), Some(expected_version), None) => {
            wire::change_stock_request::Change::Set(wire::SetStock { stock, expected_version })
        }
        (None, None, Some(delta)) if delta != 0 => wire::change_stock_request::Change::Delta(delta),
        (None, None, Some(_)) => return Err(ApiError::invalid("delta", "must not be 0")),
        _ => return Err(ApiError::invalid("", "either stock and expected_version, or delta")),
    };
    let key = call.key()?.map(Into::into);
    let message = wire::ChangeStockRequest { product_id: id.to_string(), change: Some(change), key };
    let changed = call.app.upstream.change_stock(message, call.account.as_ref()).await?;
    call.app.edge_cache.drop_what_shows(&if changed.flipped { Fact::Flip(id.into()) } else { Fact::Count(id.into()) });
    let stock = Stock {
        updated_at: time("updated_at", changed.updated_at.as_ref())?,
        id: changed.product_id,
        stock: changed.stock,
        in_stock: changed.in_stock,
        stock_version: changed.stock_version,
    };
    Ok(Reply::done(&stock).replayed(changed.replayed))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Viewed {
    #[schema(format = Uuid)]
    product_id: String,
    viewers_count: i64,
    /// Whether this call moved the number.
    counted: bool,
}

/// Count a look at a product, once for a viewer in 30 minutes
#[utoipa::path(post, path = "/api/v1/products/{id}/view", tag = "products", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The number of views", body = Viewed),
    (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn view_product(call: Call) -> Answer {
    let id: ProductId = call.id("id")?;
    let message = wire::ViewProductRequest { id: id.to_string(), viewer: call.viewer() };
    let viewed = call.app.upstream.view_product(message, call.account.as_ref()).await?;
    let product_id = id.to_string();
    Ok(Reply::done(&Viewed { product_id, viewers_count: viewed.viewers_count, counted: viewed.counted }))
}

fn version(call: &Call) -> Result<Option<i64>, ApiError> {
    Ok(match call.if_match()? {
        Some(BasedOn::Version(version)) => Some(version),
        Some(BasedOn::Anything) | None => None,
    })
}

impl Call {
    /// Drops what a write made old, before anybody is told of it.
    pub(super) fn written(&self, written: wire::ProductWritten) -> Result<Product, ApiError> {
        let product = required("product", written.product)?;
        let category = product.category.clone();
        let product = Product::try_from(product)?;
        if let (Ok(id), Ok(seller)) = (product.id.parse(), product.seller_id.parse()) {
            let before = (!written.category_before.is_empty()).then_some(written.category_before);
            let categories = std::iter::once(category).chain(before).collect();
            self.app.edge_cache.drop_what_shows(&Fact::Product { id, seller, categories });
            self.app.edge_cache.drop_what_shows(&Fact::Flip(id));
        }
        Ok(product)
    }

    /// Who looks: the account, else a keyed hash of the address, that tells nobody where it is.
    pub(super) fn viewer(&self) -> String {
        use hmac::{Hmac, Mac};
        if let Some(account) = &self.account {
            return account.user_id.to_string();
        }
        let secret = self.app.config.access_token_secrets.first().map(String::as_bytes).unwrap_or_default();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).expect("an HMAC takes a key of any length");
        mac.update(b"viewer");
        mac.update(&crate::rate_limit::address::subject(self.address).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        format!("address-{}", hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}
