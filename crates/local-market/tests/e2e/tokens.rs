//! api.md 2.7: whose token is believed (SEC-02 to SEC-12).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use local_market::clerk::{Failing, SigningKeyChoice, TokenRequest};
use serde_json::{Value, json};

use crate::harness::databases::{execute, number};
use crate::harness::{Findings, Market, checkout, eventually, new_product};

const NAME: &str = "amina-haddad";

fn now() -> i64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed()
}

/// Token, name of the case, the code that refuses it (none: it is accepted).
fn cases(market: &Market) -> Vec<(String, TokenRequest, Option<&'static str>)> {
    const NO: Option<&str> = Some("UNAUTHORIZED");
    let mut cases = Vec::new();
    let token = || market.token_request(NAME);
    let mut case = |name: &str, token, refused| cases.push((name.to_owned(), token, refused));
    case("a good token", token(), None);
    for alg in ["none", "None", "nOnE", "HS256", "RS384", "RS512", "rs256", ""] {
        case(&format!("alg {alg}"), token().with("alg", alg), NO);
    }
    case("no alg", token().without("alg"), NO);
    case("typ JOSE", token().with("typ", "JOSE"), NO);
    case("typ at+jwt", token().with("typ", "at+jwt"), NO);
    case("no typ", token().without("typ"), None);
    case("cat of a template", token().with("cat", "cl_B7d4PD222AAA"), NO);
    case("no cat", token().without("cat"), None);
    case("no kid", token().without("kid"), NO);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "http://127.0.0.1:1/key", "a\u{0}b", ""] {
        case(&format!("kid {kid:?}"), token().with("kid", kid), NO);
    }
    case("kid of 6 kB", token().with("kid", "k".repeat(6_000)), NO);
    case("kid is a number", token().with("kid", 7), NO);
    for header in ["jku", "x5u"] {
        case(header, token().with(header, format!("{}/keys", market.clerk.url())), None);
    }
    // Not ignored but refused: no token of Clerk's carries a key.
    case("jwk", token().with("jwk", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })), NO);
    case("x5c", token().with("x5c", json!(["AAAA"])), None);
    case("jku with a key that is not ours", token().with("jku", "http://x").signed_by(SigningKeyChoice::Foreign), NO);
    case("signed by a stranger", token().signed_by(SigningKeyChoice::Foreign), NO);
    case("one bit of the signature changed", token().with_broken_signature(), NO);

    for iss in ["http://evil.example", &format!("{}/", market.clerk.url()), &market.clerk.url().to_uppercase(), ""] {
        case(&format!("iss {iss}"), token().with("iss", iss), NO);
    }
    case("iss list", token().with("iss", json!([market.clerk.url()])), NO);
    case("no iss", token().without("iss"), NO);

    case("expired", token().ttl_seconds(-20), Some("TOKEN_EXPIRED"));
    case("expired within the skew", token().ttl_seconds(-2), None);
    case("exp long ago", token().ttl_seconds(-100_000), Some("TOKEN_EXPIRED"));
    case("nbf ahead", token().with("nbf", now() + 60), NO);
    case("nbf within the skew", token().with("nbf", now() + 2), None);
    case("iat ahead", token().with("iat", now() + 60), NO);
    case("iat within the skew", token().with("iat", now() + 2), None);
    for claim in ["exp", "nbf", "iat"] {
        case(&format!("no {claim}"), token().without(claim), NO);
        let right = if claim == "exp" { now() + 60 } else { now() - 60 };
        let fraction = serde_json::Number::from_f64(right as f64 + 0.5).unwrap();
        for wrong in [json!(right.to_string()), json!(fraction), json!(1e300), json!([right]), json!(true), json!({})] {
            case(&format!("{claim} {wrong}"), token().with(claim, wrong), NO);
        }
    }

    for claim in ["sub", "sid"] {
        let start = if claim == "sub" { "user_" } else { "sess_" };
        case(&format!("no {claim}"), token().without(claim), NO);
        for wrong in [json!(""), json!(7), json!(["x"]), json!(format!("{start}{}", "x".repeat(124)))] {
            case(&format!("{claim} {wrong}"), token().with(claim, wrong), NO);
        }
    }
    case("sid of 128 characters", token().with("sid", format!("sess_{}", "x".repeat(123))), None);
    case("sid of a template", token().with("sid", "tmpl_123"), NO);

    case("azp of our page", token().with("azp", "https://app.zst.dz"), None);
    for azp in ["https://evil.example", "https://app.zst.dz.evil.example", "https://app.zst.dz/", ""] {
        case(&format!("azp {azp}"), token().with("azp", azp), NO);
    }
    case("azp list", token().with("azp", json!(["https://app.zst.dz"])), NO);
    case("sts active", token().with("sts", "active"), None);
    case("no sts", token().without("sts"), None);
    case("sts pending", token().with("sts", "pending"), Some("SESSION_PENDING"));
    // Role and category are never taken from a token.
    case("claims of power", token().with("role", "admin").with("metadata", json!({ "role": "admin" })), None);
    cases
}

