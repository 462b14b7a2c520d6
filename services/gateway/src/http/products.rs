//! Products on sale: lists, search and details (`api.md` 6.2 to 6.4).

use commerce_types::{Money, ProductId, SellerCategory, UserId};
use garde::Validate;
use protocol::catalog::v1 as wire;
use protocol::types::v1 as types;
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::fields::{Text, length};
use super::query::{Order, from_text};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::page::page;
use super::shapes::product::Product;
use super::shapes::words::SellerCategoryWord;
use crate::edge_cache::{Concern, ListFilter, Rendered};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_list_products, list_products).public().with_query().kept_at_the_edge(),
        Route::new(__path_search_products, search_products).public().with_query().kept_at_the_edge(),
        Route::new(__path_show_product, show_product).public().kept_at_the_edge(),
        Route::new(__path_show_by_slug, show_by_slug).public().kept_at_the_edge(),
    ]
}

/// What narrows and orders a list of products.
#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct ProductsQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    search: Option<Text>,
    /// The slug of an active category.
    #[garde(custom(length(1..=50)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    category: Option<Text>,
    #[garde(skip)]
    #[param(value_type = Option<SellerCategoryWord>, inline)]
    seller_category: Option<SellerCategory>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    seller_id: Option<UserId>,
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
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProductSort {
    CreatedAt,
    Price,
    Name,
    Rating,
    Relevance,
}

impl From<ProductSort> for wire::ProductSort {
    fn from(sort: ProductSort) -> Self {
        match sort {
            ProductSort::CreatedAt => Self::CreatedAt,
            ProductSort::Price => Self::Price,
            ProductSort::Name => Self::Name,
            ProductSort::Rating => Self::Rating,
            ProductSort::Relevance => Self::Relevance,
        }
    }
}

/// At most the greatest price.
pub(super) fn price(price: &Option<Money>, (): &()) -> garde::Result {
    match price {
        Some(price) if *price > Money::MAX_PRICE => Err(garde::Error::new("must be at most 99999999.99")),
        _ => Ok(()),
    }
}

/// The filter of a list, checked as a whole.
pub(super) struct Asked {
    pub(super) filter: wire::ProductFilter,
    pub(super) sort: ProductSort,
    pub(super) order: Order,
    pub(super) page: types::Page,
}

/// # Errors
/// 400: members that contradict each other.
pub(super) fn asked(query: ProductsQuery, usual: ProductSort) -> Result<Asked, ApiError> {
    if let (Some(min), Some(max)) = (query.min_price, query.max_price)
        && min > max
    {
        return Err(ApiError::invalid("min_price", "must not be above max_price"));
    }
    let sort = query.sort_by.unwrap_or(usual);
    if sort == ProductSort::Relevance && query.search.is_none() {
        return Err(ApiError::invalid("sort_by", "relevance needs a search"));
    }
    let filter = wire::ProductFilter {
        search: query.search.map(Into::into),
        category: query.category.map(Into::into),
        seller_category: query.seller_category.map(|category| types::SellerCategory::from(category).into()),
        seller_id: query.seller_id.map(Into::into),
        brand: query.brand.map(Into::into),
        min_price: query.min_price.map(Into::into),
        max_price: query.max_price.map(Into::into),
        in_stock: query.in_stock,
    };
    let order = query.sort_order.unwrap_or(Order::Descending);
    Ok(Asked { filter, sort, order, page: page(query.page, query.limit) })
}

/// Products on sale
#[utoipa::path(get, path = "/api/v1/products", tag = "products", params(ProductsQuery),
    responses((status = 200, description = "A page, with an exact total", body = List<Product>)))]
async fn list_products(call: Call) -> Answer {
    let asked = asked(call.query()?, ProductSort::CreatedAt)?;
    list(&call, asked).await
}

