//! The stand-in for Clerk, seen through HTTP and an independent verifier.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::prelude::{JWTClaims, RS256PublicKey, RSAPublicKeyLike, Token, VerificationOptions};
use local_market::clerk::{
    ClerkStandIn, Failing, SigningKeyChoice, StartError, TokenRequest, WebhookTarget, session_id, user_id,
};
use serde_json::{Map, Value, json};

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A folder of one test, gone with it.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("zst-local-clerk-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn jwks(clerk: &ClerkStandIn) -> Vec<Value> {
    let answer: Value = reqwest::get(clerk.jwks_url()).await.unwrap().json().await.unwrap();
    answer["keys"].as_array().unwrap().clone()
}

async fn post(url: String, body: Value) -> (u16, Value) {
    let answer = reqwest::Client::new().post(url).body(body.to_string()).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Verifies as the gateway would: the key by its `kid` from the served set.
async fn verify(clerk: &ClerkStandIn, token: &str) -> Result<JWTClaims<Map<String, Value>>, String> {
    let kid = Token::decode_metadata(token).unwrap().key_id().unwrap().to_owned();
    let keys = jwks(clerk).await;
    let key = keys.iter().find(|key| key["kid"] == kid.as_str()).ok_or("unknown kid")?;
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let key = RS256PublicKey::from_components(&part("n"), &part("e")).unwrap();
    let options = VerificationOptions {
        allowed_issuers: Some([clerk.url().to_owned()].into()),
        time_tolerance: Some(jwt_simple::prelude::Duration::from_secs(5)),
        ..VerificationOptions::default()
    };
    key.verify_token(token, Some(options)).map_err(|error| error.to_string())
}

/// Header or claims of a token, unverified.
fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_verifies_with_the_served_key_and_looks_like_clerks() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    let (status, answer) = post(format!("{}/tokens", clerk.url()), json!({ "user": "demo-customer" })).await;
    assert_eq!(status, 200);
    let token = answer["token"].as_str().unwrap();

    let verified = verify(&clerk, token).await.unwrap();
    assert_eq!(verified.subject.as_deref(), Some(user_id("demo-customer").as_str()));

    let claims = part(token, 1);
    assert_eq!(claims["iss"], clerk.url());
    assert_eq!(claims["sid"], session_id("demo-customer").as_str());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    assert_eq!(claims["iat"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 10);
    assert_eq!((&claims["v"], &claims["sts"]), (&json!(2), &json!("active")));
    assert!(claims["name"].is_string() && claims["email"].is_string() && claims["picture"].is_string());
    assert!(claims.get("azp").is_none() && claims.get("aud").is_none());
    assert!(
        claims["sub"].as_str().unwrap().starts_with("user_") && claims["sid"].as_str().unwrap().starts_with("sess_")
    );

    let header = part(token, 0);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let key = &jwks(&clerk).await[0];
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"], &key["e"]),
        (&json!("RSA"), &json!("sig"), &json!("RS256"), &json!("AQAB"))
    );
    assert!(key["kid"].as_str().unwrap().starts_with("ins_"));
}

#[tokio::test]
async fn without_a_market_nobody_takes_a_webhook() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    let (status, answer) = post(format!("{}/webhooks/send", clerk.url()), json!({ "type": "user.updated" })).await;
    assert_eq!(status, 503);
    assert!(answer["error"].is_string());
    clerk.send_webhooks_to(WebhookTarget {
        url: "http://127.0.0.1:1/api/v1/webhooks/clerk".to_owned(),
        secrets: vec!["whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM=".to_owned()],
    });
    let (status, _) = post(format!("{}/webhooks/send", clerk.url()), json!({ "type": "user.updated" })).await;
    assert_eq!(status, 502);
    let second = json!({ "type": "user.updated", "secret": "second" });
    let (status, _) = post(format!("{}/webhooks/send", clerk.url()), second).await;
    assert_eq!(status, 400, "there is only one");
}

#[tokio::test]
async fn further_members_replace_add_and_remove_claims_and_headers() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    let body = json!({
        "user": "someone", "ttl_seconds": 5, "azp": "https://shop.example", "sid": null, "sts": "pending",
        "typ": null, "jku": "https://evil.example/keys", "act": { "sub": "user_admin" }, "iss": "https://other.example",
    });
    let (_, answer) = post(format!("{}/tokens", clerk.url()), body).await;
    let token = answer["token"].as_str().unwrap();
    let (header, claims) = (part(token, 0), part(token, 1));
    assert_eq!(header["jku"], "https://evil.example/keys");
    assert!(header.get("typ").is_none());
    assert_eq!(claims["azp"], "https://shop.example");
    assert_eq!(claims["act"]["sub"], "user_admin");
    assert_eq!((&claims["sts"], &claims["iss"]), (&json!("pending"), &json!("https://other.example")));
    assert!(claims.get("sid").is_none() && claims.get("jku").is_none() && claims.get("ttl_seconds").is_none());
    assert!(claims.get("name").is_none(), "only the people of the demo market have a profile");
}

