//! What happens to every request, in this order (`api.md` 2.5): route 404 or 405, limit 429, token 401, account and
//! role 403, body 415 or 413, then the handler with path, query, headers and body.
//!
//! The way of a cached read is short on purpose: no span, no call, no parsing of what was parsed before.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use access_token::Account;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use commerce_types::Role;
use futures::FutureExt;
use service_error::Reason;
use service_runtime::context::{self, RequestContext};
use tracing::Instrument;

use super::body::BodyRule;
use super::call::{Call, TRACKING_TOKEN, as_written};
use super::error::ApiError;
use super::reply::Reply;
use super::route::{Access, Answer, Route};
use super::router::{Found, Params};
use super::send::Sending;
use super::table::table;
use super::{body, cors::Cors, form, held, query, request_id, sockets};
use crate::app::App;
use crate::edge_cache::Entry;
use crate::rate_limit::address::{client_address, subject};
use crate::rate_limit::{Claim, Rule, Verdict};
use crate::realtime::Realtime;
use crate::session::Session;
use crate::session::callers::Known;
use crate::session::claims::Refusal;
use crate::upstream::media::RECEIVING;

/// All headers of a request together.
const LARGEST_HEADERS: usize = 16 * 1024;
const READ_DEADLINE: Duration = Duration::from_secs(2);
const WRITE_DEADLINE: Duration = Duration::from_secs(5);

pub(super) async fn front(
    request: HttpRequest,
    mut payload: Payload,
    app: Data<Arc<App>>,
    realtime: Data<Arc<Realtime>>,
) -> HttpResponse {
    if sockets::is_upgrade(&request) {
        return sockets::upgrade(app.get_ref(), realtime.get_ref(), &request, payload);
    }
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let response = answer(app.get_ref(), realtime.get_ref(), request, &mut payload).await;
    if is_chunked { held::until_sent(payload, response) } else { response }
}

async fn answer(app: &Arc<App>, realtime: &Arc<Realtime>, request: HttpRequest, payload: &mut Payload) -> HttpResponse {
    let sending = Sending::new(app, &request, request_id::of(request.headers(), app.ids));
    if has_too_large_headers(&request) {
        return HttpResponse::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if sockets::takes(request.path()) {
        return sockets::answer(realtime, &request, payload, &sending).await;
    }
    let (route, params) = match table().router.find(request.method(), request.path()) {
        Found::Route(index, params) => (&table().routes[index], params),
        Found::OtherMethods(_) if request.method() == Method::OPTIONS && Cors::is_preflight(request.headers()) => {
            return sending.preflight();
        }
        Found::OtherMethods(allow) => return sending.refuse(&ApiError::method_not_allowed(allow)),
        Found::Nothing => return sending.refuse(&Reason::NotFound.into()),
    };
    serve(app, request, payload, route, params, sending.of(route)).await
}

pub(super) fn has_too_large_headers(request: &HttpRequest) -> bool {
    let headers = request.headers().iter();
    headers.map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() > LARGEST_HEADERS
}

async fn serve(
    app: &Arc<App>,
    request: HttpRequest,
    payload: &mut Payload,
    route: &'static Route,
    params: Params,
    mut sending: Sending<'_>,
) -> HttpResponse {
    let began = Instant::now();
    let deadline = began + deadline_of(route);
    let context = RequestContext {
        request_id: Arc::clone(&sending.request_id),
        traceparent: header_text(&request, "traceparent").map(Into::into),
        deadline: Some(deadline),
    };
    let work = async {
        let checked = check(app, &request, route, &mut sending).await?;
        if let Some(entry) = at_the_edge(app, &request, route, checked.account.as_deref()) {
            return Ok(Reply::cached(entry));
        }
        let body = body::read(route.body, request.headers(), payload).await?;
        if !route.takes_query {
            query::none(request.uri().query().unwrap_or_default())?;
        }
        let Checked { session, account, address } = checked;
        let request_id = Arc::clone(&sending.request_id);
        let (form, sent) = form::pipe(route.body);
        let call =
            Call { app: Arc::clone(app), route, request_id, account, session, address, request, params, body, form };
        form::beside(run(call), payload, sent).await
    };
    let answer = context::scope(context, work).await;
    let response = match answer {
        Ok(reply) => sending.send(reply),
        Err(refusal) => sending.refuse(&refusal),
    };
    route.measure(response.status(), began.elapsed());
    response
}

fn deadline_of(route: &Route) -> Duration {
    match route.body {
        BodyRule::Form => RECEIVING,
        _ if route.is_read() => READ_DEADLINE,
        _ => WRITE_DEADLINE,
    }
}

/// Who calls, once all is checked that concerns the caller alone.
struct Checked {
    session: Option<Arc<Session>>,
    account: Option<Arc<Account>>,
    address: IpAddr,
}

async fn check(
    app: &Arc<App>,
    request: &HttpRequest,
    route: &'static Route,
    sending: &mut Sending<'_>,
) -> Result<Checked, ApiError> {
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|line| line.to_str().ok());
    let address = client_address(request.peer_addr(), app.config.trusted_proxies, forwarded);
    if route.access == Access::System {
        return Ok(Checked { session: None, account: None, address });
    }
    if route.access == Access::Clerk {
        let verdict = app.limiter.admit(Some(Claim { rule: Rule::Webhook, subject: subject(address) }), &[]).await;
        sending.standing = verdict.standing;
        return match verdict.wait {
            Some(wait) => Err(ApiError::rate_limited(wait)),
            None => Ok(Checked { session: None, account: None, address }),
        };
    }
    let authorization = request.headers().get_all(header::AUTHORIZATION).map(|value| value.as_bytes());
    let session = app.sessions.of(authorization, app.clock.now().timestamp()).await;
    let known = match &session {
        Ok(Some(session)) => Some(find_caller(app, session).await),
        Ok(None) | Err(_) => None,
    };
    let verdict = count(app, route, address, &session, known.as_ref()).await;
    sending.standing = verdict.standing;
    if let Some(wait) = verdict.wait {
        return Err(ApiError::rate_limited(wait));
    }
    let session = session?;
    let account = match known {
        None => None,
        Some(known) => Some(usable(known?)?),
    };
    if let (Some(session), Some(account)) = (&session, &account)
        && session.claims.is_impersonated
    {
        let (user_id, request_id) = (account.user_id, &*sending.request_id);
        tracing::info!(%user_id, route = route.pattern, request_id, "a request in somebody's name");
        if !route.is_read() {
            return Err(Reason::Forbidden.into());
        }
    }
    admit(route.access, account.as_deref(), has_secret(request))?;
    Ok(Checked { session, account, address })
}

