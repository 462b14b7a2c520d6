//! The self-check finds what contradicts itself, and nothing else.

use access_token::Caller;
use database::totals::Totals;
use diesel_async::SimpleAsyncConnection;
use futures::future::join_all;
use protocol::reels::v1::ListReelsRequest;
use reels::{Config, Reels};
use service_runtime::{Environment, Service};
use test_support::{SECRET, TestBroker, customer};

use crate::harness::{ReelsTest, first};

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

    let lies =
        format!("UPDATE reel_counts SET likes = 1 WHERE reel_id = '{}'; UPDATE feed_counts SET reels = 9", reel.id);
    reels.database.conn().await.batch_execute(&lies).await.unwrap();
    assert!(found().await.text.contains("1 sorts of reels"));
}

/// As reels keeps them.
const COUNTS: Totals = Totals { table: "feed_counts", sort: "status, is_public", total: "reels" };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_says_how_many_there_are_while_reels_come_change_go_and_are_folded() {
    let reels = ReelsTest::start().await;
    let come = join_all((0..24).map(|number| {
        let reels = &reels;
        async move {
            let reel = reels.made().await;
            let sql = match number % 4 {
                0 => format!("UPDATE reels SET is_public = false WHERE id = '{}'", reel.id),
                1 => format!("DELETE FROM reels WHERE id = '{}'", reel.id),
                2 => format!("UPDATE reels SET caption = 'autre' WHERE id = '{}'", reel.id),
                _ => return,
            };
            reels.database.conn().await.batch_execute(&sql).await.unwrap();
        }
    }));
    let folds = async {
        for _ in 0..20 {
            COUNTS.fold(&mut reels.database.conn().await).await.unwrap();
        }
    };
    tokio::join!(come, folds);
    let list = reels.list(&Caller::GUEST, ListReelsRequest { page: first(1), ..Default::default() }).await.unwrap();
    assert_eq!(list.total, Some(12));
}
