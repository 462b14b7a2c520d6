//! Who calls: the Clerk token is checked here, and the account behind it looked up.
//!
//! Nothing but `Authorization: Bearer` identifies a caller. A token that is sent is always checked, and what it says
//! of roles is never looked at.

pub mod callers;
pub mod claims;
pub mod keys;
mod self_test;
mod tokens;

use std::sync::Arc;

use jwt_simple::algorithms::{RS256PublicKey, RSAPublicKeyLike};
use jwt_simple::claims::NoCustomClaims;
use jwt_simple::common::VerificationOptions;

use self::claims::{Claims, Expected, Refusal, Unverified, is_current};
use self::keys::Keys;
use self::tokens::CheckedTokens;
pub use self::tokens::Session;

/// The longest token that is looked at.
const LONGEST_TOKEN: usize = 8 * 1024;

pub struct Sessions {
    expected: Expected,
    pub keys: Keys,
    checked: CheckedTokens,
    self_test_passed: bool,
}

impl Sessions {
    /// Checks itself first, see [`Self::can_check`].
    pub fn new(expected: Expected, keys: Keys) -> Self {
        let self_test_passed = self_test::passes();
        if !self_test_passed {
            tracing::error!("the self-test of token checking failed: this gateway accepts no token and is not ready");
        }
        Self { expected, keys, checked: CheckedTokens::new(), self_test_passed }
    }

    /// Whether the self-test passed: one good token accepted, bad ones refused.
    pub fn can_check(&self) -> bool {
        self.self_test_passed
    }

    /// The session of a request by its `Authorization` headers; none when there is none. `now` is a Unix second.
    ///
    /// # Errors
    /// A token was sent that is not accepted.
    pub async fn of<'a>(
        &self,
        mut authorization: impl Iterator<Item = &'a [u8]>,
        now: i64,
    ) -> Result<Option<Arc<Session>>, Refusal> {
        let Some(header) = authorization.next() else { return Ok(None) };
        if authorization.next().is_some() {
            return Err(Refusal::Unauthorized);
        }
        self.check(bearer(header).ok_or(Refusal::Unauthorized)?, now).await.map(Some)
    }

    /// The session of a token.
    ///
    /// # Errors
    /// It is not accepted.
    pub async fn check(&self, token: &str, now: i64) -> Result<Arc<Session>, Refusal> {
        if token.len() > LONGEST_TOKEN || !self.self_test_passed {
            return Err(Refusal::Unauthorized);
        }
        if let Some(session) = self.checked.find(token) {
            return if is_current(session.claims.expires_at, now) { Ok(session) } else { Err(Refusal::Expired) };
        }
        let unverified = Unverified::read(token)?;
        let key = self.keys.find(&unverified.key_id).await.ok_or(Refusal::Unauthorized)?;
        let claims = verify(token, unverified, &key, &self.expected, now)?;
        let session = Arc::new(Session::new(claims));
        self.checked.keep(token, Arc::clone(&session), now);
        Ok(session)
    }
}

fn verify(
    token: &str,
    unverified: Unverified,
    key: &RS256PublicKey,
    expected: &Expected,
    now: i64,
) -> Result<Claims, Refusal> {
    // The library is asked for the signature alone; by its clock every token is just being made.
    let at_expiry = jwt_simple::prelude::UnixTimeStamp::from_secs(unverified.expires_at().unsigned_abs());
    let options = VerificationOptions {
        accept_future: true,
        artificial_time: Some(at_expiry),
        // Else an expiry within the first minutes of 1970 is a time before all time.
        time_tolerance: Some(jwt_simple::prelude::Duration::from_secs(0)),
        max_token_length: Some(LONGEST_TOKEN),
        max_header_length: Some(LONGEST_TOKEN),
        ..VerificationOptions::default()
    };
    let genuine = key.verify_token::<NoCustomClaims>(token, Some(options));
    genuine.ok().ok_or(Refusal::Unauthorized)?;
    unverified.accept(expected, now)
}

/// The token of `Bearer <token>`: one space, any case of the scheme, and nothing behind it.
fn bearer(header: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_scheme_one_space_one_token() {
        assert_eq!(bearer(b"Bearer a.b.c"), Some("a.b.c"));
        assert_eq!(bearer(b"bEARER a.b.c"), Some("a.b.c"));
        for header in [&b"Bearer"[..], b"Bearer ", b"Bearer  a", b"Bearer a b", b"Basic a", b"Bearera", b"", b"\xff a"]
        {
            assert_eq!(bearer(header), None, "{header:?}");
        }
    }
}
