//! Rate limits with a real Redis: alive, dead, hung, and shared by two gateways.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::rate_limit::redis::Redis;
use gateway::rate_limit::{Claim, Limits, RateLimiter, Rule, Verdict};
use local_servers::{Kind, Server};
use test_support::{TestRedis, eventually};

const BY_ADDRESS: Claim = Claim { rule: Rule::Anonymous, subject: 7 };
const BY_ACCOUNT: Claim = Claim { rule: Rule::SignedIn, subject: 8 };
const TRACKING: Claim = Claim { rule: Rule::TrackOrder, subject: 7 };

fn limiter(redis: &TestRedis) -> RateLimiter {
    limiter_at(redis.url(), redis.prefix(), &Limits::default())
}

fn limiter_at(url: &str, prefix: &str, limits: &Limits) -> RateLimiter {
    RateLimiter::new(limits, Arc::new(Redis::new(url).unwrap()), prefix)
}

async fn admitted(limiter: &RateLimiter, claim: Claim, requests: usize) -> usize {
    let mut admitted = 0;
    for _ in 0..requests {
        admitted += usize::from(limiter.admit(Some(claim), &[]).await.wait.is_none());
    }
    admitted
}

/// Places that became free while a test ran.
fn freed(since: Instant, rule_seconds: f64) -> usize {
    (since.elapsed().as_secs_f64() / rule_seconds).ceil() as usize
}

fn remaining(verdict: &Verdict) -> u64 {
    verdict.standing.unwrap().remaining
}

#[tokio::test]
async fn a_caller_gets_the_limit_and_is_told_how_much_is_left() {
    let redis = TestRedis::new();
    let limiter = limiter(&redis);
    let first = limiter.admit(Some(BY_ADDRESS), &[]).await;
    assert_eq!((first.standing.unwrap().limit, remaining(&first)), (60, 59));
    let began = Instant::now();
    let rest = admitted(&limiter, BY_ADDRESS, 100).await;
    assert!((59..=59 + freed(began, 1.0)).contains(&rest), "{rest}");
    let refused = limiter.admit(Some(BY_ADDRESS), &[]).await;
    assert_eq!(remaining(&refused), 0);
    assert!(refused.wait.unwrap() <= Duration::from_secs(1));
    assert_eq!(admitted(&limiter, BY_ACCOUNT, 1).await, 1, "another count");
}

#[tokio::test]
async fn two_gateways_share_one_count() {
    let redis = TestRedis::new();
    let (one, other) = (limiter(&redis), limiter(&redis));
    let began = Instant::now();
    let mut sum = 0;
    for _ in 0..60 {
        sum += admitted(&one, BY_ADDRESS, 1).await + admitted(&other, BY_ADDRESS, 1).await;
    }
    // Nothing too much; at most one block of three too few for each that holds one.
    assert!((54..=60 + freed(began, 1.0)).contains(&sum), "{sum}");
}

#[tokio::test]
async fn callers_at_the_same_time_do_not_get_more() {
    let redis = TestRedis::new();
    let limiter = limiter(&redis);
    let began = Instant::now();
    let all = (0..300).map(|_| limiter.admit(Some(BY_ACCOUNT), &[]));
    let verdicts = futures::future::join_all(all).await;
    let sum = verdicts.iter().filter(|verdict| verdict.wait.is_none()).count();
    assert!((100..=100 + freed(began, 0.6)).contains(&sum), "{sum}");
}

#[tokio::test]
async fn what_was_taken_in_advance_is_given_back() {
    let redis = TestRedis::new();
    let (one, other) = (Arc::new(limiter(&redis)), limiter(&redis));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // The third request takes a block of two or more, and leaves some of it.
    admitted(&one, BY_ADDRESS, 4).await;
    stop.send(()).unwrap();
    one.give_back(async { stopped.await.unwrap() }).await;
    let verdict = other.admit(Some(BY_ADDRESS), &[]).await;
    assert!(remaining(&verdict) >= 55, "{verdict:?}");
}

#[tokio::test]
async fn a_strict_rule_counts_beside_the_class_and_a_refusal_uses_nothing() {
    let redis = TestRedis::new();
    let limiter = limiter(&redis);
    for left in (0..10).rev() {
        let verdict = limiter.admit(Some(BY_ADDRESS), &[TRACKING]).await;
        assert!(verdict.wait.is_none());
        assert_eq!((verdict.standing.unwrap().limit, remaining(&verdict)), (10, left));
    }
    for _ in 0..20 {
        assert!(limiter.admit(Some(BY_ADDRESS), &[TRACKING]).await.wait.is_some());
    }
    let class = limiter.admit(Some(BY_ADDRESS), &[]).await;
    assert_eq!(remaining(&class), 49);
}

#[tokio::test]
async fn admins_are_not_counted() {
    let redis = TestRedis::new();
    assert_eq!(limiter(&redis).admit(None, &[]).await, Verdict { standing: None, wait: None });
}

#[tokio::test]
async fn the_factor_multiplies_classes_and_not_strict_rules() {
    let redis = TestRedis::new();
    let limits = Limits { factor: 1_000.0, ..Limits::default() };
    let limiter = limiter_at(redis.url(), redis.prefix(), &limits);
    assert_eq!(limiter.admit(Some(BY_ADDRESS), &[]).await.standing.unwrap().limit, 60_000);
    assert_eq!(limiter.admit(None, &[TRACKING]).await.standing.unwrap().limit, 10);
    assert_eq!(admitted(&limiter, BY_ADDRESS, 5_000).await, 5_000);
}

#[tokio::test]
async fn without_redis_a_gateway_limits_alone() {
    // Nobody listens there.
    let limiter = limiter_at("redis://127.0.0.1:9", "", &Limits::default());
    let began = Instant::now();
    let sum = admitted(&limiter, BY_ADDRESS, 200).await;
    assert!((60..=60 + freed(began, 1.0)).contains(&sum), "{sum}");
    let mut strict = 0;
    for _ in 0..30 {
        strict += usize::from(limiter.admit(None, &[TRACKING]).await.wait.is_none());
    }
    assert!((10..=10 + freed(began, 6.0)).contains(&strict), "{strict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_redis_costs_little_and_one_that_returns_is_used_again() {
    let server = tokio::task::spawn_blocking(|| Server::temporary(Kind::Redis).unwrap()).await.unwrap();
    let limiter = limiter_at(&server.url(), "", &Limits::default());
    assert_eq!(remaining(&limiter.admit(Some(BY_ADDRESS), &[]).await), 59);
    server.freeze().unwrap();
    let began = Instant::now();
    let sum = admitted(&limiter, BY_ADDRESS, 100).await;
    assert!((59..=59 + freed(began, 1.0)).contains(&sum), "goes on from what it knew: {sum}");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    server.thaw().unwrap();
    let other = limiter_at(&server.url(), "", &Limits::default());
    // A place that the first takes at Redis is one that the other does not see free.
    eventually(Duration::from_secs(10), async || {
        admitted(&limiter, BY_ACCOUNT, 1).await;
        remaining(&other.admit(Some(BY_ACCOUNT), &[]).await) < 95
    })
    .await;
}
