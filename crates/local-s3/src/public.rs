//! The public side of the bucket, as a content delivery network shows it: no signature, no listing, nothing that was
//! received and not yet made fit to be shown.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use s3s::Body;
use s3s::dto::{Range, StreamingBlob};

use crate::s3::http_date;
use crate::store::{Object, Store};

/// Below it lies what clients sent, as they sent it.
const PRIVATE: &str = "received/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const FIXED: [(HeaderName, &str); 6] = [
    (header::ACCEPT_RANGES, "bytes"),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Accept-Ranges, Content-Length, Content-Range, ETag"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_DISPOSITION, "inline"),
];

/// Answers one request.
pub(crate) async fn show(store: Arc<Store>, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let Some(object) = key(request.uri().path()).and_then(|key| store.find(&key)) else {
        // It may come to be.
        let mut response = empty(StatusCode::NOT_FOUND);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return response;
    };
    let headers = request.headers();
    if headers.get_all(header::IF_NONE_MATCH).iter().any(|tags| names(tags, &object)) {
        return described(StatusCode::NOT_MODIFIED, &object);
    }
    let part = match range(headers, &object).map(|range| range.check(object.size)) {
        None => None,
        Some(Ok(part)) => Some(part),
        Some(Err(_beyond)) => return unsatisfiable(&object),
    };
    let mut response = described(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK }, &object);
    if let Some(part) = &part {
        let place = format!("bytes {}-{}/{}", part.start, part.end - 1, object.size);
        insert(response.headers_mut(), header::CONTENT_RANGE, &place);
    }
    let part = part.unwrap_or(0..object.size);
    let length = part.end - part.start;
    insert(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
    if request.method() == Method::GET {
        match store.read(&object, part.start, length).await {
            Ok(bytes) => *response.body_mut() = Body::from(StreamingBlob::wrap(bytes)),
            // Deleted in this moment.
            Err(_gone) => return empty(StatusCode::NOT_FOUND),
        }
    }
    response
}

/// The key that a path names, if it is one that may be seen.
fn key(path: &str) -> Option<String> {
    let path = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
    (!path.starts_with(PRIVATE) && path.split('/').all(|part| !matches!(part, "" | "." | "..")))
        .then(|| path.into_owned())
}

fn names(tags: &HeaderValue, object: &Object) -> bool {
    let tag = format!("\"{}\"", object.etag);
    tags.to_str()
        .is_ok_and(|tags| tags.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag))
}

/// The one range that was asked for, unless it is of another version; several are as if none had been asked for.
fn range(headers: &HeaderMap, object: &Object) -> Option<Range> {
    if headers.get(header::IF_RANGE).is_some_and(|tag| !names(tag, object)) {
        return None;
    }
    Range::parse(headers.get(header::RANGE)?.to_str().ok()?).ok()
}

fn described(status: StatusCode, object: &Object) -> Response<Body> {
    let mut response = empty(status);
    let headers = response.headers_mut();
    let kind = object.attributes.content_type.as_deref().unwrap_or("application/octet-stream");
    insert(headers, header::CONTENT_TYPE, kind);
    insert(headers, header::CACHE_CONTROL, FOR_EVER);
    insert(headers, header::ETAG, &format!("\"{}\"", object.etag));
    insert(headers, header::LAST_MODIFIED, &http_date(object.modified));
    response
}

fn unsatisfiable(object: &Object) -> Response<Body> {
    let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE);
    insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{}", object.size));
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for (name, value) in FIXED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn only_what_may_be_seen_has_a_key() {
        assert_eq!(key("/reels/1/a%20b.mp4").as_deref(), Some("reels/1/a b.mp4"));
        for path in
            ["/", "/received/1", "/%72eceived/1", "/received%2F1", "//received/1", "/a/../received/1", "/a//b", "/%ff"]
        {
            assert_eq!(key(path), None, "{path}");
        }
    }
}
