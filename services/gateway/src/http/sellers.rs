//! Sellers as everybody sees them (`api.md` 5).

use commerce_types::{SellerCategory, UserId};
use garde::Validate;
use protocol::identity::v1 as wire;
use protocol::types::v1 as types;
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, length};
use super::query::Order;
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::page::page;
use super::shapes::user::Seller;
use super::shapes::words::SellerCategoryWord;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_list_sellers, list_sellers).public().with_query(),
        Route::new(__path_show_seller, show_seller).public(),
    ]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct SellersQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    search: Option<Text>,
    #[garde(skip)]
    #[param(value_type = Option<SellerCategoryWord>, inline)]
    seller_category: Option<SellerCategory>,
    /// Without case and accents.
    #[garde(custom(length(1..=100)))]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    wilaya: Option<Text>,
    #[garde(skip)]
    is_verified: Option<bool>,
    #[garde(skip)]
    #[param(inline)]
    sort_by: Option<SellerSort>,
    #[garde(skip)]
    #[param(inline)]
    sort_order: Option<Order>,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SellerSort {
    CreatedAt,
    FullName,
}

/// Approved, active sellers
#[utoipa::path(get, path = "/api/v1/sellers", tag = "sellers", params(SellersQuery),
    responses((status = 200, description = "A page", body = List<Seller>)))]
async fn list_sellers(call: Call) -> Answer {
    let query: SellersQuery = call.query()?;
    let page = page(query.page, query.limit);
    let sort = match query.sort_by {
        None | Some(SellerSort::CreatedAt) => wire::SellerSort::CreatedAt,
        Some(SellerSort::FullName) => wire::SellerSort::FullName,
    };
    let message = wire::ListSellersRequest {
        page: Some(page),
        search: query.search.map(Into::into),
        seller_category: query.seller_category.map(|category| types::SellerCategory::from(category).into()),
        wilaya: query.wilaya.map(Into::into),
        is_verified: query.is_verified,
        sort: sort.into(),
        order: types::SortOrder::from(query.sort_order.unwrap_or(Order::Descending)).into(),
    };
    let answer = call.app.upstream.list_sellers(message).await?;
    let ids = answer.sellers.iter().filter_map(|seller| seller.user.as_ref()).map(|user| user.id.clone()).collect();
    // Without catalog nobody can tell how many products they have.
    let counts = call.app.upstream.count_products(ids).await.ok();
    let seller = |seller: wire::Seller| {
        let id = seller.user.as_ref().map(|user| user.id.clone()).unwrap_or_default();
        let count = counts.as_ref().map(|counts| counts.get(&id).copied().unwrap_or(0));
        Seller::new(seller, count)
    };
    let sellers = answer.sellers.into_iter().map(seller).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&List::new(sellers, page, answer.total)))
}

/// One seller
#[utoipa::path(get, path = "/api/v1/sellers/{id}", tag = "sellers", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The seller", body = Seller),
    (status = 404, description = "`SELLER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn show_seller(call: Call) -> Answer {
    let id: UserId = call.id("id")?;
    let seller = call.app.upstream.get_seller(wire::GetSellerRequest { id: id.to_string() }).await?;
    let counts = call.app.upstream.count_products(vec![id.to_string()]).await.ok();
    let count = counts.map(|counts| counts.get(&id.to_string()).copied().unwrap_or(0));
    Ok(Reply::ok(&Seller::new(seller, count)?))
}
