//! Session tokens as Clerk makes them, and every way in which a test may want one to be wrong.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rsa::sha2::{Digest, Sha256};
use serde_json::{Map, Value, json};

use crate::demo;

use super::keys::{KeyError, KeyRing};

/// The `cat` of session tokens; templates and machines have others.
const SESSION_CATEGORY: &str = "cl_B7d4PD111AAA";
/// Clerk's session tokens live this long.
const LIFETIME_SECONDS: i64 = 60;
/// Members of a request that stand in the token's header, all others are claims.
const HEADER_MEMBERS: [&str; 10] = ["alg", "kid", "typ", "cat", "oiat", "crit", "jku", "jwk", "x5u", "x5c"];
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Which key signs a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SigningKeyChoice {
    /// The newest one.
    #[default]
    Current,
    /// The one before the last rotation, under its own `kid`.
    Previous,
    /// One that was never in the key set, under the `kid` of the current one.
    Foreign,
}

/// A request body that describes no token or webhook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member} {rule}")]
pub struct RequestError {
    member: &'static str,
    rule: &'static str,
}

impl RequestError {
    pub(super) const fn new(member: &'static str, rule: &'static str) -> Self {
        Self { member, rule }
    }
}

/// The token that is wanted: a good one of `user` unless further members say otherwise.
///
/// As the body of `POST /tokens`:
///
/// | member | meaning |
/// | --- | --- |
/// | `user` | required; any name, `sub` and `sid` follow from it |
/// | `ttl_seconds` | default 60; negative for a token that has expired |
/// | `signing_key` | `current`, `previous` (before the last rotation) or `foreign` (not in the key set, `kid` of the current one) |
/// | `broken_signature` | `true` changes one bit of the signature |
/// | `alg` `kid` `typ` `cat` `oiat` `crit` `jku` `jwk` `x5u` `x5c` | replaces or adds that header; null removes it. `none` leaves the signature empty, `HS256` signs with the public key as the secret, `RS384` and `RS512` sign genuinely |
/// | any other | replaces or adds that claim; null removes it |
#[derive(Debug, Clone, PartialEq)]
pub struct TokenRequest {
    user: String,
    ttl_seconds: i64,
    signing_key: SigningKeyChoice,
    broken_signature: bool,
    members: Map<String, Value>,
}

impl TokenRequest {
    /// A good token of a user.
    #[must_use]
    pub fn new(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            ttl_seconds: LIFETIME_SECONDS,
            signing_key: SigningKeyChoice::Current,
            broken_signature: false,
            members: Map::new(),
        }
    }

    /// Reads the body of `POST /tokens`.
    pub fn from_json(mut body: Map<String, Value>) -> Result<Self, RequestError> {
        let refuse = RequestError::new;
        let user = match body.remove("user") {
            Some(Value::String(user)) if !user.is_empty() => user,
            _ => return Err(refuse("user", "must be a name")),
        };
        let mut request = Self::new(&user);
        if let Some(ttl) = body.remove("ttl_seconds") {
            request.ttl_seconds = ttl.as_i64().ok_or(refuse("ttl_seconds", "must be an integer"))?;
        }
        if let Some(choice) = body.remove("signing_key") {
            request.signing_key = match choice.as_str() {
                Some("current") => SigningKeyChoice::Current,
                Some("previous") => SigningKeyChoice::Previous,
                Some("foreign") => SigningKeyChoice::Foreign,
                _ => return Err(refuse("signing_key", "must be current, previous or foreign")),
            };
        }
        if let Some(broken) = body.remove("broken_signature") {
            request.broken_signature = broken.as_bool().ok_or(refuse("broken_signature", "must be true or false"))?;
        }
        request.members = body;
        Ok(request)
    }

    /// Expires so many seconds from now, or ago when negative.
    #[must_use]
    pub fn ttl_seconds(mut self, seconds: i64) -> Self {
        self.ttl_seconds = seconds;
        self
    }

    /// Replaces or adds a claim or a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a claim or a header out.
    #[must_use]
    pub fn without(self, name: &str) -> Self {
        self.with(name, Value::Null)
    }

    /// Signs with another key than the newest.
    #[must_use]
    pub fn signed_by(mut self, choice: SigningKeyChoice) -> Self {
        self.signing_key = choice;
        self
    }

    /// Changes one bit of the signature.
    #[must_use]
    pub fn with_broken_signature(mut self) -> Self {
        self.broken_signature = true;
        self
    }
}

