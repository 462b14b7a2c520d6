//! The tokens themselves: HS256, sixty seconds, two secrets so that they can be rotated.
//!
//! `jwt-simple` checks the signature with the algorithm of our key; all that it lets pass (absent or fractional times,
//! fifteen minutes of skew, any type ending in `+jwt`, unknown members) is refused here.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jwt_simple::prelude::{
    Audiences, Duration as JwtDuration, HS256Key, JWTClaims, MACLike, UnixTimeStamp, VerificationOptions,
};
use serde::{Deserialize, Serialize};
use tonic::Request;
use tonic::metadata::MetadataMap;

use crate::{Caller, Refused};

/// How long a token lives, in seconds.
pub const LIFETIME: u64 = 60;
/// How far clocks may lie apart, in seconds.
const SKEW: u64 = 5;
const MAX_LENGTH: usize = 8 * 1024;
const ISSUER: &str = "zst";
const AUDIENCE: &str = "zst-internal";

/// The secrets cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// None, or more than two.
    #[error("there must be one or two secrets")]
    Count,
    /// Short enough to be guessed.
    #[error("a secret must have at least 32 bytes")]
    Short,
}

/// Signs with the first secret, accepts all.
#[derive(Clone)]
pub struct AccessTokens {
    keys: Arc<[HS256Key]>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl AccessTokens {
    /// With one secret, or two while they are rotated, and the clock that tokens are judged by.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn new<S: AsRef<[u8]>>(
        secrets: impl IntoIterator<Item = S>,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Result<Self, SecretError> {
        let keys = secrets.into_iter().map(|secret| match secret.as_ref() {
            short if short.len() < 32 => Err(SecretError::Short),
            bytes => Ok(HS256Key::from_bytes(bytes)),
        });
        let keys: Arc<[HS256Key]> = keys.collect::<Result<_, _>>()?;
        if !(1..=2).contains(&keys.len()) {
            return Err(SecretError::Count);
        }
        Ok(Self { keys, now: Arc::new(now) })
    }

    /// A token that says `caller` for the next minute.
    #[must_use]
    pub fn sign(&self, caller: &Caller) -> String {
        let now = self.unix_now();
        let claims = JWTClaims {
            issued_at: Some(UnixTimeStamp::from_secs(now)),
            invalid_before: Some(UnixTimeStamp::from_secs(now)),
            expires_at: Some(UnixTimeStamp::from_secs(now + LIFETIME)),
            issuer: Some(ISSUER.to_owned()),
            audiences: Some(Audiences::AsString(AUDIENCE.to_owned())),
            subject: None,
            jwt_id: None,
            nonce: None,
            custom: Custom { caller: caller.clone() },
        };
        self.keys[0].authenticate(claims).expect("a caller is always JSON, and the key is long enough")
    }

    /// Who a token says, if it is ours and of this time.
    ///
    /// # Errors
    /// [`Refused::BadToken`], [`Refused::Expired`].
    pub fn verify(&self, token: &str) -> Result<Caller, Refused> {
        if token.len() > MAX_LENGTH {
            return Err(Refused::BadToken("too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refused::BadToken("not three parts"));
        };
        let header: Header = part(header).ok_or(Refused::BadToken("header"))?;
        if header.alg != "HS256" || header.typ != "JWT" {
            return Err(Refused::BadToken("algorithm"));
        }
        let now = self.unix_now();
        if !self.keys.iter().any(|key| is_signed_by(key, token, now)) {
            return Err(Refused::BadToken("signature"));
        }
        let claims: Claims = part(claims).ok_or(Refused::BadToken("claims"))?;
        claims.check(now)?;
        Ok(claims.caller)
    }

    /// Who calls: reads the metadata `authorization: Bearer <token>`.
    ///
    /// # Errors
    /// [`Refused::NoToken`], [`Refused::BadToken`], [`Refused::Expired`].
    pub fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Refused> {
        self.verify(bearer(request.metadata())?)
    }

    /// The caller's token, to be passed on to another service.
    ///
    /// # Errors
    /// [`Refused::NoToken`].
    pub fn token<T>(&self, request: &Request<T>) -> Result<String, Refused> {
        bearer(request.metadata()).map(str::to_owned)
    }

    fn unix_now(&self) -> u64 {
        u64::try_from((self.now)().timestamp()).unwrap_or(0)
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").field("secrets", &self.keys.len()).finish_non_exhaustive()
    }
}

/// Exactly one token, exactly one space.
fn bearer(metadata: &MetadataMap) -> Result<&str, Refused> {
    let mut values = metadata.get_all("authorization").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Refused::NoToken);
    };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Refused::NoToken)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(Refused::NoToken) }
}

/// The signature; times are left to [`Claims::check`], which is stricter.
fn is_signed_by(key: &HS256Key, token: &str, now: u64) -> bool {
    let options = VerificationOptions {
        artificial_time: Some(UnixTimeStamp::from_secs(now)),
        time_tolerance: Some(JwtDuration::from_secs(now)),
        accept_future: true,
        max_token_length: Some(MAX_LENGTH),
        ..VerificationOptions::default()
    };
    key.verify_token::<serde_json::Value>(token, Some(options)).is_ok()
}

fn part<T: for<'de> Deserialize<'de>>(encoded: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

#[derive(Serialize, Deserialize)]
struct Custom {
    caller: Caller,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
}

/// Every member we write, each required, times as integers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iat: u64,
    nbf: u64,
    exp: u64,
    iss: String,
    aud: String,
    caller: Caller,
}

impl Claims {
    fn check(&self, now: u64) -> Result<(), Refused> {
        if self.iss != ISSUER || self.aud != AUDIENCE {
            return Err(Refused::BadToken("not for us"));
        }
        if self.iat > now + SKEW || self.nbf > now + SKEW {
            return Err(Refused::BadToken("not yet valid"));
        }
        if self.exp > self.iat.saturating_add(LIFETIME) {
            return Err(Refused::BadToken("lives too long"));
        }
        if self.exp.saturating_add(SKEW) <= now { Err(Refused::Expired) } else { Ok(()) }
    }
}