async fn find_caller(app: &Arc<App>, session: &Arc<Session>) -> Result<Known, ApiError> {
    let ask = async || {
        let span = tracing::info_span!("resolve caller", otel.kind = "client");
        app.upstream.resolve_caller(&session.claims).instrument(span).await
    };
    Ok(app.callers.find(session, ask).await?)
}

fn usable(known: Known) -> Result<Arc<Account>, ApiError> {
    match known {
        Known::Active(account) => Ok(account),
        Known::Disabled(_) => Err(Reason::AccountDisabled.into()),
        Known::Deleted => Err(Reason::Unauthorized.into()),
    }
}

/// Counts the request: for the account of a good token, else for the address.
async fn count(
    app: &App,
    route: &Route,
    address: IpAddr,
    session: &Result<Option<Arc<Session>>, Refusal>,
    known: Option<&Result<Known, ApiError>>,
) -> Verdict {
    let by_address = |rule| Claim { rule, subject: subject(address) };
    let class = match (session, known) {
        (Ok(Some(session)), Some(known)) => match known {
            Ok(Known::Deleted) => Some(by_address(Rule::Anonymous)),
            Ok(Known::Active(account) | Known::Disabled(account)) => {
                class_of(account.role).map(|rule| Claim { rule, subject: session.count_as })
            }
            // Identity is away: a good token all the same.
            Err(_) => Some(Claim { rule: Rule::SignedIn, subject: session.count_as }),
        },
        _ => Some(by_address(Rule::Anonymous)),
    };
    let strict = match (route.strict, session) {
        (Some(rule), Ok(Some(session))) if rule.is_of_accounts() => Some(Claim { rule, subject: session.count_as }),
        // Who is nobody is refused anyway.
        (Some(rule), _) if rule.is_of_accounts() => None,
        (None, _) => None,
        (Some(rule), _) => Some(by_address(rule)),
    };
    app.limiter.admit(class, strict.as_slice()).await
}

fn class_of(role: Role) -> Option<Rule> {
    match role {
        Role::Customer | Role::Freelancer => Some(Rule::SignedIn),
        Role::Seller => Some(Rule::Seller),
        Role::Admin => None,
    }
}

fn admit(access: Access, account: Option<&Account>, has_secret: bool) -> Result<(), ApiError> {
    if matches!(access, Access::System | Access::Clerk | Access::Anyone) || (access == Access::Party && has_secret) {
        return Ok(());
    }
    let account = account.ok_or(Reason::Unauthorized)?;
    match access {
        Access::System | Access::Clerk | Access::Anyone | Access::Party | Access::User => {}
        Access::SellerOrAdmin if account.is_admin() => {}
        Access::Seller | Access::SellerOrAdmin => drop(account.require_seller()?),
        Access::Admin if account.is_admin() => {}
        Access::Admin => return Err(Reason::Forbidden.into()),
    }
    Ok(())
}

/// A kept answer, unless the caller has rights on what it shows: the owner and admins see more.
fn at_the_edge(app: &App, request: &HttpRequest, route: &Route, account: Option<&Account>) -> Option<Arc<Entry>> {
    if !route.is_kept_at_the_edge {
        return None;
    }
    let entry = app.edge_cache.find(as_written(request))?;
    let has_rights = account.is_some_and(|account| {
        entry.is_detail() && (account.is_admin() || entry.seller() == Some(account.user_id.into()))
    });
    (!has_rights).then_some(entry)
}

/// The handler, in a span; a panic in it is a 500 like any other defect.
async fn run(call: Call) -> Answer {
    let route = call.route;
    let span = tracing::info_span!(
        "request",
        method = route.method.as_str(),
        route = route.pattern,
        request_id = &*call.request_id,
        otel.kind = "server",
    );
    if let Some(traceparent) = context::current().and_then(|context| context.traceparent) {
        context::continue_trace(&span, &traceparent);
    }
    let handled = async {
        let answer = AssertUnwindSafe(route.run(call)).catch_unwind().await.unwrap_or_else(|_panic| {
            tracing::error!("a handler panicked");
            Err(Reason::InternalError.into())
        });
        tracing::debug!(is_refused = answer.is_err(), "answered");
        answer
    };
    handled.instrument(span).await
}

fn header_text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// Whether an answer is for one caller's eyes because of a secret it was asked with.
pub(super) fn has_secret(request: &HttpRequest) -> bool {
    request.headers().contains_key(TRACKING_TOKEN)
}

/// Nothing.
pub(super) const EMPTY: Bytes = Bytes::new();
