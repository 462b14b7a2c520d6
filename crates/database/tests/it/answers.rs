use std::time::Duration;

use database::answers::{self, Answer};
use database::transaction;
use diesel_async::{AsyncConnection, RunQueryDsl};
use test_support::TestDatabase;
use tokio::sync::oneshot;
use uuid::Uuid;

fn answer(key: &str, owner_id: Option<Uuid>) -> Answer {
    Answer { key: key.to_owned(), owner_id, body_hash: vec![1], answer: Some(vec![7, 7]) }
}

#[tokio::test]
async fn a_key_is_answered_once_and_repeated() {
    let database = TestDatabase::new("ordering").await;
    let mut conn = database.conn().await;
    assert_eq!(answers::find(&mut conn, "k").await.unwrap(), None);
    assert!(answers::insert(&mut conn, &answer("k", None)).await.unwrap());
    assert!(!answers::insert(&mut conn, &Answer { answer: Some(vec![8]), ..answer("k", None) }).await.unwrap());
    let stored = answers::find(&mut conn, "k").await.unwrap().unwrap();
    assert_eq!(stored.clone().repeat(&[1]), Some(vec![7, 7]));
    assert_eq!(stored.repeat(&[2]), None, "another body");
}

#[tokio::test]
async fn a_twin_waits_for_the_first() {
    let database = TestDatabase::new("ordering").await;
    for first_commits in [true, false] {
        let key = format!("k-{first_commits}");
        let (inserted, wait) = oneshot::channel();
        let first = async {
            let mut conn = database.conn().await;
            let ended = conn.transaction(async |conn| {
                assert!(answers::insert(conn, &answer(&key, None)).await?);
                inserted.send(()).unwrap();
                // Longer than the lock time-out of every other statement.
                diesel::sql_query("SELECT pg_sleep(0.8)").execute(conn).await?;
                if first_commits { Ok(()) } else { Err(diesel::result::Error::RollbackTransaction) }
            });
            assert_eq!(ended.await.is_ok(), first_commits);
        };
        let twin = async {
            wait.await.unwrap();
            let pool = database.pool();
            let ours = transaction(&pool, async |conn| {
                Ok::<_, database::Error>(answers::insert(conn, &answer(&key, None)).await?)
            });
            assert_eq!(ours.await.unwrap(), !first_commits);
        };
        tokio::join!(first, twin);
    }
}

#[tokio::test]
async fn what_is_forgotten_leaves_its_key() {
    let database = TestDatabase::new("ordering").await;
    let mut conn = database.conn().await;
    let owner = Uuid::from_u128(1);
    for (key, owner_id) in [("mine", Some(owner)), ("old", None), ("new", None)] {
        answers::insert(&mut conn, &answer(key, owner_id)).await.unwrap();
    }
    assert_eq!(answers::empty_for_owner(&mut conn, owner).await.unwrap(), 1);
    let aged = "UPDATE answers SET created_at = now() - interval '25 hours' WHERE key = 'old'";
    diesel::sql_query(aged).execute(&mut conn).await.unwrap();
    let forgotten = answers::forget_older_than(&database.pool(), Duration::from_secs(24 * 3600)).await.unwrap();
    assert_eq!(forgotten, 1);
    for (key, kept) in [("mine", false), ("old", false), ("new", true)] {
        let stored = answers::find(&mut conn, key).await.unwrap().unwrap();
        assert_eq!(stored.repeat(&[1]).is_some(), kept, "{key}");
        assert!(!answers::insert(&mut conn, &answer(key, None)).await.unwrap(), "{key} stays used");
    }
}
