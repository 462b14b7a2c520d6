//! Likes and comments are counted exactly, whatever breaks (L1, L2): two processes of reels, one killed again and again, the
//! broker killed, Redis flushed, five hundred accounts that wish at random.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use access_token::{Account, Caller};
use futures::future::join_all;
use protocol::reels::v1::reels_service_client::ReelsServiceClient;
use protocol::reels::v1::{AddCommentRequest, CommentAdded, ReelLiked, ReelUnliked, SetLikeRequest};
use protocol::types::v1::Key;
use service_runtime::Clock;
use service_runtime::grpc::Channel;
use test_support::{Tokens, customer, outbox};
use tonic::Code;

use crate::harness::databases::number;
use crate::harness::{Cluster, Kind, LONG, OwnServer, Plan, eventually};

const ACCOUNTS: usize = 500;
const REELS: usize = 8;
/// Of each account; every twentieth is a comment.
const WISHES: usize = 40;
/// Requests under way at a time.
const AT_A_TIME: usize = 100;

/// Somebody who likes, unlikes and comments, and remembers what was acknowledged.
struct Fan<'a> {
    account: Account,
    tokens: &'a Tokens,
    clients: &'a [ReelsServiceClient<Channel>; 2],
    /// The last wish of each reel, and whether it was answered.
    likes: BTreeMap<String, (bool, bool)>,
    comments: usize,
}

impl Fan<'_> {
    async fn wish(&mut self, number: usize, reel: &str) {
        let mut client = self.clients[number % 2].clone();
        let caller = Caller::Account(self.account.clone());
        if number.is_multiple_of(20) {
            let content = format!("Bravo {number}");
            let key = Key { key: format!("comment-{number}"), body_hash: content.as_bytes().to_vec() };
            let message = AddCommentRequest { reel_id: reel.to_owned(), content, key: Some(key) };
            // With its key it is sent until it is answered.
            loop {
                match client.add_comment(self.tokens.request(&caller, message.clone())).await {
                    Ok(_) => break,
                    Err(status) => passes(status.code()),
                }
                client = self.clients[rand::random_range(0..2)].clone();
            }
            self.comments += 1;
            return;
        }
        let liked = rand::random_bool(0.6);
        let message = SetLikeRequest { reel_id: reel.to_owned(), liked };
        let answered = match client.set_like(self.tokens.request(&caller, message)).await {
            Ok(_) => true,
            Err(status) => {
                passes(status.code());
                false
            }
        };
        self.likes.insert(reel.to_owned(), (liked, answered));
    }
}

#[track_caller]
fn passes(code: Code) {
    let breaks = [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::DeadlineExceeded, Code::Internal];
    assert!(breaks.contains(&code), "{code:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn likes_and_comments_are_exact_whatever_breaks() {
    let (rabbitmq, redis) = tokio::join!(OwnServer::start(Kind::RabbitMq), OwnServer::start(Kind::Redis));
    let plan = Plan::new().and("other reels").rabbitmq_at(rabbitmq.url()).redis_at(redis.url());
    let cluster = plan.start().await;
    let reels = cluster.reels(REELS).await;
    let tokens = Tokens::new(&Clock::system());
    let clients = ["reels", "other reels"].map(|name| {
        let channel = service_runtime::grpc::channel(&format!("http://{}", cluster.place(name).addr())).unwrap();
        ReelsServiceClient::new(channel)
    });
    let next = AtomicUsize::new(0);
    let fans: Vec<_> = (0..ACCOUNTS)
        .map(|_| Fan { account: customer(), tokens: &tokens, clients: &clients, likes: BTreeMap::new(), comments: 0 })
        .map(tokio::sync::Mutex::new)
        .collect();
    // Some at a time take the next fan and the next wish.
    let crowd = (0..AT_A_TIME).map(async |_| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= ACCOUNTS * WISHES {
                break;
            }
            let mut fan = fans[number % ACCOUNTS].lock().await;
            fan.wish(number / ACCOUNTS, &reels[rand::random_range(0..REELS)]).await;
        }
    });
    let trouble = async {
        let reached = async |part: usize| {
            eventually(LONG * 8, async || next.load(Ordering::Relaxed) >= ACCOUNTS * WISHES * part / 8).await;
        };
        reached(1).await;
        flush(&redis).await;
        cluster.kill("reels");
        cluster.start("reels").await;
        reached(3).await;
        rabbitmq.kill9().await;
        rabbitmq.start_again().await;
        reached(5).await;
        cluster.kill("other reels");
        cluster.start("other reels").await;
        flush(&redis).await;
    };
    let looks = async {
        for part in 1..=20 {
            eventually(LONG * 8, async || next.load(Ordering::Relaxed) >= ACCOUNTS * WISHES * part / 20).await;
            assert_eq!(miscounted(&cluster).await, 0);
        }
    };
    tokio::join!(join_all(crowd), trouble, looks);
    assert_eq!(miscounted(&cluster).await, 0);
    acknowledged_is_there(&cluster, &fans).await;
    every_event_says_the_count_after_it(&cluster).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(&cluster.databases.reels, deadlocks).await, 0);
    let unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL";
    eventually(Duration::from_secs(90), async || number(&cluster.databases.reels, unsent).await == 0).await;
}

