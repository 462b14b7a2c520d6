//! Which pages in a browser may call us: exact origins of a configured list, nobody else (`api.md` 2.11).

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, X-Tracking-Token";
const EXPOSED: &str = "ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, X-RateLimit-Limit, \
    X-RateLimit-Remaining, X-RateLimit-Reset";
const MAX_AGE: &str = "600";

#[derive(Debug, Clone, Default)]
pub struct Cors {
    origins: Vec<String>,
}

impl Cors {
    /// None listed: none allowed.
    pub fn new(origins: Vec<String>) -> Self {
        Self { origins }
    }

    /// Whether a request asks for permission instead of doing something.
    pub fn is_preflight(headers: &HeaderMap) -> bool {
        headers.contains_key(header::ORIGIN) && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Whether a request comes from a page that is not listed; apps name no origin.
    pub fn is_foreign(&self, request: &HeaderMap) -> bool {
        request.contains_key(header::ORIGIN) && self.listed(request).is_none()
    }

    /// Lets a listed origin read the answer.
    pub fn allow(&self, request: &HeaderMap, mut add: impl FnMut(HeaderName, HeaderValue)) {
        if let Some(origin) = self.listed(request) {
            add(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            add(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            add(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }

    /// Tells a listed origin what it may do.
    pub fn allow_preflight(&self, request: &HeaderMap, mut add: impl FnMut(HeaderName, HeaderValue)) {
        if let Some(origin) = self.listed(request) {
            add(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            add(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            add(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            add(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
            add(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        }
    }

    fn listed<'a>(&self, request: &'a HeaderMap) -> Option<&'a HeaderValue> {
        if self.origins.is_empty() {
            return None;
        }
        let mut origins = request.get_all(header::ORIGIN);
        let origin = origins.next().filter(|_| origins.next().is_none())?;
        self.origins.iter().any(|listed| origin.as_bytes() == listed.as_bytes()).then_some(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(listed: &[&str], origin: &str) -> bool {
        let cors = Cors::new(listed.iter().map(|origin| (*origin).to_owned()).collect());
        let mut request = HeaderMap::new();
        request.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        let mut allowed = false;
        cors.allow(&request, |_, _| allowed = true);
        allowed
    }

    #[test]
    fn only_the_very_origin_is_allowed() {
        let listed = ["https://shop.test", "http://localhost:3000"];
        assert!(allowed(&listed, "https://shop.test"));
        let others = [
            "null",
            "http://shop.test",
            "https://shop.test.evil.test",
            "https://evilshop.test",
            "https://shop.test:443",
            "https://SHOP.test",
            "https://shop.test/",
            "*",
            "https://a.shop.test",
            "",
        ];
        for origin in others {
            assert!(!allowed(&listed, origin), "{origin}");
        }
        assert!(!allowed(&[], "https://shop.test"));
    }
}