/// A search, with everything that narrows a list.
#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Every word must be found.
    #[garde(custom(length(1..=100)))]
    #[param(value_type = String, required = true, min_length = 1, max_length = 100)]
    q: Option<Text>,
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(custom(length(1..=50)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    category: Option<Text>,
    #[garde(skip)]
    #[param(value_type = Option<SellerCategoryWord>, inline)]
    seller_category: Option<SellerCategory>,
    #[garde(skip)]
    #[param(value_type = Option<uuid::Uuid>)]
    seller_id: Option<UserId>,
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
}

/// Search in French and Arabic
#[utoipa::path(get, path = "/api/v1/products/search", tag = "products", params(SearchQuery),
    responses((status = 200, description = "A page, with an exact total", body = List<Product>)))]
async fn search_products(call: Call) -> Answer {
    let query: SearchQuery = call.query()?;
    if query.q.is_none() {
        return Err(ApiError::invalid("q", "is required"));
    }
    let query = ProductsQuery {
        page: query.page,
        limit: query.limit,
        search: query.q,
        category: query.category,
        seller_category: query.seller_category,
        seller_id: query.seller_id,
        brand: query.brand,
        min_price: query.min_price,
        max_price: query.max_price,
        in_stock: query.in_stock,
        sort_by: query.sort_by,
        sort_order: query.sort_order,
    };
    list(&call, asked(query, ProductSort::Relevance)?).await
}

async fn list(call: &Call, Asked { filter, sort, order, page }: Asked) -> Answer {
    let narrowed = ListFilter {
        category: filter.category.clone(),
        seller: filter.seller_id.as_deref().and_then(|id| id.parse().ok()),
        in_stock: filter.in_stock.is_some(),
    };
    let message = wire::ListProductsRequest {
        filter: Some(filter),
        sort: wire::ProductSort::from(sort).into(),
        order: types::SortOrder::from(order).into(),
        page: Some(page),
    };
    // The whole question in one form, however it was written.
    let key = format!("products {message:?}");
    let concern = Concern::List { filter: narrowed.clone(), shown: Vec::new() };
    call.at_the_edge(&key, &concern, async || {
        let answer = call.app.upstream.list_products(message).await?;
        let shown = answer.products.iter().filter_map(|product| product.id.parse().ok()).collect();
        let products = answer.products.into_iter().map(Product::try_from).collect::<Result<_, _>>()?;
        let list = List::new(products, page, answer.total);
        Ok(Rendered::new(&list, Concern::List { filter: narrowed, shown }))
    })
    .await
}

/// One product, by id
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "products", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The product; with `stock_version` for its owner and admins", body = Product),
    (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn show_product(call: Call) -> Answer {
    let id: ProductId = call.id("id")?;
    let by = wire::get_product_request::By::Id(id.to_string());
    detail(&call, &format!("/api/v1/products/{id}"), Some(id), by).await
}

/// One product, by its slug
#[utoipa::path(get, path = "/api/v1/products/slug/{slug}", tag = "products",
    params(("slug" = String, Path, max_length = 250)), responses(
        (status = 200, description = "The product; with `stock_version` for its owner and admins", body = Product),
        (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn show_by_slug(call: Call) -> Answer {
    let slug = call.param("slug").to_owned();
    if slug.chars().count() > 250 {
        return Err(ApiError::invalid("slug", "must have at most 250 characters"));
    }
    let by = wire::get_product_request::By::Slug(slug.clone());
    detail(&call, &format!("slug {slug}"), None, by).await
}

async fn detail(call: &Call, key: &str, id: Option<ProductId>, by: wire::get_product_request::By) -> Answer {
    let message = wire::GetProductRequest { by: Some(by) };
    // Sellers and admins may see more of it than others: they are asked for in person.
    if let Some(account) =
        call.account.as_ref().filter(|account| account.seller_category.is_some() || account.is_admin())
    {
        let product = call.app.upstream.get_product(message.clone(), Some(account)).await?;
        if product.stock_version.is_some() {
            let version = product.version;
            return Ok(Reply::versioned(&Product::try_from(product)?, version));
        }
    }
    let concern = Concern::Detail { product: id.map(Into::into), seller: None };
    call.at_the_edge(key, &concern, async || {
        let product = Product::try_from(call.app.upstream.get_product(message, None).await?)?;
        let concern = Concern::Detail { product: product.id.parse().ok(), seller: product.seller_id.parse().ok() };
        Ok(Rendered::versioned(&product, product.version, concern))
    })
    .await
}
