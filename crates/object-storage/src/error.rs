//! What goes wrong, in words that may be logged: addresses are left out, since a presigned one is a key.

use std::error::Error as StdError;
use std::io;

use s3::error::S3Error;

/// Any cause.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a call fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object.
    #[error("there is no such object")]
    Missing,
    /// There is more of it than the caller allows.
    #[error("the object is larger than allowed")]
    TooLarge,
    /// The caller's own stream broke off, as when a client goes away.
    #[error("the body to be stored broke off")]
    Body(#[source] Cause),
    /// A file on this machine cannot be read or written.
    #[error("a local file cannot be used")]
    File(#[source] io::Error),
    /// The storage is away, too slow, or refuses.
    #[error("the object storage cannot be used")]
    Unavailable(#[source] Cause),
}

/// The settings make no client.
#[derive(Debug, thiserror::Error)]
#[error("the settings of the object storage cannot be used")]
pub struct ConfigError(#[source] pub(crate) Cause);

/// It took too long.
#[derive(Debug, thiserror::Error)]
#[error("no answer in time")]
pub(crate) struct Late;

/// It said no.
#[derive(Debug, thiserror::Error)]
#[error("status {status} {code}")]
struct Refused {
    status: u16,
    code: String,
}

impl Error {
    pub(crate) fn late() -> Self {
        Self::Unavailable(Box::new(Late))
    }

    /// Only the code of the document is kept: the rest of it may hold what was signed.
    pub(crate) fn refused(status: u16, document: &str) -> Self {
        if status == 404 && code(document) != "NoSuchBucket" {
            return Self::Missing;
        }
        Self::Unavailable(Box::new(Refused { status, code: code(document).to_owned() }))
    }
}

impl From<S3Error> for Error {
    fn from(error: S3Error) -> Self {
        match error {
            S3Error::HttpFailWithBody(status, document) => Self::refused(status, &document),
            S3Error::Reqwest(error) => error.into(),
            other => Self::Unavailable(Box::new(other)),
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Unavailable(Box::new(error.without_url()))
    }
}

fn code(document: &str) -> &str {
    let code = document.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or("", |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_refusal_only_the_code_is_told() {
        let document = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>secret</StringToSign></Error>";
        let Error::Unavailable(cause) = Error::refused(403, document) else { panic!("it is refused") };
        assert_eq!(cause.to_string(), "status 403 SignatureDoesNotMatch");
    }

    #[test]
    fn a_missing_bucket_is_no_missing_object() {
        assert!(matches!(Error::refused(404, ""), Error::Missing));
        let document = "<Error><Code>NoSuchBucket</Code></Error>";
        assert!(matches!(Error::refused(404, document), Error::Unavailable(_)));
    }
}