#[tokio::test]
async fn a_token_is_believed_only_when_all_of_it_is_right() {
    let market = Market::start().await;
    market.user(NAME).await;
    let mut findings = Findings::default();
    let fetches = market.clerk.jwks_requests();
    for (name, request, refused) in cases(&market) {
        let caller = market.guest().with_token(Some(&market.clerk.token(&request)));
        // Also where anyone may come in: nobody acts as a guest by accident.
        for path in ["/auth/me", "/products"] {
            let reply = caller.get(path).await;
            match refused {
                None => findings.status(&format!("{name} at {path}"), &reply, 200),
                Some(code) => {
                    findings.refused(&format!("{name} at {path}"), &reply, 401, code);
                    findings.equal(&name, reply.header("www-authenticate"), Some("Bearer"));
                }
            }
        }
        if name == "claims of power" {
            findings.equal(&name, caller.get("/auth/me").await.body["role"].clone(), json!("customer"));
        }
    }
    // All those unknown kids together: one fetch, and nowhere else.
    findings.check(market.clerk.jwks_requests() <= fetches + 1, || "keys were fetched for unknown kids".to_owned());
    findings.equal("no account was made", number(&market.databases.identity, "SELECT count(*) FROM users").await, 1);
}

#[tokio::test]
async fn a_token_comes_in_one_header_and_in_one_form() {
    let market = Market::start().await;
    let token = market.token(NAME);
    let mut findings = Findings::default();
    let long = format!("{token}{}", "x".repeat(8 * 1024));
    let parts: Vec<&str> = token.split('.').collect();
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let padded = format!("{token}=");
    let other_claims = URL_SAFE_NO_PAD.encode(json!({ "sub": "user_2other" }).to_string());
    let swapped = format!("{}.{other_claims}.{}", parts[0], parts[2]);
    let lines = [
        (format!("Authorization: Bearer {token}\r\n"), vec![200]),
        (format!("authorization: bearer {token}\r\n"), vec![200]),
        (format!("Authorization: BEARER {token}\r\n"), vec![200]),
        (format!("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n"), vec![401, 400]),
        (format!("Authorization: Bearer  {token}\r\n"), vec![401]),
        (format!("Authorization: Bearer {token} {token}\r\n"), vec![401]),
        (format!("Authorization: Bearer\t{token}\r\n"), vec![401, 400]),
        (format!("Authorization: Basic {token}\r\n"), vec![401]),
        (format!("Authorization: {token}\r\n"), vec![401]),
        ("Authorization: Bearer\r\n".to_owned(), vec![401]),
        ("Authorization: \r\n".to_owned(), vec![401]),
        (format!("Authorization: Bearer {long}\r\n"), vec![401, 431]),
        (format!("Authorization: Bearer {}\r\n", "x".repeat(20_000)), vec![401, 431]),
        (format!("Authorization: Bearer {unsigned}\r\n"), vec![401]),
        (format!("Authorization: Bearer {padded}\r\n"), vec![401]),
        (format!("Authorization: Bearer {swapped}\r\n"), vec![401]),
        (format!("Authorization: Bearer {}\r\n", parts[1]), vec![401]),
        ("Authorization: Bearer a.b.c.d\r\n".to_owned(), vec![401]),
        ("Authorization: Bearer ..\r\n".to_owned(), vec![401]),
        (format!("Cookie: __session={token}\r\n"), vec![401]),
        (format!("X-User-Id: {token}\r\nX-Role: admin\r\nX-Internal-User: 1\r\n"), vec![401]),
        (format!("Proxy-Authorization: Bearer {token}\r\n"), vec![401]),
    ];
    for (line, wanted) in lines {
        let (status, answer) = market.raw_path("GET", "/api/v1/auth/me", &line).await;
        let shown: String = line.chars().take(60).collect();
        findings.check(wanted.contains(&status), || format!("{shown}: {answer}"));
    }
    for name in ["token", "access_token", "__session"] {
        let (status, _) = market.raw_path("GET", &format!("/api/v1/auth/me?{name}={token}"), "").await;
        findings.equal("a token in the query", status, 401);
    }
}

