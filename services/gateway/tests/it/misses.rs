//! Guessing at orders.

use std::sync::Arc;
use std::time::Duration;

use gateway::rate_limit::misses::Misses;
use gateway::rate_limit::redis::Redis;
use test_support::TestRedis;

fn misses(url: &str, prefix: &str, instance: u128) -> Misses {
    Misses::new(Arc::new(Redis::new(url).unwrap()), prefix, b"a secret", instance)
}

async fn five_misses_stop(one: &Misses, other: &Misses) {
    for number in 0..5 {
        one.attempt("0555000001", &format!("ZST-{number}"), number).await.unwrap();
    }
    let wait = other.attempt("0555000001", "ZST-right", 99).await.unwrap_err();
    assert!(wait > Duration::from_secs(590) && wait <= Duration::from_secs(600), "{wait:?}");
    assert!(other.attempt("0555000002", "ZST-right", 99).await.is_ok(), "another phone");
}

#[tokio::test]
async fn five_misses_of_a_phone_stop_it_at_every_gateway() {
    let redis = TestRedis::new();
    five_misses_stop(&misses(redis.url(), redis.prefix(), 1), &misses(redis.url(), redis.prefix(), 2)).await;
}

#[tokio::test]
async fn without_redis_five_misses_stop_it_here() {
    let alone = misses("redis://127.0.0.1:9", "", 1);
    five_misses_stop(&alone, &alone).await;
}

#[tokio::test]
async fn hits_do_not_count() {
    let redis = TestRedis::new();
    let misses = misses(redis.url(), redis.prefix(), 1);
    for _ in 0..20 {
        let attempt = misses.attempt("0555000001", "ZST-1", 1).await.unwrap();
        misses.forget(attempt).await;
    }
}

#[tokio::test]
async fn numbers_and_addresses_are_stopped_too() {
    let redis = TestRedis::new();
    let misses = misses(redis.url(), redis.prefix(), 1);
    for phone in 0..5 {
        misses.attempt(&format!("055500000{phone}"), "ZST-1", 7).await.unwrap();
    }
    assert!(misses.attempt("0666000000", "ZST-1", 8).await.is_err(), "the number");
    assert!(misses.attempt("0666000000", "ZST-2", 7).await.is_err(), "the address");
    assert!(misses.attempt("0666000000", "ZST-2", 8).await.is_ok());
}

#[tokio::test]
async fn tries_at_once_do_not_slip_past() {
    let redis = TestRedis::new();
    let misses = misses(redis.url(), redis.prefix(), 1);
    let all = (0..100).map(|number| {
        let misses = &misses;
        async move { misses.attempt("0555000001", &format!("ZST-{number}"), number).await.is_ok() }
    });
    let through = futures::future::join_all(all).await.into_iter().filter(|through| *through).count();
    assert_eq!(through, 5);
}

#[tokio::test]
async fn phones_are_not_readable_in_redis() {
    let redis = TestRedis::new();
    misses(redis.url(), redis.prefix(), 1).attempt("0555123456", "ZST-1", 1).await.unwrap();
    let mut conn = redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(format!("{}*", redis.prefix())).query_async(&mut conn).await.unwrap();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| !key.contains("555123456")), "{keys:?}");
}
