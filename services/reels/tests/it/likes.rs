//! `SetLike` and `ListLikes`: exact at every instant.

use access_token::{Account, Caller};
use events::names::{REEL_LIKED, REEL_UNLIKED};
use futures::future::join_all;
use protocol::reels::v1::{ListLikesRequest, ListLikesResponse, ReelLiked, ReelUnliked};
use service_error::Reason;
use std::collections::{BTreeMap, BTreeSet};
use test_support::{customer, outbox};

use crate::builders::Made;
use crate::harness::{ReelsTest, after, first, reason};

#[tokio::test]
async fn a_like_counts_once_and_goes_once() {
    let reels = ReelsTest::start().await;
    let reel = reels.made().await;
    let (amina, yacine) = (customer(), customer());
    for (who, liked, likes) in
        [(&amina, true, 1), (&amina, true, 1), (&yacine, true, 2), (&amina, false, 1), (&amina, false, 1)]
    {
        assert_eq!(reels.set_like(who, reel, liked).await.unwrap(), likes);
    }
    let mut conn = reels.database.conn().await;
    assert_eq!(outbox::names(&mut conn).await, [REEL_LIKED, REEL_LIKED, REEL_UNLIKED]);
    let liked: Vec<ReelLiked> = outbox::messages(&mut conn, REEL_LIKED).await;
    assert_eq!(liked.iter().map(|liked| liked.likes_count).collect::<Vec<_>>(), [1, 2]);
    let unliked: Vec<ReelUnliked> = outbox::messages(&mut conn, REEL_UNLIKED).await;
    assert_eq!((unliked[0].likes_count, &unliked[0].user_id), (1, &amina.user_id.to_string()));

    let shown = reels.get(&Caller::Account(yacine), reel).await.unwrap();
    assert_eq!((shown.likes_count, shown.is_liked), (1, true));
    assert!(!reels.get(&Caller::GUEST, reel).await.unwrap().is_liked);
}

#[tokio::test]
async fn only_accounts_like_and_only_what_everybody_sees() {
    let reels = ReelsTest::start().await;
    let hidden = reels.reel().off_sale().insert().await;
    let processing = reels.reel().processing().insert().await;
    let seller = Account { user_id: hidden.seller_id, ..test_support::seller() };
    for reel in [hidden, processing] {
        assert_eq!(reason(reels.set_like(&customer(), reel, true).await), Reason::ReelNotFound);
        assert_eq!(reason(reels.set_like(&seller, reel, true).await), Reason::ReelNotFound);
    }
    let nothing = Made { id: service_runtime::Ids.next(), ..hidden };
    assert_eq!(reason(reels.set_like(&customer(), nothing, false).await), Reason::ReelNotFound);

    let (reel, gone) = (reels.made().await, customer());
    let tombstone = format!(
        "INSERT INTO accounts (id, full_name, is_verified, deleted_at) VALUES ('{}', 'x', false, now())",
        gone.user_id
    );
    diesel_async::SimpleAsyncConnection::batch_execute(&mut reels.database.conn().await, &tombstone).await.unwrap();
    assert_eq!(reason(reels.set_like(&gone, reel, true).await), Reason::Unauthorized);
    assert_eq!(reels.number("SELECT count(*) FROM reel_likes").await, 0);
    assert!(outbox::names(&mut reels.database.conn().await).await.is_empty());
}

/// Many wish at once at two processes; what is said is what one after the other would have said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_every_change_is_said_with_the_count_after_it() {
    let reels = ReelsTest::start().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(reels.made().await);
    }
    let people: Vec<Account> = (0..40).map(|_| customer()).collect();
    let storm = people.iter().enumerate().map(async |(number, who)| {
        for step in 0..12 {
            let (reel, liked) = (made[(number + step) % made.len()], (number * 7 + step * 5) % 3 != 0);
            let client = if (number + step) % 2 == 0 { &reels.client } else { &reels.other };
            reels.set_like_at(client, who, reel.id, liked).await.unwrap();
        }
    });
    let watched = async {
        for _ in 0..30 {
            assert_eq!(reels.miscounted().await, 0);
        }
    };
    tokio::join!(join_all(storm), watched);
    assert_eq!(reels.miscounted().await, 0);

    // Replayed in their order, the events give every count that they say, and in the end the rows.
    let mut likers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in outbox::list(&mut reels.database.conn().await).await {
        let (reel, user, count, moved) = if row.name == REEL_LIKED {
            let liked: ReelLiked = row.decode();
            let moved = likers.entry(liked.reel_id.clone()).or_default().insert(liked.user_id.clone());
            (liked.reel_id, liked.user_id, liked.likes_count, moved)
        } else {
            let unliked: ReelUnliked = row.decode();
            let moved = likers.entry(unliked.reel_id.clone()).or_default().remove(&unliked.user_id);
            (unliked.reel_id, unliked.user_id, unliked.likes_count, moved)
        };
        assert!(moved, "{user} changed nothing");
        assert_eq!(count, i64::try_from(likers[&reel].len()).unwrap());
    }
    for reel in &made {
        let rows = reels.number(&format!("SELECT count(*) FROM reel_likes WHERE reel_id = '{}'", reel.id)).await;
        assert_eq!(rows, likers.get(&reel.id.to_string()).map_or(0, |all| i64::try_from(all.len()).unwrap()));
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(reels.number(deadlocks).await, 0);
}

#[tokio::test]
async fn names_are_for_accounts_and_the_number_for_all() {
    let reels = ReelsTest::start().await;
    let reel = reels.made().await;
    let people: Vec<Account> = (0..5).map(|_| customer()).collect();
    for who in &people {
        reels.set_like(who, reel, true).await.unwrap();
    }
    let list = async |caller: &Caller, page| -> ListLikesResponse {
        let request = reels.by(caller, ListLikesRequest { reel_id: reel.id.to_string(), page });
        reels.client.clone().list_likes(request).await.unwrap().into_inner()
    };
    let guest = list(&Caller::GUEST, first(2)).await;
    assert_eq!((guest.likes.len(), guest.total, guest.next_cursor), (0, Some(5), None));

    let reader = Caller::Account(customer());
    let mut page = list(&reader, first(2)).await;
    assert_eq!((page.total, page.likes.len()), (Some(5), 2));
    let mut seen: Vec<String> = Vec::new();
    loop {
        seen.extend(page.likes.iter().map(|like| like.user.as_ref().unwrap().id.clone()));
        let Some(cursor) = &page.next_cursor else { break };
        page = list(&reader, after(2, cursor)).await;
        assert_eq!(page.total, None);
    }
    let newest: Vec<String> = people.iter().rev().map(|who| who.user_id.to_string()).collect();
    assert_eq!(seen, newest);
}