#[tokio::test]
async fn in_somebody_elses_name_one_may_only_look() {
    let market = Market::start().await;
    let request = market.token_request(NAME).with("act", json!({ "sub": "user_support" }));
    let caller = market.guest().with_token(Some(&market.clerk.token(&request)));
    caller.get("/cart").await.expect(200);
    caller.get("/products").await.expect(200);
    caller.delete("/cart").await.refused(403, "FORBIDDEN");
    caller.patch("/users/me", json!({ "bio": "x" })).await.refused(403, "FORBIDDEN");
    let product = "0192f6a2-0000-7000-8000-000000000000";
    caller.post("/orders", checkout(&[(product, 1)])).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn keys_are_rotated_and_fetched_sparingly() {
    let market = Market::start().await;
    let caller = |name: &str| market.guest().with_token(Some(&market.token(name)));
    caller("first").get("/auth/me").await.expect(200);
    let before = market.clerk.jwks_requests();
    market.clerk.rotate_keys().unwrap();
    caller("second").get("/auth/me").await.expect(200);
    assert_eq!(market.clerk.jwks_requests(), before + 1, "an unknown key is fetched at once");
    let previous = market.clerk.token(&market.token_request("third").signed_by(SigningKeyChoice::Previous));
    market.guest().with_token(Some(&previous)).get("/auth/me").await.expect(200);

    let strangers = (0..300).map(|index| {
        let token = market.clerk.token(&market.token_request("x").with("kid", format!("ins_{index}")));
        market.guest().with_token(Some(&token))
    });
    let strangers: Vec<_> = strangers.collect();
    for crowd in strangers.chunks(30) {
        let replies = join_all(crowd.iter().map(|stranger| stranger.get("/auth/me"))).await;
        assert!(replies.iter().all(|reply| reply.status == 401));
    }
    assert!(market.clerk.jwks_requests() <= before + 1, "within 30 s no second fetch");
    caller("second").get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn known_keys_stay_good_while_clerk_fails() {
    let market = Market::start_with(&[
        ("GATEWAY_RATE_LIMIT_FACTOR", "1000"),
        ("GATEWAY_KEYS_REFRESH", "100ms"),
        ("GATEWAY_KEYS_COOL_DOWN", "100ms"),
    ])
    .await;
    let known = market.user(NAME).await;
    let failures = [Failing::ServerError, Failing::Empty, Failing::Garbage, Failing::Slow(Duration::from_secs(3))];
    for failing in failures {
        market.clerk.set_failing(Some(failing));
        let before = market.clerk.jwks_requests();
        eventually(Duration::from_secs(10), async || market.clerk.jwks_requests() > before).await;
        known.get("/auth/me").await.expect(200);
        let new = market.token_request("x").with("kid", "ins_unknown");
        let new = market.guest().with_token(Some(&market.clerk.token(&new)));
        new.get("/auth/me").await.refused(401, "UNAUTHORIZED");
    }
    market.clerk.set_failing(None);
    market.clerk.rotate_keys().unwrap();
    let new = market.guest().with_token(Some(&market.token("after")));
    eventually(Duration::from_secs(10), async || new.get("/auth/me").await.status == 200).await;
    market.clerk.drop_old_keys().unwrap();
}

#[tokio::test]
async fn first_requests_at_once_make_one_account() {
    let market = Market::start().await;
    let token = market.token("yacine-brahimi");
    let callers: Vec<_> = (0..12).map(|_| market.guest().with_token(Some(&token))).collect();
    let replies = join_all(callers.iter().map(|caller| caller.get("/auth/me"))).await;
    let ids: std::collections::BTreeSet<String> =
        replies.into_iter().map(|reply| reply.expect(200).text("id")).collect();
    assert_eq!(ids.len(), 1);
    let count = "SELECT count(*) FROM users";
    assert_eq!(number(&market.databases.identity, count).await, 1);
    let events = "SELECT count(*) FROM outbox WHERE name LIKE '%user_registered%'";
    assert_eq!(number(&market.databases.identity, events).await, 1);
    let me = callers[0].get("/auth/me").await.expect(200);
    assert_eq!(me.body["full_name"], "Yacine Brahimi");
    assert_eq!(me.body["role"], "customer");
}

#[tokio::test]
async fn accounts_that_are_gone_or_switched_off_are_refused_within_seconds() {
    let market = Market::start().await;
    let seller = market.seller("souk-el-fellah", "grossiste").await;
    seller.post("/products", new_product(json!({}))).await.expect(201);
    market.ban(&seller).await;
    let mut findings = Findings::default();
    for path in ["/auth/me", "/cart", "/products", "/seller/products"] {
        findings.refused(path, &seller.get(path).await, 403, "ACCOUNT_DISABLED");
    }
    findings.refused("POST", &seller.post("/products", json!({})).await, 403, "ACCOUNT_DISABLED");
    seller.get("/health").await.expect(200);

    let gone = market.user("gone").await;
    let sql = format!(
        "UPDATE users SET deleted_at = now(), full_name = 'Deleted user', email = NULL WHERE id = '{}'",
        gone.id
    );
    execute(&market.databases.identity, &sql).await;
    // Nobody was told: known callers are asked for again after five seconds.
    eventually(Duration::from_secs(8), async || gone.get("/products").await.status == 401).await;
    let reply: Value = gone.get("/products").await.refused(401, "UNAUTHORIZED").body;
    assert_eq!(reply["code"], "UNAUTHORIZED");
}
