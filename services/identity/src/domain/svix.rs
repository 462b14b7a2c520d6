//! Whether a webhook comes from who it says: Svix's signature over the very bytes that were sent.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What stands before the key in a secret.
const PREFIX: &str = "whsec_";
/// The only kind of signature that is understood.
const VERSION: &str = "v1,";
/// How far the sender's clock may be from ours.
const TOLERANCE_SECONDS: u64 = 5 * 60;
/// More than one while they are rotated.
const MOST_SECRETS: usize = 2;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The secrets of the endpoint at Clerk; with none, nothing is accepted.
#[derive(Clone, Default)]
pub(crate) struct WebhookSecrets(Vec<Vec<u8>>);

/// The three headers as they were sent; empty where they were not.
#[derive(Debug, Clone)]
pub(crate) struct SvixHeaders {
    pub(crate) id: String,
    /// A Unix second.
    pub(crate) timestamp: String,
    /// Entries with spaces between them, of which one must match.
    pub(crate) signature: String,
}

impl WebhookSecrets {
    /// Nothing when there are too many, or one is none: `whsec_` and base64.
    pub(crate) fn new(secrets: &[String]) -> Option<Self> {
        let key = |secret: &String| BASE64.decode(secret.strip_prefix(PREFIX)?).ok().filter(|key| !key.is_empty());
        let keys: Vec<Vec<u8>> = secrets.iter().map(key).collect::<Option<_>>()?;
        (keys.len() <= MOST_SECRETS).then_some(Self(keys))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the signatures is of one of the secrets, and of about now. Compares in constant time.
    pub(crate) fn accept(&self, headers: &SvixHeaders, body: &[u8], now: DateTime<Utc>) -> bool {
        headers.are_whole()
            && headers.are_current(now)
            && self.0.iter().any(|secret| {
                let mac = headers.mac(secret, body);
                headers.signatures().any(|signature| mac.clone().verify_slice(&signature).is_ok())
            })
    }
}

impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecrets(hidden)")
    }
}

impl SvixHeaders {
    /// The dot parts what is signed, so there is none inside the id.
    fn are_whole(&self) -> bool {
        let is_id = |byte: u8| byte.is_ascii_graphic() && byte != b'.';
        (1..=128).contains(&self.id.len()) && self.id.bytes().all(is_id)
    }

    fn are_current(&self, now: DateTime<Utc>) -> bool {
        let is_number = !self.timestamp.is_empty() && self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let sent_at: Option<i64> = self.timestamp.parse().ok().filter(|_| is_number);
        sent_at.is_some_and(|sent_at| sent_at.abs_diff(now.timestamp()) <= TOLERANCE_SECONDS)
    }