#[tokio::test]
async fn tokens_that_must_be_refused_do_not_verify() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    let wrong = [
        TokenRequest::new("mallory").ttl_seconds(-30),
        TokenRequest::new("mallory").with_broken_signature(),
        TokenRequest::new("mallory").signed_by(SigningKeyChoice::Foreign),
        TokenRequest::new("mallory").with("alg", "none"),
        TokenRequest::new("mallory").with("alg", "HS256"),
        TokenRequest::new("mallory").with("alg", "RS512"),
        TokenRequest::new("mallory").with("iss", "https://clerk.example"),
        TokenRequest::new("mallory").with("kid", "ins_unknown"),
    ];
    for request in wrong {
        assert!(verify(&clerk, &clerk.token(&request)).await.is_err(), "{request:?}");
    }
    assert!(clerk.token(&TokenRequest::new("mallory").with("alg", "none")).ends_with('.'));
    assert!(verify(&clerk, &clerk.token_for("mallory")).await.is_ok());
}

#[tokio::test]
async fn an_old_key_is_shown_until_it_is_dropped() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    let before = clerk.token_for("ali");
    let (status, _) = post(format!("{}/keys/rotate", clerk.url()), json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(jwks(&clerk).await.len(), 2);
    let after = clerk.token_for("ali");
    assert_ne!(part(&before, 0)["kid"], part(&after, 0)["kid"]);
    for token in [&before, &after, &clerk.token(&TokenRequest::new("ali").signed_by(SigningKeyChoice::Previous))] {
        verify(&clerk, token).await.unwrap();
    }

    let (_, answer) = post(format!("{}/keys/rotate", clerk.url()), json!({ "drop_old": true })).await;
    assert_eq!(answer["jwks"]["keys"].as_array().unwrap().len(), 1);
    assert_eq!(verify(&clerk, &after).await.unwrap_err(), "unknown kid");
    verify(&clerk, &clerk.token_for("ali")).await.unwrap();
}

#[tokio::test]
async fn keys_kept_in_a_folder_outlive_a_run() {
    let folder = Folder::new("kept");
    let first = ClerkStandIn::start_with_keys_in(any_port(), &folder.0).unwrap();
    first.rotate_keys().unwrap();
    let shown = jwks(&first).await;
    drop(first);
    let second = ClerkStandIn::start_with_keys_in(any_port(), &folder.0).unwrap();
    assert_eq!(jwks(&second).await, shown);
    assert_eq!(part(&second.token_for("ali"), 0)["kid"], shown[1]["kid"]);
    second.drop_old_keys().unwrap();
    assert_eq!(jwks(&second).await, shown[1..]);
    drop(second);
    let third = ClerkStandIn::start_with_keys_in(any_port(), &folder.0).unwrap();
    assert_eq!(jwks(&third).await, shown[1..]);
}

#[tokio::test]
async fn the_key_set_fails_as_told_and_its_requests_are_counted() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    clerk.set_failing(Some(Failing::ServerError));
    assert_eq!(reqwest::get(clerk.jwks_url()).await.unwrap().status(), 500);
    clerk.set_failing(Some(Failing::Empty));
    assert_eq!(jwks(&clerk).await, Vec::<Value>::new());
    clerk.set_failing(Some(Failing::Garbage));
    assert!(reqwest::get(clerk.jwks_url()).await.unwrap().json::<Value>().await.is_err());
    clerk.set_failing(Some(Failing::Slow(Duration::from_secs(3600))));
    let impatient = reqwest::Client::builder().timeout(Duration::from_millis(200)).build().unwrap();
    assert!(impatient.get(clerk.jwks_url()).send().await.unwrap_err().is_timeout());
    clerk.set_failing(None);
    assert_eq!(jwks(&clerk).await.len(), 1);
    assert_eq!(clerk.jwks_requests(), 5);
}

#[tokio::test]
async fn a_bad_request_is_told_what_is_wrong() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    for (body, named) in [
        (json!({}), "user"),
        (json!({ "user": "" }), "user"),
        (json!({ "user": "a", "ttl_seconds": "60" }), "ttl_seconds"),
        (json!({ "user": "a", "signing_key": "mine" }), "signing_key"),
        (json!([1]), "JSON object"),
    ] {
        let (status, answer) = post(format!("{}/tokens", clerk.url()), body).await;
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().contains(named), "{answer}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named_and_a_stopped_one_is_free_again() {
    let clerk = ClerkStandIn::start(any_port()).unwrap();
    let address = clerk.address();
    let error = ClerkStandIn::start(address).unwrap_err();
    assert!(matches!(error, StartError::PortTaken { .. }));
    assert!(error.to_string().contains(&address.port().to_string()));
    reqwest::get(clerk.jwks_url()).await.unwrap();
    drop(clerk);
    ClerkStandIn::start(address).unwrap();
}
