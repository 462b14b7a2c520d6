//! What is said of objects, to the storage and by it.

use std::fmt;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use s3::serde_types::{HeadObjectResult, Object};

use crate::error::Error;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Who is to see an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, for ever: what is under its key never changes.
    Public,
    /// The services alone.
    Private,
}

/// An object to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewObject<'a> {
    /// Its key.
    pub key: &'a str,
    /// What its bytes are.
    pub content_type: &'a str,
    /// Who is to see it.
    pub audience: Audience,
}

/// An object without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many bytes it has.
    pub size_bytes: u64,
    /// As it was written with it.
    pub content_type: Option<String>,
    /// When it was written.
    pub last_modified: Option<DateTime<Utc>>,
    /// Another one when other bytes are written.
    pub etag: Option<String>,
}

/// A line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it was written.
    pub last_modified: Option<DateTime<Utc>>,
}

/// Some objects, by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order of their keys.
    pub objects: Vec<Listed>,
    /// After which key to go on, if there is more.
    pub next: Option<String>,
}

/// Leave for a client to write one object, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Presigned {
    /// Where to PUT the bytes; who has it may write.
    pub url: String,
    /// To be sent as they are; the length, which is signed too, is set by the client's own library.
    pub headers: [(&'static str, String); 2],
}

impl fmt::Debug for Presigned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Presigned").field("headers", &self.headers).finish_non_exhaustive()
    }
}

impl NewObject<'_> {
    /// The headers that are signed and sent with a body of this length.
    pub(crate) fn headers(&self, size_bytes: u64) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value(self.content_type)?);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size_bytes));
        if self.audience == Audience::Public {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
            headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        }
        Ok(headers)
    }
}

impl Presigned {
    /// What is signed of a client's request.
    pub(crate) fn headers(content_type: &str, size_bytes: u64) -> Result<HeaderMap, Error> {
        let new = NewObject { key: "", content_type, audience: Audience::Private };
        let mut headers = new.headers(size_bytes)?;
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        Ok(headers)
    }

    /// What the client has to be told of it: the length it sets itself.
    pub(crate) fn told(headers: &HeaderMap) -> [(&'static str, String); 2] {
        let text = |name: HeaderName| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        [("content-type", text(header::CONTENT_TYPE)), ("if-none-match", text(header::IF_NONE_MATCH))]
    }
}

impl From<HeadObjectResult> for Head {
    fn from(head: HeadObjectResult) -> Self {
        Self {
            size_bytes: head.content_length.and_then(|length| length.try_into().ok()).unwrap_or_default(),
            content_type: head.content_type,
            last_modified: head.last_modified.and_then(|time| time_of(DateTime::parse_from_rfc2822(&time))),
            etag: head.e_tag,
        }
    }
}

impl From<Object> for Listed {
    fn from(object: Object) -> Self {
        let last_modified = time_of(DateTime::parse_from_rfc3339(&object.last_modified));
        Self { key: object.key, size_bytes: object.size, last_modified }
    }
}

fn time_of<E>(parsed: Result<DateTime<chrono::FixedOffset>, E>) -> Option<DateTime<Utc>> {
    parsed.ok().map(|time| time.to_utc())
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|error| Error::Unavailable(Box::new(error)))
}
