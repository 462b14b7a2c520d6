//! What a search may be about, while it is typed (`api.md` 6.3).

use garde::Validate;
use protocol::catalog::v1 as wire;
use protocol::catalog::v1::suggestion::What;
use protocol::convert::{Malformed, required};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::fields::{Text, length};
use super::reply::Reply;
use super::route::{Answer, Route};

const USUAL_LIMIT: u32 = 8;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_suggest, suggest).public().with_query()]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct SuggestQuery {
    #[garde(custom(length(1..=100)))]
    #[param(value_type = String, required = true, min_length = 1, max_length = 100)]
    q: Option<Text>,
    #[garde(range(min = 1, max = 10))]
    #[param(minimum = 1, maximum = 10, default = 8)]
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Suggestions {
    data: Vec<Suggestion>,
}

#[derive(Serialize, ToSchema)]
struct Suggestion {
    r#type: Kind,
    text: String,
    /// Null for brands.
    #[schema(format = Uuid)]
    id: Option<String>,
    /// Null for brands.
    slug: Option<String>,
    /// Null but for products.
    image_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SuggestionType)]
enum Kind {
    Product,
    Brand,
    Category,
}

impl TryFrom<wire::Suggestion> for Suggestion {
    type Error = Malformed;

    fn try_from(suggestion: wire::Suggestion) -> Result<Self, Malformed> {
        Ok(match required("what", suggestion.what)? {
            What::Product(wire::SuggestedProduct { id, slug, name, image_url }) => {
                Self { r#type: Kind::Product, text: name, id: Some(id), slug: Some(slug), image_url }
            }
            What::Brand(text) => Self { r#type: Kind::Brand, text, id: None, slug: None, image_url: None },
            What::Category(wire::SuggestedCategory { id, slug, name }) => {
                Self { r#type: Kind::Category, text: name, id: Some(id), slug: Some(slug), image_url: None }
            }
        })
    }
}

/// Products, brands and categories for what is typed so far
#[utoipa::path(get, path = "/api/v1/products/suggest", tag = "products", params(SuggestQuery),
    responses((status = 200, description = "Beginnings of words first", body = Suggestions)))]
async fn suggest(call: Call) -> Answer {
    let SuggestQuery { q, limit } = call.query()?;
    let Some(Text(query)) = q else {
        return Err(ApiError::invalid("q", "is required"));
    };
    let message = wire::SuggestRequest { query, limit: limit.unwrap_or(USUAL_LIMIT) };
    let suggestions = call.app.upstream.suggest(message).await?;
    let data = suggestions.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&Suggestions { data }))
}
