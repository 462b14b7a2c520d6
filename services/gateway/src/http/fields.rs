//! Types and limits that many request structs share (`api.md` 2.2).

use std::ops::RangeInclusive;

use commerce_types::text;
use serde::{Deserialize, Deserializer};
use url::{Host, Url};
use utoipa::ToSchema;

/// A text as a person wrote it, trimmed. Its limits are a rule of the member: `#[garde(custom(length(3..=200)))]`.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.trim().to_owned()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// For a member of a PATCH that may be left out, but not be null: with `#[serde(default)]`.
///
/// # Errors
/// What the type says, of null too.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Something that may hold a text to be checked.
pub trait Texts {
    fn texts(&self) -> &[Text];
}

impl Texts for Text {
    fn texts(&self) -> &[Text] {
        std::slice::from_ref(self)
    }
}

impl Texts for Option<Text> {
    fn texts(&self) -> &[Text] {
        self.as_ref().map_or(&[], std::slice::from_ref)
    }
}

impl Texts for super::change::Change<Text> {
    fn texts(&self) -> &[Text] {
        self.value().map_or(&[], std::slice::from_ref)
    }
}

impl Texts for Vec<Text> {
    fn texts(&self) -> &[Text] {
        self
    }
}

/// So many characters, none of them a control character; something to see when it must not be empty.
pub fn length<T: Texts>(limits: RangeInclusive<usize>) -> impl FnOnce(&T, &()) -> garde::Result {
    move |value, ()| {
        for Text(one) in value.texts() {
            text::within(one, limits.clone()).map_err(garde::Error::new)?;
        }
        Ok(())
    }
}

/// An e-mail address of at most 254 characters.
pub fn email(value: &Option<Text>, (): &()) -> garde::Result {
    let Some(Text(text)) = value else { return Ok(()) };
    if text.chars().count() > 254 {
        return Err(garde::Error::new("must have at most 254 characters"));
    }
    garde::rules::email::parse_email(text).map_err(|_malformed| garde::Error::new("must be an e-mail address"))
}

/// Whether a URL may be stored: `https` with a public host name, or below our own public media address.
pub fn is_public_url(text: &str, media_url: &str) -> bool {
    if text.chars().count() > 2_048 || text.chars().any(char::is_control) {
        return false;
    }
    let Ok(url) = Url::parse(text) else { return false };
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user {
        return false;
    }
    let media = media_url.trim_end_matches('/');
    let is_media = !media.is_empty() && text.strip_prefix(media).is_some_and(|rest| rest.starts_with('/'));
    // A path that climbs out of the media address is not below it.
    (is_media && !text.contains("/.")) || (url.scheme() == "https" && has_public_host(&url))
}

fn has_public_host(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && !matches!(last, "localhost" | "local" | "internal")
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_counted_in_characters() {
        let text: Text = serde_json::from_str("\"  été  \"").unwrap();
        assert_eq!(text, Text("été".to_owned()));
        assert!(length(3..=3)(&text, &()).is_ok());
        assert!(length(4..=9)(&text, &()).is_err());
        assert!(length(1..=9)(&Text("\u{200b}".to_owned()), &()).is_err());
        assert!(length(0..=9)(&Text("a\0".to_owned()), &()).is_err());
        assert!(length::<Option<Text>>(1..=2)(&None, &()).is_ok());
    }

    #[test]
    fn only_public_addresses_may_be_stored() {
        let media = "http://127.0.0.1:8091/public";
        for url in ["https://cdn.example.com/a.jpg", "http://127.0.0.1:8091/public/a.jpg", "https://exämple.com/é.png"]
        {
            assert!(is_public_url(url, media), "{url}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2_048));
        let wrong = [
            "http://example.com/a.jpg",
            "https://localhost/a",
            "https://x.local/a",
            "https://x.internal/a",
            "https://host/a",
            "https://127.0.0.1/a",
            "https://2130706433/a",
            "https://[::1]/a",
            "https://0x7f.1/a",
            "https://user:pass@example.com/a",
            "https://user@example.com/a",
            "ftp://example.com/a",
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.com/a",
            "http://127.0.0.1:8091/public.evil/a",
            "https://localhost./a",
            "http://127.0.0.1:8091/public/../secret",
            "",
            &long,
        ];
        for url in wrong {
            assert!(!is_public_url(url, media), "{url}");
        }
    }
}
