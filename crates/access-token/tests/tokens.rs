//! What a service believes, and what it does not.

#![expect(clippy::unwrap_used, reason = "a test helper that fails fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access_token::{AccessTokens, Account, Caller, Refused, SecretError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use commerce_types::{Approval, Role, SellerCategory};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tonic::Request;
use uuid::Uuid;

const OLD: &str = "an old secret of thirty-two bytes";
const NEW: &str = "a new secret of thirty-two bytes.";
const NOW: i64 = 1_790_000_000;

struct Setting {
    tokens: AccessTokens,
    now: Arc<AtomicI64>,
}

fn with(secrets: &[&str]) -> Setting {
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = now.clone();
    let tokens =
        AccessTokens::new(secrets, move || DateTime::from_timestamp(clock.load(Ordering::SeqCst), 0).unwrap()).unwrap();
    Setting { tokens, now }
}

fn seller() -> Caller {
    Caller::Account(Account {
        user_id: Uuid::from_u128(7).into(),
        role: Role::Seller,
        seller_category: Some(SellerCategory::Importateur),
        approval: Some(Approval::Approved),
        is_verified: true,
        full_name: "Sofiane Béjaïa".to_owned(),
        avatar_url: Some("https://img.example.dz/a.webp".to_owned()),
    })
}

