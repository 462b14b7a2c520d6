//! Comments: who may do what, counted exactly, and gone when they are gone.

use access_token::{Account, Caller};
use events::names::{COMMENT_ADDED, COMMENT_REMOVED, REELS_ADMIN_ACTION};
use futures::future::join_all;
use protocol::reels::v1::{
    ChangeCommentRequest, CommentAdded, CommentRemoved, CommentWritten, DeleteCommentRequest, DeleteCommentResponse,
    ListCommentsRequest,
};
use service_error::Reason;
use test_support::{customer, outbox};
use tonic::Status;

use crate::harness::{ReelsTest, first, reason};

async fn change(reels: &ReelsTest, who: &Account, id: &str, content: &str) -> Result<CommentWritten, Status> {
    let message = ChangeCommentRequest { id: id.to_owned(), content: content.to_owned() };
    let request = reels.by(&Caller::Account(who.clone()), message);
    reels.client.clone().change_comment(request).await.map(tonic::Response::into_inner)
}

async fn delete(reels: &ReelsTest, who: &Account, id: &str) -> Result<DeleteCommentResponse, Status> {
    let request = reels.by(&Caller::Account(who.clone()), DeleteCommentRequest { id: id.to_owned() });
    reels.client.clone().delete_comment(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn its_author_changes_a_comment_and_three_may_delete_it() {
    let reels = ReelsTest::start().await;
    let reel = reels.made().await;
    let (author, stranger) = (customer(), customer());
    let seller = Account { user_id: reel.seller_id, ..test_support::seller() };
    let admin = test_support::admin();
    let mut ids = Vec::new();
    for number in 1..=3 {
        let said = reels.comment(&author, reel, "Magnifique", None).await.unwrap();
        assert_eq!((said.comments_count, said.replayed), (number, false));
        ids.push(said.comment.unwrap().id);
    }
    for other in [&stranger, &seller, &admin] {
        assert_eq!(reason(change(&reels, other, &ids[0], "x").await), Reason::CommentNotFound);
    }
    let changed = change(&reels, &author, &ids[0], "Très beau").await.unwrap().comment.unwrap();
    assert_eq!(changed.content, "Très beau");

    assert_eq!(reason(delete(&reels, &stranger, &ids[0]).await), Reason::CommentNotFound);
    for (who, id, left) in [(&author, &ids[0], 2), (&seller, &ids[1], 1), (&admin, &ids[2], 0)] {
        assert_eq!(delete(&reels, who, id).await.unwrap().comments_count, left);
        assert_eq!(reason(delete(&reels, who, id).await), Reason::CommentNotFound);
    }
    let mut conn = reels.database.conn().await;
    let removed: Vec<CommentRemoved> = outbox::messages(&mut conn, COMMENT_REMOVED).await;
    assert_eq!(removed.iter().map(|removed| removed.comments_count).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(outbox::names(&mut conn).await.iter().filter(|name| *name == REELS_ADMIN_ACTION).count(), 1);
    // What was said of them keeps its place and says nothing more.
    for added in outbox::messages::<CommentAdded>(&mut conn, COMMENT_ADDED).await {
        let comment = added.comment.unwrap();
        assert!(comment.content.is_empty() && comment.user.is_none() && ids.contains(&comment.id));
    }
    assert_eq!(reels.miscounted().await, 0);
}

#[tokio::test]
async fn a_key_is_one_comment() {
    let reels = ReelsTest::start().await;
    let (reel, author) = (reels.made().await, customer());
    let twins = join_all((0..6).map(|_| reels.comment(&author, reel, "Superbe", Some("key-of-one-comment")))).await;
    let mut twins: Vec<CommentWritten> = twins.into_iter().map(Result::unwrap).collect();
    assert_eq!(twins.iter().filter(|said| !said.replayed).count(), 1);
    for said in &mut twins {
        said.replayed = false;
    }
    assert!(twins.windows(2).all(|pair| pair[0] == pair[1]), "{twins:?}");
    let reused = reels.comment(&author, reel, "Autre chose", Some("key-of-one-comment")).await;
    assert_eq!(reason(reused), Reason::IdempotencyKeyReused);
    assert_eq!(reels.number("SELECT comments FROM reel_counts").await, 1);
    assert_eq!(outbox::names(&mut reels.database.conn().await).await, [COMMENT_ADDED]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_comments_and_deletions_are_counted_exactly() {
    let reels = ReelsTest::start().await;
    let reel = reels.made().await;
    let talk = (0..30).map(async |number| {
        let who = customer();
        let said = reels.comment(&who, reel, &format!("Bravo {number}"), None).await.unwrap();
        if number % 3 == 0 {
            delete(&reels, &who, &said.comment.unwrap().id).await.unwrap();
        }
    });
    join_all(talk).await;
    assert_eq!(reels.number("SELECT comments FROM reel_counts").await, 20);
    assert_eq!(reels.miscounted().await, 0);
    let request = ListCommentsRequest { reel_id: reel.id.to_string(), page: first(100) };
    let listed = reels.client.clone().list_comments(reels.by(&Caller::GUEST, request)).await.unwrap().into_inner();
    assert_eq!((listed.comments.len(), listed.total), (20, Some(20)));
    let newest_first = listed.comments.windows(2).all(|pair| {
        let at = |index: usize| pair[index].created_at.as_ref().map(|at| (at.seconds, at.nanos));
        at(0) >= at(1)
    });
    assert!(newest_first);
}