async fn flush(redis: &OwnServer) {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
}

async fn miscounted(cluster: &Cluster) -> i64 {
    let wrong = "SELECT count(*) FROM reel_counts WHERE \
        likes <> (SELECT count(*) FROM reel_likes WHERE reel_likes.reel_id = reel_counts.reel_id) OR \
        comments <> (SELECT count(*) FROM reel_comments WHERE reel_comments.reel_id = reel_counts.reel_id)";
    number(&cluster.databases.reels, wrong).await
}

async fn acknowledged_is_there(cluster: &Cluster, fans: &[tokio::sync::Mutex<Fan<'_>>]) {
    let (mut acknowledged, mut comments) = (0, 0);
    for fan in fans {
        let fan = fan.lock().await;
        comments += fan.comments;
        for (reel, (liked, answered)) in &fan.likes {
            if !answered {
                continue;
            }
            acknowledged += 1;
            let row = format!(
                "SELECT count(*) FROM reel_likes WHERE reel_id = '{reel}' AND user_id = '{}'",
                fan.account.user_id
            );
            assert_eq!(number(&cluster.databases.reels, &row).await, i64::from(*liked));
        }
    }
    assert!(acknowledged > ACCOUNTS * REELS * 3 / 4, "only {acknowledged} wishes were answered");
    let there = number(&cluster.databases.reels, "SELECT count(*) FROM reel_comments").await;
    assert_eq!(there, i64::try_from(comments).unwrap());
}

async fn every_event_says_the_count_after_it(cluster: &Cluster) {
    let mut likers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut comments: BTreeMap<String, i64> = BTreeMap::new();
    for row in outbox::list(&mut cluster.databases.reels.conn().await).await {
        match row.name.as_str() {
            events::names::REEL_LIKED => {
                let ReelLiked { reel_id, user_id, likes_count } = row.decode();
                let all = likers.entry(reel_id).or_default();
                assert!(all.insert(user_id), "liked twice");
                assert_eq!(likes_count, i64::try_from(all.len()).unwrap());
            }
            events::names::REEL_UNLIKED => {
                let ReelUnliked { reel_id, user_id, likes_count } = row.decode();
                let all = likers.entry(reel_id).or_default();
                assert!(all.remove(&user_id), "unliked twice");
                assert_eq!(likes_count, i64::try_from(all.len()).unwrap());
            }
            events::names::COMMENT_ADDED => {
                let added: CommentAdded = row.decode();
                let count = comments.entry(added.comment.unwrap().reel_id).or_default();
                *count += 1;
                assert_eq!(added.comments_count, *count);
            }
            _ => {}
        }
    }
    for (reel, all) in likers {
        let rows = format!("SELECT count(*) FROM reel_likes WHERE reel_id = '{reel}'");
        assert_eq!(number(&cluster.databases.reels, &rows).await, i64::try_from(all.len()).unwrap());
    }
}
