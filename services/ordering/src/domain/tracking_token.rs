//! What a guest holds instead of an account: made from a secret and the checkout, never stored, so that a replay can
//! repeat it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use commerce_types::CheckoutId;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How long a token opens its orders.
const VALID_FOR: TimeDelta = TimeDelta::days(180);

/// What a token keeps apart from every other use of the secret.
const PURPOSE: &[u8] = b"zst tracking token 1:";

/// The secrets: the first makes tokens, all of them are accepted, so that they can be rotated.
#[derive(Clone)]
pub(crate) struct TrackingTokens {
    secrets: Vec<Vec<u8>>,
}

impl TrackingTokens {
    /// Nothing without a secret, or with one that can be guessed.
    pub(crate) fn new(secrets: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Option<Self> {
        let secrets: Vec<Vec<u8>> = secrets.into_iter().map(Into::into).collect();
        let good = !secrets.is_empty() && secrets.iter().all(|secret| secret.len() >= 32);
        good.then_some(Self { secrets })
    }

    /// The token of a checkout: 43 characters.
    pub(crate) fn issue(&self, checkout_id: CheckoutId) -> String {
        URL_SAFE_NO_PAD.encode(mac(&self.secrets[0], checkout_id).finalize().into_bytes())
    }

    /// Whether `token` opens the orders of a checkout made at `placed_at`. Compares in constant time.
    pub(crate) fn opens(
        &self,
        checkout_id: CheckoutId,
        placed_at: DateTime<Utc>,
        token: &str,
        now: DateTime<Utc>,
    ) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        let genuine = self.secrets.iter().any(|secret| mac(secret, checkout_id).verify_slice(&bytes).is_ok());
        genuine && now < placed_at + VALID_FOR
    }
}

fn mac(secret: &[u8], checkout_id: CheckoutId) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(PURPOSE);
    mac.update(checkout_id.as_bytes());
    mac
}

impl fmt::Debug for TrackingTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackingTokens(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn checkout(number: u128) -> CheckoutId {
        Uuid::from_u128(number).into()
    }

    fn tokens(secrets: &[&str]) -> TrackingTokens {
        TrackingTokens::new(secrets.iter().map(|secret| secret.repeat(32))).unwrap()
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        assert!(TrackingTokens::new(["x".repeat(31)]).is_none());
        assert!(TrackingTokens::new(Vec::<String>::new()).is_none());
    }

    #[test]
    fn is_43_characters_and_always_the_same() {
        let made = tokens(&["a"]);
        let token = made.issue(checkout(7));
        assert_eq!(token.len(), 43);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
        assert_eq!(token, made.issue(checkout(7)));
        assert_ne!(token, made.issue(checkout(8)));
        assert_ne!(token, tokens(&["b"]).issue(checkout(7)));
    }

    #[test]
    fn opens_its_own_checkout_for_180_days() {
        let made = tokens(&["a"]);
        let token = made.issue(checkout(7));
        let placed_at = DateTime::UNIX_EPOCH;
        let opens =
            |id, token: &str, days| made.opens(checkout(id), placed_at, token, placed_at + TimeDelta::days(days));
        assert!(opens(7, &token, 0) && opens(7, &token, 179));
        assert!(!opens(7, &token, 180) && !opens(8, &token, 0));
        for forged in ["", "x", &token[..42], &format!("{token}="), &token.to_lowercase(), &"A".repeat(43)] {
            assert!(!opens(7, forged, 0), "{forged}");
        }
    }

    #[test]
    fn a_former_secret_is_still_good() {
        let token = tokens(&["a"]).issue(checkout(7));
        let rotated = tokens(&["b", "a"]);
        let now = DateTime::UNIX_EPOCH;
        assert!(rotated.opens(checkout(7), now, &token, now));
        assert_ne!(rotated.issue(checkout(7)), token);
    }
}