/// The `sub` that a user name gets.
#[must_use]
pub fn user_id(user: &str) -> String {
    format!("user_2{}", base62(&Sha256::digest(format!("user {user}")), 26))
}

/// The `sid` of a user's one session.
#[must_use]
pub fn session_id(user: &str) -> String {
    format!("sess_2{}", base62(&Sha256::digest(format!("session {user}")), 26))
}

pub(super) fn mint(request: &TokenRequest, keys: &mut KeyRing, issuer: &str, now: i64) -> Result<String, KeyError> {
    let kid = match request.signing_key {
        SigningKeyChoice::Previous => keys.previous().id().to_owned(),
        SigningKeyChoice::Current | SigningKeyChoice::Foreign => keys.current().id().to_owned(),
    };
    let mut header = object(json!({ "alg": "RS256", "cat": SESSION_CATEGORY, "kid": kid, "typ": "JWT" }));
    let mut claims = claims(request, issuer, now);
    for (name, value) in &request.members {
        let part = if HEADER_MEMBERS.contains(&name.as_str()) { &mut header } else { &mut claims };
        match value {
            Value::Null => part.remove(name),
            value => part.insert(name.clone(), value.clone()),
        };
    }
    let message = format!("{}.{}", encode(&header), encode(&claims));
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or("RS256");
    let mut signature = sign(request.signing_key, keys, algorithm, message.as_bytes())?;
    if request.broken_signature
        && let Some(last) = signature.last_mut()
    {
        *last ^= 1;
    }
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn claims(request: &TokenRequest, issuer: &str, now: i64) -> Map<String, Value> {
    let expires_at = now.saturating_add(request.ttl_seconds);
    // A token near its end, or past it, was issued a minute before its end.
    let issued_at = now.min(expires_at.saturating_sub(LIFETIME_SECONDS));
    let mut claims = object(json!({
        "exp": expires_at,
        "fva": [0, -1],
        "iat": issued_at,
        "iss": issuer,
        "jti": base62(&rand::random::<[u8; 32]>(), 20),
        "nbf": issued_at.saturating_sub(10),
        "sid": session_id(&request.user),
        "sts": "active",
        "sub": user_id(&request.user),
        "v": 2,
    }));
    if let Some(person) = demo::person(&request.user) {
        claims.insert("name".to_owned(), person.full_name.into());
        claims.insert("email".to_owned(), person.email.into());
        claims.insert("picture".to_owned(), person.avatar_url.into());
    }
    claims
}

fn sign(choice: SigningKeyChoice, keys: &mut KeyRing, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, KeyError> {
    let key = match choice {
        SigningKeyChoice::Current => keys.current(),
        SigningKeyChoice::Previous => keys.previous(),
        SigningKeyChoice::Foreign => keys.foreign()?,
    };
    Ok(match algorithm {
        "none" => Vec::new(),
        "HS256" => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.public_pem()?.as_bytes())
                .expect("a key of any length suits this code");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        algorithm => key.sign(algorithm, message),
    })
}

/// `length` letters and digits that follow from the bytes, as Clerk's ids look.
pub(super) fn base62(bytes: &[u8], length: usize) -> String {
    bytes.iter().take(length).map(|byte| char::from(BASE62[usize::from(*byte) % BASE62.len()])).collect()
}

fn encode(part: &Map<String, Value>) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("a JSON object can be written"))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
