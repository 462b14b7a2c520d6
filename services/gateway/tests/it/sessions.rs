//! Tokens against a key set over HTTP.

use std::time::Duration;

use gateway::session::Sessions;
use gateway::session::claims::{Expected, Refusal};
use gateway::session::keys::{KeyTimes, Keys};
use serde_json::json;

use crate::clerk::{FakeClerk, sign};

const NOW: i64 = 1_790_000_000;

fn sessions(clerk: &FakeClerk, times: KeyTimes) -> Sessions {
    let expected = Expected { issuer: clerk.issuer(), authorized_parties: vec!["https://shop.test".to_owned()] };
    Sessions::new(expected, Keys::new(clerk.jwks_url(), times).unwrap())
}

#[tokio::test]
async fn a_genuine_token_is_accepted_and_its_key_fetched_once() {
    let clerk = FakeClerk::start("ins_1").await;
    let sessions = sessions(&clerk, KeyTimes::default());
    assert!(sessions.can_check());
    for _ in 0..3 {
        let session = sessions.check(&clerk.token("ins_1", NOW, json!({})), NOW).await.unwrap();
        assert_eq!(session.claims.subject, "user_1");
    }
    assert_eq!(clerk.asked(), 1);
}

#[tokio::test]
async fn a_kept_token_still_expires() {
    let clerk = FakeClerk::start("ins_1").await;
    let sessions = sessions(&clerk, KeyTimes::default());
    let token = clerk.token("ins_1", NOW, json!({}));
    sessions.check(&token, NOW).await.unwrap();
    assert!(sessions.check(&token, NOW + 64).await.is_ok());
    assert_eq!(sessions.check(&token, NOW + 65).await.err(), Some(Refusal::Expired));
}

#[tokio::test]
async fn forgeries_are_refused() {
    let clerk = FakeClerk::start("ins_1").await;
    let sessions = sessions(&clerk, KeyTimes::default());
    let good = clerk.token("ins_1", NOW, json!({}));
    let other = clerk.token("ins_1", NOW, json!({"sub": "user_2"}));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (other_head, _) = other.rsplit_once('.').unwrap();
    let claims =
        json!({"iss": clerk.issuer(), "sub": "user_1", "sid": "sess_1", "iat": NOW, "nbf": NOW, "exp": NOW + 60});
    let forgeries = [
        format!("{other_head}.{signature}"),
        format!("{head}."),
        format!("{head}.{}", &signature[1..]),
        format!("{good}.x"),
        sign(&json!({"alg": "HS256", "typ": "JWT", "kid": "ins_1"}), &claims),
        sign(&json!({"alg": "RS256", "typ": "JWT", "kid": "for-encryption"}), &claims),
        sign(&json!({"alg": "RS256", "typ": "JWT", "kid": "../../etc/passwd"}), &claims),
        format!("{good}{}", "x".repeat(8_192)),
    ];
    for forgery in forgeries {
        assert_eq!(sessions.check(&forgery, NOW).await.err(), Some(Refusal::Unauthorized), "{forgery}");
    }
    assert!(sessions.check(&good, NOW).await.is_ok());
}

#[tokio::test]
async fn a_header_that_names_keys_elsewhere_fetches_nothing_there() {
    let clerk = FakeClerk::start("ins_1").await;
    let elsewhere = FakeClerk::start("evil").await;
    let sessions = sessions(&clerk, KeyTimes::default());
    let claims =
        json!({"iss": clerk.issuer(), "sub": "user_1", "sid": "sess_1", "iat": NOW, "nbf": NOW, "exp": NOW + 60});
    let header = json!({"alg": "RS256", "kid": "evil", "jku": elsewhere.jwks_url(), "x5u": elsewhere.jwks_url()});
    assert_eq!(sessions.check(&sign(&header, &claims), NOW).await.err(), Some(Refusal::Unauthorized));
    assert_eq!((clerk.asked(), elsewhere.asked()), (1, 0));
}

#[tokio::test]
async fn unknown_keys_share_one_fetch_and_then_a_pause() {
    let clerk = FakeClerk::start("ins_1").await;
    let sessions = sessions(&clerk, KeyTimes::default());
    let tokens: Vec<String> = (0..200).map(|number| clerk.token(&format!("ins_x{number}"), NOW, json!({}))).collect();
    let all = tokens.iter().map(|token| sessions.check(token, NOW));
    let refused = futures::future::join_all(all).await;
    assert!(refused.iter().all(|refused| refused.is_err()));
    assert_eq!(clerk.asked(), 1);
    assert!(sessions.check(&clerk.token("ins_1", NOW, json!({})), NOW).await.is_ok());
}

#[tokio::test]
async fn a_rotated_key_is_fetched_and_a_removed_one_is_dead() {
    let clerk = FakeClerk::start("ins_1").await;
    let times = KeyTimes { unknown_key_cool_down: Duration::ZERO, ..KeyTimes::default() };
    let sessions = sessions(&clerk, times);
    sessions.keys.refresh().await.unwrap();
    clerk.serve_key("ins_2");
    assert!(sessions.check(&clerk.token("ins_2", NOW, json!({})), NOW).await.is_ok());
    let old = sessions.check(&clerk.token("ins_1", NOW, json!({})), NOW).await;
    assert_eq!(old.err(), Some(Refusal::Unauthorized));
}

#[tokio::test]
async fn keys_stay_while_clerk_answers_nonsense() {
    let clerk = FakeClerk::start("ins_1").await;
    let sessions = sessions(&clerk, KeyTimes::default());
    sessions.keys.refresh().await.unwrap();
    let large = format!("{{\"keys\":[\"{}\"]}}", "x".repeat(300_000));
    for (status, body) in [(500, "{}"), (200, ""), (200, "{\"keys\":[]}"), (200, "[]"), (200, &large), (302, "")] {
        clerk.answer(status, body);
        assert!(sessions.keys.refresh().await.is_err(), "{status} {}", body.len());
        assert!(sessions.check(&clerk.token("ins_1", NOW, json!({})), NOW).await.is_ok());
    }
}

#[tokio::test]
async fn keys_are_not_good_for_ever_without_clerk() {
    let clerk = FakeClerk::start("ins_1").await;
    let times = KeyTimes { stale_for: Duration::ZERO, ..KeyTimes::default() };
    let sessions = sessions(&clerk, times);
    sessions.keys.refresh().await.unwrap();
    let stale = sessions.check(&clerk.token("ins_1", NOW, json!({})), NOW).await;
    assert_eq!(stale.err(), Some(Refusal::Unauthorized));
}
