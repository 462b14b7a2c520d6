//! What a Clerk session token must say, step by step (`api.md` 2.7); the signature is checked elsewhere.
//!
//! Read from the token's own JSON, strictly: the library that checks the signature is more lenient than the
//! contract (15 minutes of skew, missing times, floats for integers, any `typ` that ends in `+jwt`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::json;

/// Seconds by which clocks may differ.
const SKEW: i64 = 5;
/// The category of session tokens; those of templates and machines are signed with the same key.
const SESSION_CATEGORY: &str = "cl_B7d4PD111AAA";
const LONGEST_ID: usize = 128;
const LONGEST_PROFILE_TEXT: usize = 2_048;
/// 2286: later times are typing errors, and would overflow elsewhere.
const LATEST: i64 = 9_999_999_999;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the token is not accepted")]
    Unauthorized,
    #[error("the token has expired")]
    Expired,
    #[error("the session is not complete")]
    SessionPending,
}

/// Who may have signed, and for whom.
#[derive(Debug, Clone)]
pub struct Expected {
    pub issuer: String,
    /// Accepted values of `azp`; when empty, none is.
    pub authorized_parties: Vec<String>,
}

/// The parts of a token that are needed before its signature is known to be good.
#[derive(Debug)]
pub struct Unverified {
    pub key_id: String,
    claims: Map<String, Value>,
    /// `exp`, `nbf`, `iat`.
    times: [i64; 3],
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Clerk's id of the user.
    pub subject: String,
    pub session_id: String,
    /// Unix second.
    pub expires_at: i64,
    /// Somebody of the operator's acts in the user's name: may look, not touch.
    pub is_impersonated: bool,
    pub name: Option<String>,
    pub email: Option<String>,
    pub picture: Option<String>,
}

impl Unverified {
    /// Takes a token apart and checks its form.
    ///
    /// # Errors
    /// [`Refusal::Unauthorized`].
    pub fn read(token: &str) -> Result<Self, Refusal> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Unauthorized);
        };
        if signature.is_empty() {
            return Err(Refusal::Unauthorized);
        }
        let header = object(header)?;
        if text(&header, "alg") != Some("RS256")
            || !matches!(header.get("typ"), None | Some(Value::String(_)))
            || text(&header, "typ").is_some_and(|kind| kind != "JWT")
            || header.get("cat").is_some_and(|category| category != SESSION_CATEGORY)
            || header.contains_key("crit")
        {
            return Err(Refusal::Unauthorized);
        }
        let key_id = text(&header, "kid").ok_or(Refusal::Unauthorized)?.to_owned();
        let claims = object(claims)?;
        let times = ["exp", "nbf", "iat"].map(|name| claims.get(name).and_then(Value::as_i64));
        let [Some(exp), Some(nbf), Some(iat)] = times else { return Err(Refusal::Unauthorized) };
        if [exp, nbf, iat].iter().any(|time| !(0..=LATEST).contains(time)) {
            return Err(Refusal::Unauthorized);
        }
        Ok(Self { key_id, claims, times: [exp, nbf, iat] })
    }

    /// Unix second of `exp`.
    pub fn expires_at(&self) -> i64 {
        self.times[0]
    }

    /// Checks what the token says, after its signature was found good. `now` is a Unix second.
    ///
    /// # Errors
    /// The first step that fails.
    pub fn accept(self, expected: &Expected, now: i64) -> Result<Claims, Refusal> {
        let claims = &self.claims;
        let [exp, nbf, iat] = self.times;
        if text(claims, "iss") != Some(expected.issuer.as_str()) {
            return Err(Refusal::Unauthorized);
        }
        if !is_current(exp, now) {
            return Err(Refusal::Expired);
        }
        if nbf > now + SKEW || iat > now + SKEW {
            return Err(Refusal::Unauthorized);
        }
        let id = |name| text(claims, name).filter(|id| !id.is_empty() && id.chars().count() <= LONGEST_ID);
        let subject = id("sub").ok_or(Refusal::Unauthorized)?;
        let session_id = id("sid").filter(|id| id.starts_with("sess_")).ok_or(Refusal::Unauthorized)?;
        let is_authorized = |party: &Value| expected.authorized_parties.iter().any(|allowed| party == allowed);
        if !claims.get("azp").is_none_or(is_authorized) {
            return Err(Refusal::Unauthorized);
        }
        if claims.get("sts").is_some_and(|status| status != "active") {
            return Err(Refusal::SessionPending);
        }
        let profile = |name| {
            text(claims, name).filter(|text| !text.is_empty() && text.len() <= LONGEST_PROFILE_TEXT).map(str::to_owned)
        };
        Ok(Claims {
            subject: subject.to_owned(),
            session_id: session_id.to_owned(),
            expires_at: exp,
            is_impersonated: claims.contains_key("act"),
            name: profile("name"),
            email: profile("email"),
            picture: profile("picture"),
        })
    }
}

/// Whether a token that expires then is still good.
pub fn is_current(expires_at: i64, now: i64) -> bool {
    expires_at > now - SKEW
}

fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    let refuse = || Refusal::Unauthorized;
    let bytes = URL_SAFE_NO_PAD.decode(part).ok().ok_or_else(refuse)?;
    json::canonical_object(&bytes).ok().ok_or_else(refuse)?;
    serde_json::from_slice(&bytes).ok().ok_or_else(refuse)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn expected() -> Expected {
        Expected { issuer: "https://clerk.test".to_owned(), authorized_parties: vec!["https://shop.test".to_owned()] }
    }

    fn judge(header: Value, claims: Value) -> Result<Claims, Refusal> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        Unverified::read(&format!("{}.{}.c2ln", part(&header), part(&claims)))?.accept(&expected(), NOW)
    }

    fn header() -> Value {
        json!({"alg": "RS256", "typ": "JWT", "kid": "ins_1", "cat": SESSION_CATEGORY})
    }

    fn claims() -> Value {
        json!({"iss": "https://clerk.test", "sub": "user_1", "sid": "sess_1", "azp": "https://shop.test",
            "exp": NOW + 60, "nbf": NOW - 10, "iat": NOW, "sts": "active", "v": 2, "fva": [1, -1]})
    }

    fn with(mut object: Value, name: &str, value: Value) -> Value {
        object[name] = value;
        object
    }

    fn without(mut object: Value, name: &str) -> Value {
        object.as_object_mut().unwrap().remove(name);
        object
    }

    #[test]
    fn a_session_token_is_accepted() {
        let claims = judge(header(), claims()).unwrap();
        assert_eq!((claims.subject.as_str(), claims.session_id.as_str()), ("user_1", "sess_1"));
        assert!(!claims.is_impersonated);
    }

    #[test]
    fn what_may_be_absent_may_be_absent() {
        for name in ["typ", "cat"] {
            assert!(judge(without(header(), name), claims()).is_ok(), "{name}");
        }
        for name in ["azp", "sts"] {
            assert!(judge(header(), without(claims(), name)).is_ok(), "{name}");
        }
    }

    #[test]
    fn every_other_header_is_refused() {
        let wrong = [
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!("HS256")),
            ("alg", json!("RS384")),
            ("alg", json!("rs256")),
            ("alg", json!(null)),
            ("alg", json!(["RS256"])),
            ("typ", json!("at+jwt")),
            ("typ", json!(null)),
            ("typ", json!("jwt")),
            ("kid", json!(1)),
            ("cat", json!("cl_B7d4PD222AAA")),
            ("cat", json!(null)),
            ("crit", json!([])),
        ];
        for (name, value) in wrong {
            let refused = judge(with(header(), name, value.clone()), claims());
            assert_eq!(refused, Err(Refusal::Unauthorized), "{name} {value}");
        }
        assert_eq!(judge(without(header(), "kid"), claims()), Err(Refusal::Unauthorized));
    }

    #[test]
    fn every_other_claim_is_refused() {
        let unauthorized = [
            ("iss", json!("https://clerk.test/")),
            ("iss", json!("https://other.test")),
            ("iss", json!(null)),
            ("exp", json!("9999999999")),
            ("exp", json!(1e300)),
            ("exp", json!(1_790_000_060.0)),
            ("exp", json!(-1)),
            ("exp", json!([NOW + 60])),
            ("exp", json!(null)),
            ("nbf", json!(NOW + 6)),
            ("nbf", json!("0")),
            ("iat", json!(NOW + 6)),
            ("iat", json!(1.5)),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", json!("u".repeat(129))),
            ("sid", json!("jwt_1")),
            ("sid", json!(null)),
            ("sid", json!(format!("sess_{}", "s".repeat(124)))),
            ("azp", json!("https://shop.test.evil.test")),
            ("azp", json!(null)),
            ("azp", json!("")),
        ];
        for (name, value) in unauthorized {
            let refused = judge(header(), with(claims(), name, value.clone()));
            assert_eq!(refused, Err(Refusal::Unauthorized), "{name} {value}");
        }
        for name in ["iss", "exp", "nbf", "iat", "sub", "sid"] {
            assert_eq!(judge(header(), without(claims(), name)), Err(Refusal::Unauthorized), "{name}");
        }
        for status in [json!("pending"), json!("Active"), json!(null)] {
            assert_eq!(judge(header(), with(claims(), "sts", status)), Err(Refusal::SessionPending));
        }
    }

    #[test]
    fn five_seconds_of_skew_and_no_more() {
        assert_eq!(judge(header(), with(claims(), "exp", json!(NOW - 5))), Err(Refusal::Expired));
        assert!(judge(header(), with(claims(), "exp", json!(NOW - 4))).is_ok());
        assert!(judge(header(), with(claims(), "nbf", json!(NOW + 5))).is_ok());
        assert!(judge(header(), with(claims(), "iat", json!(NOW + 5))).is_ok());
    }

    #[test]
    fn a_foreign_token_that_has_expired_is_not_a_genuine_one() {
        let foreign = with(with(claims(), "exp", json!(NOW - 100)), "iss", json!("https://other.test"));
        assert_eq!(judge(header(), foreign), Err(Refusal::Unauthorized));
    }

    #[test]
    fn with_no_party_configured_every_party_is_refused() {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.c2ln", part(&header()), part(&claims()));
        let nobody = Expected { authorized_parties: Vec::new(), ..expected() };
        assert_eq!(Unverified::read(&token).unwrap().accept(&nobody, NOW), Err(Refusal::Unauthorized));
    }

    #[test]
    fn a_claim_said_twice_is_refused() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let claims = claims().to_string().replacen('{', "{\"sub\":\"user_2\",", 1);
        let token = format!("{}.{}.c2ln", part(&header().to_string()), part(&claims));
        assert!(Unverified::read(&token).is_err());
    }

    #[test]
    fn broken_forms_are_refused() {
        for token in ["", ".", "..", "a.b.c", "a.b.c.d", "e30.e30.", "e30.e30.c2ln", "e30=.e30.c2ln", "\0.\0.\0"] {
            assert_eq!(Unverified::read(token).err(), Some(Refusal::Unauthorized), "{token:?}");
        }
    }

    #[test]
    fn an_impersonated_session_says_so() {
        assert!(judge(header(), with(claims(), "act", json!({"sub": "user_9"}))).unwrap().is_impersonated);
        assert!(judge(header(), with(claims(), "act", json!(null))).unwrap().is_impersonated);
    }
}
