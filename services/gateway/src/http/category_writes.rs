//! What admins do to categories (`api.md` 11).

use commerce_types::CategoryId;
use garde::Validate;
use protocol::catalog::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::categories::Category;
use super::error::ApiError;
use super::fields::{Text, given, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use crate::edge_cache::Fact;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_create_category, create_category).for_admins().with_body(),
        Route::new(__path_change_category, change_category).for_admins().with_body(),
        Route::new(__path_delete_category, delete_category).for_admins(),
    ]
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCategory {
    /// Never changes.
    #[garde(custom(a_slug))]
    #[schema(value_type = String, min_length = 2, max_length = 50, pattern = "^[a-z0-9-]+$")]
    slug: Text,
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name_fr: Text,
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name_ar: Text,
    /// The slug with a capital, when it is left out.
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name_en: Option<Text>,
    /// Last, when it is left out.
    #[garde(range(min = 0, max = 1_000))]
    #[schema(minimum = 0, maximum = 1_000)]
    display_order: Option<i32>,
    #[garde(skip)]
    #[schema(default = true)]
    is_active: Option<bool>,
}

/// Letters and digits of a slug, 2 to 50 of them.
fn a_slug(Text(text): &Text, (): &()) -> garde::Result {
    let is_slug = (2..=50).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_slug { Ok(()) } else { Err(garde::Error::new("must be 2 to 50 of a-z, 0-9 and -")) }
}

/// Create a category
#[utoipa::path(post, path = "/api/v1/admin/categories", tag = "admin", request_body = NewCategory, responses(
    (status = 201, description = "Created", body = Category),
    (status = 409, description = "`CATEGORY_EXISTS`", body = super::error::ErrorBody<'static>),
))]
async fn create_category(call: Call) -> Answer {
    let new: NewCategory = call.body()?;
    let message = wire::CreateCategoryRequest {
        slug: new.slug.into(),
        name_fr: new.name_fr.into(),
        name_ar: new.name_ar.into(),
        name_en: new.name_en.map(Into::into),
        display_order: new.display_order,
        is_active: new.is_active.unwrap_or(true),
    };
    let category = call.app.upstream.create_category(message, call.account.as_ref()).await?;
    Ok(Reply::created(&call.category_written(category)))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CategoryChanges {
    #[serde(default, deserialize_with = "given")]
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100)]
    name_fr: Option<Text>,
    #[serde(default, deserialize_with = "given")]
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100)]
    name_ar: Option<Text>,
    #[serde(default, deserialize_with = "given")]
    #[garde(custom(length(1..=100)))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100)]
    name_en: Option<Text>,
    #[serde(default, deserialize_with = "given")]
    #[garde(range(min = 0, max = 1_000))]
    #[schema(nullable = false, minimum = 0, maximum = 1_000)]
    display_order: Option<i32>,
    /// Inactive: not offered and not accepted any more; products keep it.
    #[serde(default, deserialize_with = "given")]
    #[garde(skip)]
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

/// Change a category
#[utoipa::path(patch, path = "/api/v1/admin/categories/{id}", tag = "admin", request_body = CategoryChanges,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Changed", body = Category),
        (status = 404, description = "`CATEGORY_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_category(call: Call) -> Answer {
    let id: CategoryId = call.id("id")?;
    let CategoryChanges { name_fr, name_ar, name_en, display_order, is_active } = call.body()?;
    let message = wire::ChangeCategoryRequest {
        id: id.to_string(),
        name_fr: name_fr.map(Into::into),
        name_ar: name_ar.map(Into::into),
        name_en: name_en.map(Into::into),
        display_order,
        is_active,
    };
    let nothing = wire::ChangeCategoryRequest { id: id.to_string(), ..Default::default() };
    if message == nothing {
        return Err(ApiError::invalid("", "at least one field is needed"));
    }
    let category = call.app.upstream.change_category(message, call.account.as_ref()).await?;
    Ok(Reply::done(&call.category_written(category)))
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeletedCategory)]
struct Deleted {
    message: &'static str,
    #[schema(format = Uuid)]
    id: String,
}

/// Delete a category that no product uses
#[utoipa::path(delete, path = "/api/v1/admin/categories/{id}", tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "Deleted", body = Deleted),
        (status = 404, description = "`CATEGORY_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`CATEGORY_IN_USE`", body = super::error::ErrorBody<'static>),
    ))]
async fn delete_category(call: Call) -> Answer {
    let id: CategoryId = call.id("id")?;
    let message = wire::DeleteCategoryRequest { id: id.to_string() };
    let category = call.app.upstream.delete_category(message, call.account.as_ref()).await?;
    call.category_written(category);
    Ok(Reply::done(&Deleted { message: "The category was deleted.", id: id.to_string() }))
}

impl Call {
    /// Drops what a write made old, before anybody is told of it.
    fn category_written(&self, category: wire::Category) -> Category {
        self.app.edge_cache.drop_what_shows(&Fact::Category(category.slug.clone()));
        category.into()
    }
}
