//! Products, published by their sellers.

use std::collections::HashMap;

use access_token::Account;
use chrono::{DateTime, TimeDelta};
use commerce_types::Money;
use protocol::catalog::v1::{ListOwnProductsRequest, OwnProducts, ProductStatus, PublishProductRequest};
use protocol::convert::timestamp;
use protocol::types::v1 as types;
use protocol::types::v1::Page;

use super::files::Pictures;
use super::services::{SeedError, Services, caller, key};
use crate::demo::{Product, ProductState};

const PAGE: u32 = 100;

/// The ids of what a seller has published already, by its article numbers.
pub(super) async fn published(services: &Services, seller: &Account) -> Result<HashMap<String, String>, SeedError> {
    let mut found = HashMap::new();
    for number in 1.. {
        let request = ListOwnProductsRequest {
            own: OwnProducts::All.into(),
            page: Some(Page { number, limit: PAGE }),
            ..ListOwnProductsRequest::default()
        };
        let what = format!("the products of {}", seller.full_name);
        let page = services
            .ask(&what, &caller(seller), request, async |request| services.catalog().list_own_products(request).await)
            .await?;
        let is_last = page.products.len() < PAGE as usize;
        found.extend(page.products.into_iter().filter_map(|product| Some((product.sku?, product.id))));
        if is_last {
            break;
        }
    }
    Ok(found)
}

/// Publishes a product and answers its id.
pub(super) async fn publish(
    services: &Services,
    pictures: &Pictures,
    seller: &Account,
    product: &Product,
) -> Result<String, SeedError> {
    let mut images = Vec::new();
    for picture in &product.pictures {
        images.push(pictures.url(services, seller, picture).await?);
    }
    let request = PublishProductRequest { images, ..request(services, product)? };
    let written = services
        .ask(&product.sku, &caller(seller), request, async |request| services.catalog().publish_product(request).await)
        .await?;
    written.product.map(|product| product.id).ok_or(SeedError::Unreadable("catalog"))
}

fn request(services: &Services, product: &Product) -> Result<PublishProductRequest, SeedError> {
    let unreadable = || SeedError::Unreadable("the demo market");
    let money = |centimes: i64| types::Money { centimes, currency: Money::CURRENCY.to_owned() };
    let product = product.clone();
    let end: Option<DateTime<_>> = product.countdown_days.map(|days| services.now() + TimeDelta::days(days));
    Ok(PublishProductRequest {
        key: Some(key(&format!("demo-product-{}", product.sku))),
        name: product.name,
        price: Some(money(product.price_centimes)),
        original_price: product.original_price_centimes.map(money),
        stock: i32::try_from(product.stock).map_err(|_too_many| unreadable())?,
        in_stock: Some(product.offered),
        min_order_quantity: Some(i32::try_from(product.min_order_quantity).map_err(|_too_many| unreadable())?),
        category: product.category,
        brand: product.brand,
        sku: Some(product.sku),
        product_type: Some(product.product_type),
        description: Some(product.description),
        ingredients: product.ingredients,
        usage_instructions: product.usage_instructions,
        delivery_estimate: Some(product.delivery_estimate),
        shipping_info: product.shipping_info,
        returns_info: product.returns_info,
        payment_info: product.payment_info,
        exclusive_offers: product.exclusive_offers,
        is_new: product.is_new,
        is_promo: product.is_promo,
        countdown_end_at: end.map(timestamp),
        benefits: product.benefits,
        tags: product.tags,
        weight_grams: product.weight_grams,
        specifications: product.specifications.map(|object| serde_json::Value::Object(object).to_string()),
        status: match product.state {
            ProductState::Draft => ProductStatus::Draft,
            ProductState::Active => ProductStatus::Active,
            ProductState::Archived => ProductStatus::Archived,
        }
        .into(),
        ..PublishProductRequest::default()
    })
}