/// Signs anything, as somebody with our secret would.
fn forge(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(NEW.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn claims() -> Value {
    json!({"iat": NOW, "nbf": NOW, "exp": NOW + 60, "iss": "zst", "aud": "zst-internal", "caller": {"kind": "guest"}})
}

#[test]
fn every_caller_is_read_back() {
    let setting = with(&[NEW]);
    for caller in [Caller::GUEST, seller(), Caller::service("ordering")] {
        assert_eq!(setting.tokens.verify(&setting.tokens.sign(&caller)), Ok(caller));
    }
}

#[test]
fn a_forged_copy_of_our_own_form_is_the_form_we_write() {
    // So that the cases below are refused for what they change.
    let setting = with(&[NEW]);
    assert_eq!(setting.tokens.verify(&forge(&header(), &claims())), Ok(Caller::GUEST));
}

#[test]
fn a_token_lives_a_minute_and_the_skew() {
    let setting = with(&[NEW]);
    let token = setting.tokens.sign(&Caller::GUEST);
    let at = |seconds: i64| {
        setting.now.store(NOW + seconds, Ordering::SeqCst);
        setting.tokens.verify(&token)
    };
    assert_eq!(at(64), Ok(Caller::GUEST));
    assert_eq!(at(65), Err(Refused::Expired));
    assert_eq!(at(-5), Ok(Caller::GUEST));
    assert_eq!(at(-6), Err(Refused::BadToken("not yet valid")));
}

#[test]
fn both_secrets_are_accepted_while_they_are_rotated() {
    let (before, during, after) = (with(&[OLD]), with(&[NEW, OLD]), with(&[NEW]));
    let (old, new) = (before.tokens.sign(&seller()), during.tokens.sign(&seller()));
    assert_eq!(during.tokens.verify(&old), Ok(seller()));
    assert_eq!(after.tokens.verify(&new), Ok(seller()));
    assert_eq!(after.tokens.verify(&old), Err(Refused::BadToken("signature")));
    assert_eq!(before.tokens.verify(&new), Err(Refused::BadToken("signature")));
}

#[test]
fn headers_other_than_ours_are_refused() {
    let setting = with(&[NEW]);
    let headers = [
        json!({"alg": "none", "typ": "JWT"}),
        json!({"alg": "nOnE", "typ": "JWT"}),
        json!({"alg": "RS256", "typ": "JWT"}),
        json!({"alg": "HS512", "typ": "JWT"}),
        json!({"alg": "HS256"}),
        json!({"alg": "HS256", "typ": "at+jwt"}),
        json!({"alg": "HS256", "typ": "JWT", "kid": "../../etc/passwd"}),
        json!({"alg": "HS256", "typ": "JWT", "jku": "https://evil.example"}),
    ];
    for header in headers {
        let refusal = setting.tokens.verify(&forge(&header, &claims())).unwrap_err();
        assert!(matches!(refusal, Refused::BadToken(_)), "{header}: {refusal:?}");
    }
}

#[test]
fn claims_of_another_type_or_missing_are_refused() {
    let setting = with(&[NEW]);
    for name in ["iat", "nbf", "exp", "iss", "aud", "caller"] {
        let strange = [json!("1"), json!(1.5), json!(-1), json!(1e300), json!([NOW]), json!(null), json!({})];
        for value in strange {
            let mut changed = claims();
            changed[name] = value;
            let refusal = setting.tokens.verify(&forge(&header(), &changed));
            assert!(matches!(refusal, Err(Refused::BadToken(_) | Refused::Expired)), "{changed}: {refusal:?}");
        }
        let mut without = claims();
        without.as_object_mut().unwrap().remove(name);
        assert!(setting.tokens.verify(&forge(&header(), &without)).is_err(), "{without}");
    }
    let changes = [
        ("exp", json!(NOW + 61)),
        ("iat", json!(NOW - 1)),
        ("iss", json!("zst2")),
        ("aud", json!("zst")),
        ("extra", json!(1)),
        ("caller", json!({"kind": "admin"})),
        ("caller", json!({"kind": "guest", "role": "admin"})),
        ("caller", json!({"kind": "service", "name": "ordering", "role": "admin"})),
    ];
    for (name, value) in changes {
        let mut changed = claims();
        changed[name] = value;
        assert!(setting.tokens.verify(&forge(&header(), &changed)).is_err(), "{changed}");
    }
}

#[test]
fn a_changed_or_broken_token_is_refused() {
    let setting = with(&[NEW]);
    let token = setting.tokens.sign(&Caller::GUEST);
    let parts: Vec<&str> = token.split('.').collect();
    let admin = URL_SAFE_NO_PAD.encode(claims().to_string().replace("guest", "admin"));
    let broken = [
        String::new(),
        "..".to_owned(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{admin}.{}", parts[0], parts[2]),
        format!("{token}.x"),
        format!("{token}="),
        token[..token.len() - 1].to_owned(),
        "x".repeat(9_000),
    ];
    for text in broken {
        assert!(matches!(setting.tokens.verify(&text), Err(Refused::BadToken(_))), "{text}");
    }
}

#[test]
fn the_metadata_must_carry_exactly_one_token() {
    let setting = with(&[NEW]);
    let token = setting.tokens.sign(&seller());
    let request = |values: &[String]| {
        let mut request = Request::new(());
        for value in values {
            request.metadata_mut().append("authorization", value.parse().unwrap());
        }
        request
    };
    assert_eq!(setting.tokens.caller(&request(&[format!("Bearer {token}")])), Ok(seller()));
    assert_eq!(setting.tokens.caller(&request(&[format!("bearer {token}")])), Ok(seller()));
    assert_eq!(setting.tokens.token(&request(&[format!("Bearer {token}")])), Ok(token.clone()));
    let none = [vec![], vec![token.clone()], vec![format!("Basic {token}")], vec![format!("Bearer {token}"); 2]];
    for values in none {
        assert_eq!(setting.tokens.caller(&request(&values)), Err(Refused::NoToken), "{values:?}");
    }
    assert!(setting.tokens.caller(&request(&[format!("Bearer  {token}")])).is_err());
}

#[test]
fn weak_secrets_are_refused() {
    let clock = || DateTime::from_timestamp(NOW, 0).unwrap();
    assert_eq!(AccessTokens::new(["short"], clock).unwrap_err(), SecretError::Short);
    assert_eq!(AccessTokens::new([OLD, NEW, OLD], clock).unwrap_err(), SecretError::Count);
    assert_eq!(AccessTokens::new(Vec::<String>::new(), clock).unwrap_err(), SecretError::Count);
    assert!(!format!("{:?}", with(&[NEW]).tokens).contains("secret of"));
}
