//! Request bodies: JSON objects, read with a cap, checked strictly, never coerced (`api.md` 2.1).

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use garde::Validate;
use serde::de::DeserializeOwned;
use service_error::Reason;
use sha2::{Digest, Sha256};

use super::error::{ApiError, Detail};
use crate::json::{self, Problem};

/// The largest body of an operation that takes JSON.
pub const LARGEST: usize = 256 * 1024;
/// Without a byte.
pub(super) const IDLE: Duration = Duration::from_secs(10);
const IN_ALL: Duration = Duration::from_secs(30);

/// Whether an operation takes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyRule {
    /// It is ignored.
    None,
    Optional,
    Required,
    /// Anything of any type, also nothing.
    Raw,
    /// Left to the handler, which reads it as it comes.
    Form,
}

/// Reads the body of an operation that takes one; empty when there is none and none is needed.
///
/// # Errors
/// 415, 413 while reading, 400 when it is missing or does not arrive.
pub async fn read(rule: BodyRule, headers: &HeaderMap, payload: &mut Payload) -> Result<Bytes, ApiError> {
    if matches!(rule, BodyRule::None | BodyRule::Form) {
        return Ok(Bytes::new());
    }
    let declared = content_length(headers);
    if rule == BodyRule::Raw {
        return if is_too_large(declared) {
            Err(Reason::PayloadTooLarge.into())
        } else {
            read_capped(payload, LARGEST).await
        };
    }
    if declared == Some(0) || (declared.is_none() && !headers.contains_key(header::TRANSFER_ENCODING)) {
        return if rule == BodyRule::Required { Err(ApiError::new(Reason::MalformedJson)) } else { Ok(Bytes::new()) };
    }
    if !is_json(headers) {
        return Err(ApiError::new(Reason::UnsupportedMediaType));
    }
    if is_too_large(declared) {
        return Err(ApiError::new(Reason::PayloadTooLarge));
    }
    let body = read_capped(payload, LARGEST).await?;
    if body.is_empty() && rule == BodyRule::Required { Err(ApiError::new(Reason::MalformedJson)) } else { Ok(body) }
}

fn is_too_large(declared: Option<usize>) -> bool {
    declared.is_some_and(|length| length > LARGEST)
}

/// Reads whatever is sent, up to a size.
///
/// # Errors
/// 413, or 400 when it breaks off.
pub async fn read_capped(payload: &mut Payload, largest: usize) -> Result<Bytes, ApiError> {
    let read = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = tokio::time::timeout(IDLE, payload.next()).await.ok()? {
            let chunk = chunk.ok()?;
            if body.len() + chunk.len() > largest {
                return Some(Err(ApiError::new(Reason::PayloadTooLarge)));
            }
            body.extend_from_slice(&chunk);
        }
        Some(Ok(body.freeze()))
    };
    // Broken off or too slow: there is no body to speak of.
    tokio::time::timeout(IN_ALL, read).await.ok().flatten().unwrap_or_else(|| Err(ApiError::new(Reason::MalformedJson)))
}

/// The value that a body says.
///
/// # Errors
/// 400: not an object, a member twice, unknown, missing, of the wrong type; or all that is out of its limits.
pub fn parse<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, ApiError> {
    check(body)?;
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        mismatch(if path == "." { String::new() } else { path }, &error.inner().to_string())
    })?;
    validated(value)
}

/// Checks a value against its limits.
///
/// # Errors
/// 400 with everything that is out of them.
pub fn validated<T: Validate<Context = ()>>(value: T) -> Result<T, ApiError> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(report) => Err(ApiError::invalid_all(
            report.iter().map(|(path, error)| Detail::new(path.to_string(), error.message().to_owned())).collect(),
        )),
    }
}

/// SHA-256 of a path and the canonical body: equal for what counts as the same request.
///
/// # Errors
/// 400: the body is not an object.
pub fn hash(path: &str, body: &[u8]) -> Result<[u8; 32], ApiError> {
    let mut hash = Sha256::new().chain_update(path.as_bytes()).chain_update([0]);
    if !body.is_empty() {
        hash.update(check(body)?);
    }
    Ok(hash.finalize().into())
}

