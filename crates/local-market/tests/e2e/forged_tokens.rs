//! SEC-02, SEC-03 and SEC-09: tokens that nobody at Clerk has signed, a few well made and very many.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{StreamExt, stream};
use hmac::{Hmac, Mac};
use rsa::pkcs1::{EncodeRsaPublicKey, LineEnding};
use rsa::pkcs8::EncodePublicKey;
use rsa::{BigUint, RsaPublicKey};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{Findings, Market};

const FLOOD: usize = 10_000;
const AT_A_TIME: usize = 8;

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The header and the claims of a genuine token.
fn taken_apart(token: &str) -> (Value, Value) {
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let mut parts = token.split('.');
    (read(parts.next().unwrap()), read(parts.next().unwrap()))
}

/// The public key in every form in which somebody may have it.
async fn published_key(market: &Market) -> Vec<(&'static str, Vec<u8>)> {
    let set: Value = reqwest::get(market.clerk.jwks_url()).await.unwrap().json().await.unwrap();
    let jwk = &set["keys"][0];
    let number = |name: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let key = RsaPublicKey::new(number("n"), number("e")).unwrap();
    vec![
        ("PEM", key.to_public_key_pem(LineEnding::LF).unwrap().into_bytes()),
        ("PKCS#1 PEM", key.to_pkcs1_pem(LineEnding::LF).unwrap().into_bytes()),
        ("DER", key.to_public_key_der().unwrap().into_vec()),
        ("PKCS#1 DER", key.to_pkcs1_der().unwrap().into_vec()),
        ("JWK", jwk.to_string().into_bytes()),
        ("modulus", URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap()),
        ("modulus as it is written", jwk["n"].as_str().unwrap().as_bytes().to_vec()),
        ("nothing", Vec::new()),
    ]
}

#[tokio::test]
async fn what_everybody_knows_is_no_secret_to_sign_with() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let genuine = market.token("amina-haddad");
    let (header, claims) = taken_apart(&genuine);
    for (form, secret) in published_key(&market).await {
        for algorithm in ["HS256", "HS384", "HS512", "RS256"] {
            let mut header = header.clone();
            header["alg"] = json!(algorithm);
            let message = format!("{}.{}", part(&header), part(&claims));
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            mac.update(message.as_bytes());
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
            let reply = market.guest().with_token(Some(&token)).get("/auth/me").await;
            findings.refused(&format!("{algorithm} by the {form}"), &reply, 401, "UNAUTHORIZED");
        }
    }
    for algorithm in ["none", "None", "NONE", "nOnE", "RS256", ""] {
        let mut header = header.clone();
        header["alg"] = json!(algorithm);
        for signature in ["", "AA", genuine.rsplit('.').next().unwrap()] {
            let token = format!("{}.{}.{signature}", part(&header), part(&claims));
            let reply = market.guest().with_token(Some(&token)).get("/auth/me").await;
            let is_genuine = token == genuine;
            findings.check(is_genuine || reply.status == 401, || format!("{algorithm} signed `{signature}`"));
        }
    }
    market.guest().with_token(Some(&genuine)).get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_and_nobody_a_wait() {
    let market = Market::start().await;
    let (amina, rym) = (market.user("amina").await, market.user("rym").await);
    let (header, claims) = taken_apart(amina.token());
    let fetches = market.clerk.jwks_requests();
    let flood = stream::iter(0..FLOOD).for_each_concurrent(AT_A_TIME, |number| {
        let mut header = header.clone();
        header["kid"] = json!(format!("ins_flood_{number}"));
        let stranger = market.guest().with_token(Some(&format!("{}.{}.AAAA", part(&header), part(&claims))));
        async move { assert_eq!(stranger.get("/auth/me").await.status, 401) }
    });
    let mut waits = Vec::new();
    let known = async {
        for caller in [&amina, &rym].into_iter().cycle().take(200) {
            let began = Instant::now();
            caller.get("/auth/me").await.expect(200);
            waits.push(began.elapsed());
        }
    };
    tokio::join!(flood, known);
    waits.sort();
    let p99 = waits[waits.len() * 99 / 100];
    assert!(p99 < Duration::from_millis(500), "those whom Clerk knows wait {p99:?}");
    assert!(market.clerk.jwks_requests() <= fetches + 1, "{} fetches", market.clerk.jwks_requests() - fetches);
    // Good keys were not driven out.
    market.user("yacine").await.get("/auth/me").await.expect(200);
}
