//! Categories, brands and suggestions.

use commerce_types::CategoryId;
use protocol::catalog::v1 as wire;
use protocol::catalog::v1::suggestion::What;
use protocol::convert::{Malformed, parse};

use super::page_of;
use crate::domain::brand::{Brand, BrandListing, BrandPage};
use crate::domain::category::{Category, CategoryChanges, NewCategory};
use crate::domain::suggestion::{MOST, SuggestedProduct, Suggestion};

pub(crate) fn category(category: Category, products_count: i64) -> wire::Category {
    wire::Category {
        id: category.id.to_string(),
        slug: category.slug,
        name_fr: category.name_fr,
        name_ar: category.name_ar,
        name_en: category.name_en,
        display_order: category.display_order,
        is_active: category.is_active,
        products_count,
    }
}

pub(crate) fn categories(categories: Vec<(Category, i64)>) -> wire::ListCategoriesResponse {
    let categories = categories.into_iter().map(|(one, products_count)| category(one, products_count));
    wire::ListCategoriesResponse { categories: categories.collect() }
}

pub(crate) fn category_id(id: &str) -> Result<CategoryId, Malformed> {
    parse("id", id)
}

pub(crate) fn new_category(request: wire::CreateCategoryRequest) -> NewCategory {
    NewCategory {
        slug: request.slug,
        name_fr: request.name_fr,
        name_ar: request.name_ar,
        name_en: request.name_en,
        display_order: request.display_order,
        is_active: request.is_active,
    }
}

pub(crate) fn change_category(
    request: wire::ChangeCategoryRequest,
) -> Result<(CategoryId, CategoryChanges), Malformed> {
    let changes = CategoryChanges {
        name_fr: request.name_fr,
        name_ar: request.name_ar,
        name_en: request.name_en,
        display_order: request.display_order,
        is_active: request.is_active,
    };
    Ok((category_id(&request.id)?, changes))
}

pub(crate) fn brand_listing(request: wire::ListBrandsRequest) -> Result<BrandListing, Malformed> {
    Ok(BrandListing { search: request.search, category: request.category, page: page_of(request.page)? })
}

pub(crate) fn brands(page: &BrandPage) -> wire::ListBrandsResponse {
    let brand = |brand: &Brand| wire::Brand { name: brand.name.clone(), products_count: brand.products };
    wire::ListBrandsResponse { brands: page.brands.iter().map(brand).collect(), total: page.total }
}

pub(crate) fn suggest(request: wire::SuggestRequest) -> Result<(String, usize), Malformed> {
    let limit = usize::try_from(request.limit).ok().filter(|limit| (1..=MOST).contains(limit));
    Ok((request.query, limit.ok_or(Malformed::Invalid("limit"))?))
}

pub(crate) fn suggestions(chosen: Vec<Suggestion>) -> wire::SuggestResponse {
    let suggestion = |suggestion| wire::Suggestion {
        what: Some(match suggestion {
            Suggestion::Product(SuggestedProduct { id, slug, name, image_url }) => {
                What::Product(wire::SuggestedProduct { id: id.to_string(), slug, name, image_url })
            }
            Suggestion::Brand(name) => What::Brand(name),
            Suggestion::Category { id, slug, name } => {
                What::Category(wire::SuggestedCategory { id: id.to_string(), slug, name })
            }
        }),
    };
    wire::SuggestResponse { suggestions: chosen.into_iter().map(suggestion).collect() }
}
