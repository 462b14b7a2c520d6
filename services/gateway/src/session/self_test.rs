//! The check of the check: before the first request a good token must be accepted and bad ones refused.
//!
//! The private half of this key was thrown away; the token expired long ago and its issuer is nobody.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::algorithms::RS256PublicKey;

use super::claims::{Expected, Refusal, Unverified};

const MODULUS: &str = "4mYrYQ7mlgfoQY1e6oxZfIJwpiMMOWS6Vj4lQvyb5YWuA3_Ay6G-j8sOcN0Uqeq5FVE9RTQrdKcWmNC_tBQjLGNBfwioWd-\
    PmzrJKT8-zQNQTBSTpEWH1px2uPqRy9bpJJ3_VxbN5C4YGS9AbFaO4YFis6s565oV3IqLgdHhp-AFaJYn6ZCYEzl592ZgpvFftKn\
    4Js95Or7b6vFFLPLS_1fA7VfHhF6uJUWDe5Fi6s0WFgSQOX3AsJN54Eovobv4oeg3vuSs5uh3sbtpLTmD4B2lNyOsLHrATgISpbw\
    LHDArX0mT7cIm-ALdwtT9lS1Y0IpApP-WyuVa8sZtFeyhWw";
const EXPONENT: &[u8] = &[1, 0, 1];
const HEADER: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InNlbGYtdGVzdCJ9";
const CLAIMS: &str = "eyJpc3MiOiJzZWxmLXRlc3QiLCJzdWIiOiJ1c2VyX3NlbGZfdGVzdCIsInNpZCI6InNlc3Nfc2VsZl90ZXN0IiwiaWF0IjoxNzAw\
    MDAwMDAwLCJuYmYiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDA2MH0";
const SIGNATURE: &str = "d5AyS_P0Gwwz3qSRpPWYMd5pxOUwlkLSooJ5vCPZoINAZjLsAD1I3b4yDjt45H60iHuntJmoqlIE7skPwmBJ4ndV-dYluVWltTx_\
    Pd2RO1Z04tE01iERUfis6TeU9xYrvcT64wlYfy2zVpbAjEUAK1vsty5lONuU5e9rOPxbbV0r89ZQZrSFPX15nLKUOuLUrmqGOUlI\
    fMWF6zRl3rGq7M9VeCE4XFxndRX2e9nY67CwNIDrQHhuZK5trzpw5VQxg64FU8mi5NWYDF-\
    Gx1yGOc1l3SBXVu5QGknfKPjrnDlgIY8yysxQPuhY-CE8-CiDla76t3NZ9MsyAJYIKFbG2w";
const DURING: i64 = 1_700_000_030;
const AFTERWARDS: i64 = 1_700_000_065;

/// Whether tokens are told apart.
pub(super) fn passes() -> bool {
    let good = format!("{HEADER}.{CLAIMS}.{SIGNATURE}");
    let other = if SIGNATURE.starts_with('A') { "B" } else { "A" };
    let forged = format!("{HEADER}.{CLAIMS}.{other}{}", &SIGNATURE[1..]);
    let unsigned = format!("{}.{CLAIMS}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"self-test"}"#));
    judge(&good, "self-test", DURING).is_ok()
        && judge(&good, "self-test", AFTERWARDS) == Err(Refusal::Expired)
        && judge(&good, "somebody", DURING) == Err(Refusal::Unauthorized)
        && judge(&forged, "self-test", DURING) == Err(Refusal::Unauthorized)
        && judge(&unsigned, "self-test", DURING) == Err(Refusal::Unauthorized)
}

fn judge(token: &str, issuer: &str, now: i64) -> Result<(), Refusal> {
    let modulus = URL_SAFE_NO_PAD.decode(MODULUS).ok().ok_or(Refusal::Unauthorized)?;
    let key = RS256PublicKey::from_components(&modulus, EXPONENT).ok().ok_or(Refusal::Unauthorized)?;
    let expected = Expected { issuer: issuer.to_owned(), authorized_parties: Vec::new() };
    super::verify(token, Unverified::read(token)?, &key, &expected, now).map(drop)
}

#[cfg(test)]
mod tests {
    #[test]
    fn passes() {
        assert!(super::passes());
    }
}
