//! The self-check finds what contradicts itself, and nothing else.

use diesel_async::SimpleAsyncConnection;
use reels::{Config, Reels};
use service_runtime::{Environment, Service};
use test_support::{SECRET, TestBroker, customer};

use crate::harness::ReelsTest;

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_not_the_number_of_its_rows_is_found() {
    let reels = ReelsTest::start_with_broker().await;
    let (reel, other) = (reels.made().await, reels.made().await);
    reels.set_like(&customer(), reel, true).await.unwrap();
    reels.comment(&customer(), other, "Bravo", None).await.unwrap();
    let broker: &TestBroker = reels.broker.as_ref().unwrap();
    let variables = [
        ("REELS_DATABASE_URL", reels.database.url()),
        ("REELS_RABBITMQ_URL", broker.url()),
        ("REELS_RABBITMQ_PREFIX", broker.prefix()),
        ("REELS_ACCESS_TOKEN_SECRETS", SECRET),
    ];
    let environment: Environment = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let config = Config::from_env(&environment).unwrap();
    let found = async || service_runtime::Outcome::from(vec![Reels::check(&config).await.unwrap()]);
    assert_eq!(found().await.code, 0, "{}", found().await.text);

    let lie = format!("UPDATE reel_counts SET likes = 7 WHERE reel_id = '{}'", reel.id);
    reels.database.conn().await.batch_execute(&lie).await.unwrap();
    let outcome = found().await;
    assert_eq!(outcome.code, 2);
    assert!(outcome.text.contains(&reel.id.to_string()) && !outcome.text.contains(&other.id.to_string()));
}
