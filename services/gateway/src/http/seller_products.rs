//! A seller's own products with what they earned (`api.md` 6.7; part 2, 6.1).

use std::collections::HashMap;
use std::time::Duration;

use commerce_types::{Money, SellerCategory};
use garde::Validate;
use protocol::catalog::v1 as wire;
use protocol::convert::money;
use protocol::types::v1 as types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::fields::{Text, length};
use super::products::{ProductSort, price};
use super::query::{Order, from_text};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::page::page;
use super::shapes::product::Product;
use super::shapes::words::SellerCategoryWord;

/// How old the figures of a row may be; the rows themselves are never kept.
pub(crate) const FIGURES_KEPT: Duration = Duration::from_secs(300);

/// Orders with a product, and what it earned.
pub(crate) type Figures = HashMap<String, (i64, Money)>;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_list_own_products, list_own_products).for_sellers_and_admins().with_query()]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct OwnQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    search: Option<Text>,
    #[garde(custom(length(1..=50)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    category: Option<Text>,
    #[garde(skip)]
    #[param(value_type = Option<SellerCategoryWord>, inline)]
    seller_category: Option<SellerCategory>,
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    brand: Option<Text>,
    #[garde(custom(price))]
    #[serde(deserialize_with = "from_text")]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99)]
    min_price: Option<Money>,
    #[garde(custom(price))]
    #[serde(deserialize_with = "from_text")]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99)]
    max_price: Option<Money>,
    #[garde(skip)]
    in_stock: Option<bool>,
    #[garde(skip)]
    #[param(inline)]
    sort_by: Option<ProductSort>,
    #[garde(skip)]
    #[param(inline)]
    sort_order: Option<Order>,
    #[garde(skip)]
    #[param(inline)]
    status: Option<OwnStatus>,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OwnStatus {
    All,
    Draft,
    Archived,
    Active,
    OutOfStock,
}

impl From<OwnStatus> for wire::OwnProducts {
    fn from(status: OwnStatus) -> Self {
        match status {
            OwnStatus::All => Self::All,
            OwnStatus::Draft => Self::Draft,
            OwnStatus::Archived => Self::Archived,
            OwnStatus::Active => Self::Active,
            OwnStatus::OutOfStock => Self::OutOfStock,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct OwnProduct {
    #[serde(flatten)]
    product: Product,
    views: i64,
    /// Orders with the product, in any status.
    orders: i64,
    /// Of sales, without shipping.
    #[schema(value_type = f64)]
    revenue: Money,
}

/// The caller's own products
#[utoipa::path(get, path = "/api/v1/seller/products", tag = "seller", params(OwnQuery),
    responses((status = 200, description = "A page", body = List<OwnProduct>)))]
async fn list_own_products(call: Call) -> Answer {
    let query: OwnQuery = call.query()?;
    if let (Some(min), Some(max)) = (query.min_price, query.max_price)
        && min > max
    {
        return Err(ApiError::invalid("min_price", "must not be above max_price"));
    }
    let sort = query.sort_by.unwrap_or(ProductSort::CreatedAt);
    if sort == ProductSort::Relevance && query.search.is_none() {
        return Err(ApiError::invalid("sort_by", "relevance needs a search"));
    }
    let page = page(query.page, query.limit);
    let message = wire::ListOwnProductsRequest {
        filter: Some(wire::ProductFilter {
            search: query.search.map(Into::into),
            category: query.category.map(Into::into),
            seller_category: query.seller_category.map(|category| types::SellerCategory::from(category).into()),
            seller_id: None,
            brand: query.brand.map(Into::into),
            min_price: query.min_price.map(Into::into),
            max_price: query.max_price.map(Into::into),
            in_stock: query.in_stock,
        }),
        own: wire::OwnProducts::from(query.status.unwrap_or(OwnStatus::All)).into(),
        sort: wire::ProductSort::from(sort).into(),
        order: types::SortOrder::from(query.sort_order.unwrap_or(Order::Descending)).into(),
        page: Some(page),
    };
    let answer = call.app.upstream.list_own_products(message, call.account.as_ref()).await?;
    let ids: Vec<String> = answer.products.iter().map(|product| product.id.clone()).collect();
    let figures = figures(&call, ids).await?;
    let row = |product: wire::Product| {
        let (orders, revenue) = figures.get(&product.id).copied().unwrap_or((0, Money::ZERO));
        let product = Product::try_from(product)?;
        Ok(OwnProduct { views: product.viewers_count, product, orders, revenue })
    };
    let rows = answer.products.into_iter().map(row).collect::<Result<Vec<_>, ApiError>>()?;
    Ok(Reply::ok(&List::new(rows, page, answer.total)))
}

/// The figures of a page, kept for five minutes for each account and page of products.
async fn figures(call: &Call, ids: Vec<String>) -> Result<std::sync::Arc<Figures>, ApiError> {
    if ids.is_empty() {
        return Ok(std::sync::Arc::default());
    }
    let key = format!("{} {}", call.user()?.user_id, ids.join(" "));
    if let Some(kept) = call.app.figures.get(&key) {
        return Ok(kept);
    }
    let answer = call.app.upstream.list_sales_figures(ids, call.account.as_ref()).await?;
    let mut figures = Figures::new();
    for row in answer.figures {
        figures.insert(row.product_id, (row.orders, money("revenue", row.revenue.as_ref())?));
    }
    let figures = std::sync::Arc::new(figures);
    call.app.figures.insert(key, std::sync::Arc::clone(&figures));
    Ok(figures)
}