fn check(body: &[u8]) -> Result<Vec<u8>, ApiError> {
    json::canonical_object(body).map_err(|problem| match problem {
        Problem::Malformed => ApiError::new(Reason::MalformedJson),
        Problem::Repeated(path) => ApiError::invalid(path, "is there twice"),
    })
}

/// Names the member when serde names it only in its words.
pub(super) fn mismatch(path: String, message: &str) -> ApiError {
    let message = message.split(" at line ").next().unwrap_or_default();
    let named = |prefix: &str| {
        let name = message.strip_prefix(prefix)?.split('`').next()?;
        // An unknown member's path ends in its own name already, a missing one's in the object it is missing from.
        let is_whole = path.is_empty() || path == name || path.ends_with(&format!(".{name}"));
        Some(if path.is_empty() {
            name.to_owned()
        } else if is_whole {
            path.clone()
        } else {
            format!("{path}.{name}")
        })
    };
    if let Some(field) = named("unknown field `") {
        ApiError::invalid(field, "is not known here")
    } else if let Some(field) = named("missing field `") {
        ApiError::invalid(field, "is missing")
    } else {
        ApiError::invalid(path, message.to_owned())
    }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json`, in UTF-8 if it names a charset.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let mut parts = kind.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[garde(range(min = 1, max = 100))]
        quantity: i64,
        #[garde(length(chars, max = 3))]
        name: Option<String>,
        #[serde(default)]
        #[garde(dive)]
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Item {
        #[garde(range(min = 1, max = 5))]
        count: i32,
    }

    fn refusal(text: &str) -> (String, String) {
        let refusal = parse::<Sample>(text.as_bytes()).unwrap_err();
        let fields: Vec<&str> = refusal.details.iter().map(|detail| detail.field.as_ref()).collect();
        (refusal.reason.to_string(), fields.join(","))
    }

    fn invalid(fields: &str) -> (String, String) {
        ("VALIDATION_ERROR".to_owned(), fields.to_owned())
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refusal(r#"{"quantity":1,"role":"admin"}"#), invalid("role"));
        assert_eq!(refusal(r#"{"quantity":1,"items":[{"count":1,"price":2}]}"#), invalid("items[0].price"));
        assert_eq!(refusal("{}"), invalid("quantity"));
        assert_eq!(refusal(r#"{"quantity":1,"items":[{}]}"#), invalid("items[0].count"));
        assert_eq!(refusal(r#"{"quantity":1,"quantity":1}"#), invalid("quantity"));
    }

    #[test]
    fn nothing_is_coerced() {
        for value in ["\"5\"", "1.5", "5.0", "5e0", "true", "null", "[5]", "1e18"] {
            assert_eq!(refusal(&format!("{{\"quantity\":{value}}}")), invalid("quantity"), "{value}");
        }
    }

    #[test]
    fn all_that_is_out_of_its_limits_is_listed() {
        let refused = refusal(r#"{"quantity":0,"name":"long","items":[{"count":1},{"count":9}]}"#);
        assert_eq!(refused, invalid("items[1].count,name,quantity"));
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        assert_eq!(refusal("[]").0, "MALFORMED_JSON");
        assert_eq!(refusal("{\"quantity\":1").0, "MALFORMED_JSON");
    }

    #[test]
    fn messages_show_no_positions() {
        let refusal = parse::<Sample>(br#"{"quantity":"5"}"#).unwrap_err();
        assert!(!refusal.details[0].message.contains("line"), "{:?}", refusal.details);
    }

    #[test]
    fn equal_values_hash_alike_and_paths_apart() {
        let one = hash("/a", br#"{"a":1,"b":2}"#).unwrap();
        assert_eq!(hash("/a", b"{ \"b\":2, \"a\":1.0 }").unwrap(), one);
        assert_ne!(hash("/b", br#"{"a":1,"b":2}"#).unwrap(), one);
        assert_ne!(hash("/a", br#"{"a":1,"b":3}"#).unwrap(), one);
    }

    #[test]
    fn only_json_is_json() {
        let is = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).unwrap());
            is_json(&headers)
        };
        assert!(
            is("application/json") && is("Application/JSON; charset=UTF-8") && is("application/json;charset=\"utf-8\"")
        );
        for kind in ["text/plain", "application/json; charset=latin1", "application/jsonp", "text/json", ""] {
            assert!(!is(kind), "{kind}");
        }
    }
}
