//! Categories of products (`api.md` 7).

use protocol::catalog::v1 as wire;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::reply::Reply;
use super::route::{Answer, Route};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_list_categories, list_categories).public_for(300)]
}

#[derive(Serialize, ToSchema)]
struct Categories {
    data: Vec<Category>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Category {
    #[schema(format = Uuid)]
    id: String,
    /// Never changes.
    slug: String,
    name_fr: String,
    name_ar: String,
    name_en: String,
    display_order: i32,
    is_active: bool,
    /// On sale.
    products_count: i64,
}

impl From<wire::Category> for Category {
    fn from(category: wire::Category) -> Self {
        Self {
            id: category.id,
            slug: category.slug,
            name_fr: category.name_fr,
            name_ar: category.name_ar,
            name_en: category.name_en,
            display_order: category.display_order,
            is_active: category.is_active,
            products_count: category.products_count,
        }
    }
}

/// Active categories, in the order they are shown
#[utoipa::path(get, path = "/api/v1/categories", tag = "products",
    responses((status = 200, description = "All of them", body = Categories)))]
async fn list_categories(call: Call) -> Answer {
    let data = call.app.upstream.list_categories().await?.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&Categories { data }))
}
