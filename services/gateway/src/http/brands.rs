//! Brands of products on sale (`api.md` 7).

use garde::Validate;
use protocol::catalog::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::page::page;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_list_brands, list_brands).public().with_query()]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct BrandsQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// Every word must be in the brand.
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    search: Option<Text>,
    /// The slug of an active category.
    #[garde(custom(length(1..=50)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    category: Option<Text>,
}

#[derive(Serialize, ToSchema)]
struct Brand {
    /// The most frequent spelling.
    name: String,
    /// On sale.
    products_count: i64,
}

/// Brands, most products first
#[utoipa::path(get, path = "/api/v1/brands", tag = "products", params(BrandsQuery),
    responses((status = 200, description = "A page, with an exact total", body = List<Brand>)))]
async fn list_brands(call: Call) -> Answer {
    let query: BrandsQuery = call.query()?;
    let page = page(query.page, query.limit);
    let message = wire::ListBrandsRequest {
        search: query.search.map(Into::into),
        category: query.category.map(Into::into),
        page: Some(page),
    };
    let answer = call.app.upstream.list_brands(message).await?;
    let brand = |brand: wire::Brand| Brand { name: brand.name, products_count: brand.products_count };
    Ok(Reply::ok(&List::new(answer.brands.into_iter().map(brand).collect(), page, answer.total)))
}
