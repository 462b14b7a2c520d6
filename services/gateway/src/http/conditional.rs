//! Entity tags: made for every answer, compared for `If-None-Match`, read for `If-Match` (`api.md` 2.9).

use actix_web::http::header::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::ApiError;

/// `W/"<hash of the body>"`.
pub fn etag(body: &[u8]) -> HeaderValue {
    header(&format!("W/\"{}\"", hash(body)))
}

/// `W/"<version>-<hash of the body>"`: what the body shows beside the version moves the tag, too.
pub fn versioned_etag(version: i64, body: &[u8]) -> HeaderValue {
    header(&format!("W/\"{version}-{}\"", hash(body)))
}

/// Whether the caller has this already: a list of tags, compared weakly, or `*`.
pub fn is_known(if_none_match: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match == etag
        || if_none_match.trim() == "*"
        || if_none_match.split(',').any(|tag| opaque(tag) == opaque(etag))
}

/// On which version a write is based.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasedOn {
    Anything,
    Version(i64),
}

/// `"<version>"`, a detail's whole tag, or `*`.
///
/// # Errors
/// Another form is 400.
pub fn if_match(header: &str) -> Result<BasedOn, ApiError> {
    let refusal = || ApiError::invalid("If-Match", "must be \"<version>\", a product's ETag, or *");
    let header = header.trim();
    if header == "*" {
        return Ok(BasedOn::Anything);
    }
    let quoted = |text: &str| text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map(str::to_owned);
    let version = match header.strip_prefix("W/") {
        Some(tag) => {
            let tag = quoted(tag).ok_or_else(refusal)?;
            let (version, opaque) = tag.split_once('-').ok_or_else(refusal)?;
            let is_tag = !opaque.is_empty() && opaque.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
            if !is_tag {
                return Err(refusal());
            }
            version.to_owned()
        }
        None => {
            let tag = quoted(header).ok_or_else(refusal)?;
            tag.split_once('-').map_or_else(|| tag.clone(), |(version, _)| version.to_owned())
        }
    };
    if version.is_empty() || version.len() > 18 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refusal());
    }
    version.parse().map(BasedOn::Version).ok().ok_or_else(refusal)
}

fn hash(body: &[u8]) -> String {
    // Of every answer: one that needs no help of the processor.
    URL_SAFE_NO_PAD.encode(&blake3::hash(body).as_bytes()[..12])
}

fn header(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).expect("digits and base64 are visible ASCII")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        assert!(is_known("W/\"a\"", "W/\"a\""));
        assert!(is_known("\"a\"", "W/\"a\""));
        assert!(is_known("\"x\", W/\"a\" ", "W/\"a\""));
        assert!(is_known("*", "W/\"a\""));
        assert!(!is_known("\"ab\"", "W/\"a\""));
        assert!(!is_known("", "W/\"a\""));
    }

    #[test]
    fn only_the_version_of_a_tag_counts() {
        assert_eq!(if_match("*"), Ok(BasedOn::Anything));
        assert_eq!(if_match("\"7\""), Ok(BasedOn::Version(7)));
        assert_eq!(if_match(versioned_etag(7, b"{}").to_str().unwrap()), Ok(BasedOn::Version(7)));
        for wrong in [
            "",
            "7",
            "W/7",
            "\"\"",
            "\"a\"",
            "W/\"7\"",
            "\"-7\"",
            "\"7\", \"8\"",
            "W/\"7-\"",
            "\"9999999999999999999\"",
        ] {
            assert!(if_match(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_tag_of_ours_is_known_and_names_its_version(version in 1_i64..1_000_000_000, body in ".{0,40}") {
            let tag = versioned_etag(version, body.as_bytes());
            let tag = tag.to_str().unwrap();
            prop_assert_eq!(if_match(tag), Ok(BasedOn::Version(version)));
            prop_assert!(is_known(tag, tag));
        }

        #[test]
        fn any_header_is_judged_without_a_panic(header in "[ -~]{0,40}") {
            let _ = if_match(&header);
            let _ = is_known(&header, "W/\"a\"");
        }
    }
}
