//! Times as the contract writes them: ISO-8601 in UTC, with milliseconds and `Z`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// For `#[serde(serialize_with = "iso")]`.
///
/// # Errors
/// Those of the serializer.
pub fn iso<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*at))
}

/// The same for a time that may be null.
///
/// # Errors
/// Those of the serializer.
pub fn iso_optional<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => iso(at, serializer),
        None => serializer.serialize_none(),
    }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_z() {
        let at = DateTime::parse_from_rfc3339("2026-11-22T19:05:09.0421+01:00").unwrap().to_utc();
        assert_eq!(text(at), "2026-11-22T18:05:09.042Z");
        assert_eq!(text(DateTime::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}
