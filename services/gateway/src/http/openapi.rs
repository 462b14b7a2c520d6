//! The OpenAPI document, made of the same table that the router is made of.
//!
//! Handlers say what is their own: parameters, bodies, answers. What follows from a route's place in the table (who
//! may call, limits, keys, how bodies are refused) is added here, the same way everywhere.

use utoipa::PartialSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response, Schema};

use super::body::BodyRule;
use super::error::{Detail, ErrorBody};
use super::route::{Access, Route};
use super::table::routes;

pub const DESCRIPTION: &str = "Algerian B2C and B2B marketplace: products, carts, orders, sellers.";
const BEARER: &str = "bearer";

/// The document of every operation in the table.
pub fn document() -> OpenApi {
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            BEARER,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some("A Clerk session token."))
                    .build(),
            ),
        )
        .schema("Error", ErrorBody::schema())
        .schema("ErrorDetail", Detail::schema());
    let mut paths = PathsBuilder::new().build();
    for route in routes() {
        for (name, schema) in &route.schemas {
            components = components.schema(name, schema.clone());
        }
        paths.add_path_operation(route.pattern, vec![method(route)], operation(route));
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("ZST marketplace")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(DESCRIPTION)),
        )
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn method(route: &Route) -> HttpMethod {
    match route.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route) -> Operation {
    let mut operation = route.operation.clone();
    if route.access == Access::System {
        return operation;
    }
    let bearer = SecurityRequirement::new::<_, [String; 0], String>(BEARER, []);
    operation.security = Some(match route.access {
        Access::System | Access::Anyone | Access::Party => vec![SecurityRequirement::default(), bearer],
        Access::Clerk => vec![SecurityRequirement::default()],
        _ => vec![bearer],
    });
    add_headers(route, &mut operation);
    allow_empty_values(&mut operation);
    refuse(&mut operation, 400, "`VALIDATION_ERROR`, `INVALID_ID`: a parameter, header or member is not valid");
    if route.access != Access::Clerk {
        refuse(&mut operation, 401, "`UNAUTHORIZED`, `TOKEN_EXPIRED`, `SESSION_PENDING`");
        refuse(&mut operation, 403, "`FORBIDDEN`, `ACCOUNT_DISABLED`, `SELLER_NOT_APPROVED`");
    }
    refuse(&mut operation, 429, "`RATE_LIMITED`");
    refuse(&mut operation, 500, "`INTERNAL_ERROR`");
    refuse(&mut operation, 503, "`UNAVAILABLE`");
    if !matches!(route.body, BodyRule::None | BodyRule::Form) {
        refuse(&mut operation, 413, "`PAYLOAD_TOO_LARGE`: more than 256 KiB");
    }
    if matches!(route.body, BodyRule::Optional | BodyRule::Required) {
        refuse(&mut operation, 415, "`UNSUPPORTED_MEDIA_TYPE`: not application/json");
    }
    if route.takes_key {
        refuse(&mut operation, 409, "`IDEMPOTENCY_IN_PROGRESS`");
        refuse(&mut operation, 422, "`IDEMPOTENCY_KEY_REUSED`");
    }
    if route.takes_if_match {
        refuse(&mut operation, 409, "`VERSION_CONFLICT`");
    }
    if route.is_read() {
        let known = ResponseBuilder::new().description("The caller has it already: `If-None-Match` names its `ETag`");
        operation.responses.responses.entry("304".to_owned()).or_insert_with(|| known.build().into());
    }
    for answer in operation.responses.responses.values_mut() {
        if let RefOr::T(answer) = answer {
            describe_limits(answer);
        }
    }
    operation
}

/// An empty value is as good as none, wherever none is good.
fn allow_empty_values(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.parameter_in == ParameterIn::Query
            && parameter.required == Required::False
        {
            parameter.extensions = Some([("allowEmptyValue", true)].into_iter().collect());
        }
    }
}

fn add_headers(route: &Route, operation: &mut Operation) {
    let mut add = |name: &str, description: &str, schema: Schema| {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    if route.takes_key {
        let key = text().min_length(Some(8)).max_length(Some(130)).pattern(Some("^\"?[A-Za-z0-9_.:-]{8,128}\"?$"));
        add("Idempotency-Key", "Makes a repeated request the same one", key.into());
    }
    if route.takes_if_match {
        add("If-Match", "`\"<version>\"`, the product's `ETag`, or `*`", text().into());
    }
    if route.is_read() {
        add("If-None-Match", "The `ETag` of an answer that the caller has", text().into());
    }
}

/// Adds a refusal, unless the handler describes that status itself.
fn refuse(operation: &mut Operation, status: u16, description: &str) {
    operation.responses.responses.entry(status.to_string()).or_insert_with(|| {
        let error = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
        ResponseBuilder::new().description(description).content("application/json", error).build().into()
    });
}

fn describe_limits(answer: &mut Response) {
    for (name, description) in [
        ("X-RateLimit-Limit", "Requests in the period of the rule nearest to its end; absent for admins"),
        ("X-RateLimit-Remaining", "Requests that are left of it"),
        ("X-RateLimit-Reset", "Unix second at which all of it is free again"),
    ] {
        let header = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
            .description(Some(description))
            .build();
        answer.headers.insert(name.to_owned(), header.into());
    }
}
