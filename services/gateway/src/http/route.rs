//! One operation as the table declares it: who may call it, what it takes, what may be kept of it.
//!
//! Path, method and documentation come from the handler's own `#[utoipa::path]`, so the document and the router
//! cannot disagree. Everything that is checked before a handler runs is decided by what stands here.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use futures::future::LocalBoxFuture;
use metrics::{Counter, Histogram};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::schema::Schema;

use super::body::BodyRule;
use super::call::Call;
use super::error::ApiError;
use super::reply::Reply;
use crate::rate_limit::Rule;

/// What a handler answers.
pub type Answer = Result<Reply, ApiError>;

type Handler = Arc<dyn Fn(Call) -> LocalBoxFuture<'static, Answer> + Send + Sync>;

/// Who may call, as far as a role decides it; whose object it is, its owner decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Section 3: no token is looked at, nothing is counted.
    System,
    /// Clerk, by its signature, which identity checks: no token is looked at, and it is counted by its own rule.
    Clerk,
    Anyone,
    /// An account, or whoever holds a tracking token.
    Party,
    User,
    Seller,
    Admin,
    SellerOrAdmin,
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Everybody while no `Authorization` is sent, revalidating each time.
    Public,
    /// Everybody while no `Authorization` is sent, for so many seconds.
    PublicFor(u32),
    /// The caller alone.
    Private,
    /// Nobody.
    Never,
}

#[derive(Clone)]
pub struct Route {
    pub method: Method,
    pub pattern: &'static str,
    pub access: Access,
    pub caching: Caching,
    pub body: BodyRule,
    pub strict: Option<Rule>,
    pub takes_query: bool,
    /// The last name of the pattern stands for all that follows, slashes too.
    pub takes_rest: bool,
    pub takes_key: bool,
    pub takes_if_match: bool,
    /// Looked for at the edge before the handler runs, under its path and query.
    pub is_kept_at_the_edge: bool,
    pub operation: Operation,
    pub schemas: Vec<(String, RefOr<Schema>)>,
    handler: Handler,
    measures: OnceLock<Measures>,
}

#[derive(Clone)]
struct Measures {
    duration: Histogram,
    /// By the first digit of the status, from 2.
    answers: [Counter; 4],
}

impl Route {
    /// The operation of a handler and its `#[utoipa::path]` twin; for signed-in accounts unless it says otherwise.
    pub fn new<P, F, A>(_documentation: P, handler: F) -> Self
    where
        P: utoipa::Path + utoipa::__dev::SchemaReferences,
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Answer> + 'static,
    {
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        let method = P::methods().into_iter().next().map_or(Method::GET, |method| match method {
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Patch => Method::PATCH,
            HttpMethod::Delete => Method::DELETE,
            _ => Method::GET,
        });
        Self {
            method,
            // Once per route and process.
            pattern: P::path().leak(),
            access: Access::User,
            caching: Caching::Private,
            body: BodyRule::None,
            strict: None,
            takes_query: false,
            takes_rest: false,
            takes_key: false,
            takes_if_match: false,
            is_kept_at_the_edge: false,
            operation: P::operation(),
            schemas,
            handler: Arc::new(move |call| Box::pin(handler(call))),
            measures: OnceLock::new(),
        }
    }

    #[must_use]
    pub fn system(self) -> Self {
        Self { access: Access::System, caching: Caching::Never, ..self }
    }

    /// A webhook of Clerk's; the body is handed on as it is.
    #[must_use]
    pub fn for_clerk(self) -> Self {
        Self { access: Access::Clerk, caching: Caching::Never, body: BodyRule::Raw, ..self }
    }

    #[must_use]
    pub fn for_anyone(self) -> Self {
        Self { access: Access::Anyone, ..self }
    }

    #[must_use]
    pub fn for_parties(self) -> Self {
        Self { access: Access::Party, ..self }
    }

    #[must_use]
    pub fn for_sellers(self) -> Self {
        Self { access: Access::Seller, ..self }
    }

    #[must_use]
    pub fn for_admins(self) -> Self {
        Self { access: Access::Admin, ..self }
    }

    #[must_use]
    pub fn for_sellers_and_admins(self) -> Self {
        Self { access: Access::SellerOrAdmin, ..self }
    }

    /// A read that everybody may keep.
    #[must_use]
    pub fn public(self) -> Self {
        Self { caching: Caching::Public, ..self.for_anyone() }
    }

    #[must_use]
    pub fn public_for(self, seconds: u32) -> Self {
        Self { caching: Caching::PublicFor(seconds), ..self.for_anyone() }
    }

    #[must_use]
    pub fn never_kept(self) -> Self {
        Self { caching: Caching::Never, ..self }
    }

    #[must_use]
    pub fn kept_at_the_edge(self) -> Self {
        Self { is_kept_at_the_edge: true, ..self }
    }

    #[must_use]
    pub fn with_query(self) -> Self {
        Self { takes_query: true, ..self }
    }

    #[must_use]
    pub fn with_body(self) -> Self {
        Self { body: BodyRule::Required, ..self }
    }

    #[must_use]
    pub fn with_optional_body(self) -> Self {
        Self { body: BodyRule::Optional, ..self }
    }

    /// A body of any length, read by the handler as it comes.
    #[must_use]
    pub fn with_form(self) -> Self {
        Self { body: BodyRule::Form, ..self }
    }

    #[must_use]
    pub fn with_rest(self) -> Self {
        Self { takes_rest: true, ..self }
    }

    #[must_use]
    pub fn with_key(self) -> Self {
        Self { takes_key: true, ..self }
    }

    #[must_use]
    pub fn with_if_match(self) -> Self {
        Self { takes_if_match: true, ..self }
    }

    #[must_use]
    pub fn strictly(self, rule: Rule) -> Self {
        Self { strict: Some(rule), ..self }
    }

    /// The same operation under one more path.
    #[must_use]
    pub fn also_at(self, pattern: &'static str) -> [Self; 2] {
        let mut other = self.clone();
        other.pattern = pattern;
        other.measures = OnceLock::new();
        other.operation.operation_id = self.operation.operation_id.as_ref().map(|id| format!("{id}_alias"));
        [self, other]
    }

    /// Whether it only reads.
    pub fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Counts an answer and how long it took.
    pub(super) fn measure(&self, status: StatusCode, took: Duration) {
        let route = self.pattern;
        let method = || self.method.to_string();
        let measures = self.measures.get_or_init(|| {
            Measures {
            duration: metrics::histogram!("http_request_duration_seconds", "method" => method(), "route" => route),
            answers: ["2xx", "3xx", "4xx", "5xx"].map(|status| {
                metrics::counter!("http_requests_total", "method" => method(), "route" => route, "status" => status)
            }),
        }
        });
        measures.duration.record(took.as_secs_f64());
        if let Some(answers) = measures.answers.get(usize::from(status.as_u16() / 100).saturating_sub(2)) {
            answers.increment(1);
        }
    }

    pub(super) fn run(&self, call: Call) -> LocalBoxFuture<'static, Answer> {
        (self.handler)(call)
    }
}

impl From<Route> for Vec<Route> {
    fn from(route: Route) -> Self {
        vec![route]
    }
}