    fn mac(&self, secret: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
        for part in [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }

    fn signatures(&self) -> impl Iterator<Item = Vec<u8>> {
        self.signature.split(' ').filter_map(|entry| BASE64.decode(entry.strip_prefix(VERSION)?).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Svix's own sample, and that of the Standard Webhooks suite: secret, id, time, body, signature.
    const SAMPLES: [[&str; 5]; 2] = [
        [
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            "1731705121",
            r#"{"event_type":"ping","data":{"success":true}}"#,
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ],
        [
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            "1649367553",
            r#"{"email":"test@example.com","username":"test_user"}"#,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ],
    ];

    fn secrets(secrets: &[&str]) -> WebhookSecrets {
        WebhookSecrets::new(&secrets.iter().map(|secret| (*secret).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn headers(id: &str, timestamp: &str, signature: &str) -> SvixHeaders {
        SvixHeaders { id: id.to_owned(), timestamp: timestamp.to_owned(), signature: signature.to_owned() }
    }

    fn second(unix: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(unix, 0).unwrap()
    }

    #[test]
    fn published_samples_are_accepted_by_their_own_secret() {
        for [secret, id, timestamp, body, signature] in SAMPLES {
            let (headers, now) = (headers(id, timestamp, signature), second(timestamp.parse().unwrap()));
            assert!(secrets(&[secret]).accept(&headers, body.as_bytes(), now));
            assert!(secrets(&[SAMPLES[0][0], SAMPLES[1][0]]).accept(&headers, body.as_bytes(), now));
            let other = SAMPLES.iter().find(|sample| sample[0] != secret).unwrap()[0];
            assert!(!secrets(&[other]).accept(&headers, body.as_bytes(), now));
            assert!(!secrets(&[]).accept(&headers, body.as_bytes(), now));
        }
    }

    #[test]
    fn anything_changed_is_refused() {
        let [secret, id, timestamp, body, signature] = SAMPLES[0];
        let (secrets, now) = (secrets(&[secret]), second(timestamp.parse().unwrap()));
        let accepts = |id: &str, timestamp: &str, body: &str, signature: &str| {
            secrets.accept(&headers(id, timestamp, signature), body.as_bytes(), now)
        };
        assert!(accepts(id, timestamp, body, signature));
        let spaced = body.replace(':', ": ");
        let bare = &signature[3..];
        let shorter = &signature[..signature.len() - 5];
        let refused = [
            (id, timestamp, spaced.as_str(), signature),
            (id, timestamp, &body[1..], signature),
            (id, timestamp, "", signature),
            ("msg_other", timestamp, body, signature),
            (id, "1731705122", body, signature),
            (id, timestamp, body, bare),
            (id, timestamp, body, shorter),
            (id, timestamp, body, ""),
            (id, timestamp, body, "v1,"),
            (id, timestamp, body, "v1,????"),
            ("", timestamp, body, signature),
            (id, "", body, signature),
            (id, "+1731705121", body, signature),
            (id, "1731705121.0", body, signature),
        ];
        for (id, timestamp, body, signature) in refused {
            assert!(!accepts(id, timestamp, body, signature), "{id} {timestamp} {body} {signature}");
        }
        let version_two = format!("v2{}", &signature[2..]);
        assert!(!accepts(id, timestamp, body, &version_two));
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let [secret, id, timestamp, body, signature] = SAMPLES[0];
        let now = second(timestamp.parse().unwrap());
        let several = format!("v1a,zzzz {} v1,AAAA {signature}", SAMPLES[1][4]);
        assert!(secrets(&[secret]).accept(&headers(id, timestamp, &several), body.as_bytes(), now));
    }

    #[test]
    fn five_minutes_either_way_and_not_a_second_more() {
        let [secret, id, timestamp, body, signature] = SAMPLES[0];
        let (secrets, headers) = (secrets(&[secret]), headers(id, timestamp, signature));
        let sent_at: i64 = timestamp.parse().unwrap();
        for (apart, accepted) in [(300, true), (301, false), (-300, true), (-301, false), (86_400, false)] {
            assert_eq!(secrets.accept(&headers, body.as_bytes(), second(sent_at + apart)), accepted, "{apart} s");
        }
    }

    #[test]
    fn what_is_signed_cannot_be_parted_elsewhere() {
        let [secret, id, timestamp, body, signature] = SAMPLES[0];
        let joined = format!("{id}.{timestamp}");
        let (start, rest) = body.split_at(1);
        let now = second(timestamp.parse().unwrap());
        assert!(!secrets(&[secret]).accept(&headers(&joined, start, signature), rest.as_bytes(), now));
    }

    #[test]
    fn secrets_are_at_most_two_of_their_form_and_never_shown() {
        let new = |secrets: &[&str]| {
            WebhookSecrets::new(&secrets.iter().map(|secret| (*secret).to_owned()).collect::<Vec<_>>())
        };
        let [one, two] = [SAMPLES[0][0], SAMPLES[1][0]];
        assert!(new(&[]).unwrap().is_empty());
        assert!(!format!("{:?}", new(&[one, two]).unwrap()).contains("plJ3"));
        for wrong in [&["whsec_"][..], &["plJ3nmyCDGBKInavdOK15jsl"], &["whsec_???"], &[one, two, one]] {
            assert!(new(wrong).is_none(), "{wrong:?}");
        }
    }
}
