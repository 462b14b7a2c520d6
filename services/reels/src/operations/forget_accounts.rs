//! Accounts were deleted, and products: their reels go, and the accounts' likes and comments with their counts.
//!
//! Always true: afterwards nothing here holds what the account was called or said, sent events included, and nothing late
//! brings it back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use commerce_types::{CommentId, ReelId, UserId};
use database::answers;
use diesel_async::AsyncPgConnection;

use crate::domain::reel::Reel;
use crate::error::Error;
use crate::store::counts::Move;
use crate::{events, store};

/// What an account leaves behind.
#[derive(Default)]
struct Left {
    likes: Vec<(ReelId, UserId)>,
    comments: BTreeMap<ReelId, Vec<CommentId>>,
}

/// In the consumer's transaction; `reels` are those of deleted products, locked.
pub(crate) async fn forget_accounts(
    conn: &mut AsyncPgConnection,
    gone: &BTreeSet<UserId>,
    mut reels: Vec<Reel>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut left = Left::default();
    for user_id in gone {
        // First the account: who likes or comments at this moment holds it, and is then seen here.
        store::accounts::bury(conn, *user_id, now).await?;
        answers::empty_for_owner(conn, (*user_id).into()).await?;
    }
    for user_id in gone {
        reels.extend(store::reels::lock_of_seller(conn, *user_id).await?);
        let liked = store::likes::list_reels_of(conn, *user_id).await?;
        left.likes.extend(liked.into_iter().map(|reel_id| (reel_id, *user_id)));
        for (reel_id, ids) in store::comments::list_of(conn, *user_id).await? {
            left.comments.entry(reel_id).or_default().extend(ids);
        }
    }
    reels.sort_by_key(|reel| reel.id);
    reels.dedup_by_key(|reel| reel.id);
    let deleted: Vec<ReelId> = reels.iter().map(|reel| reel.id).collect();

    // The counts of all of them at once, in the order of their ids, as everybody locks them.
    let liked = left.likes.iter().map(|(reel_id, _)| *reel_id);
    let touched: BTreeSet<ReelId> = deleted.iter().copied().chain(liked).chain(left.comments.keys().copied()).collect();
    let touched: Vec<ReelId> = touched.into_iter().collect();
    if touched.is_empty() {
        return Ok(());
    }
    let counts = store::counts::lock(conn, &touched).await?;
    let before = counts.into_iter().map(|(id, counts)| (id, (counts.likes, counts.comments))).collect();
    store::reels::delete(conn, &deleted).await?;
    for user_id in gone {
        store::likes::delete_of(conn, *user_id).await?;
        store::comments::delete_of(conn, *user_id).await?;
    }
    let mut said: Vec<_> = reels.iter().map(events::reel_deleted).collect();
    let moves = tell(&left, before, &deleted, &mut said);
    store::counts::add(conn, &moves).await?;
    let unsaid = left.comments.iter().flat_map(|(reel_id, ids)| ids.iter().map(|id| (*reel_id, *id)));
    let unsaid: Vec<_> = unsaid.map(|(reel_id, id)| events::comment_gone(reel_id, id)).collect();
    ::events::retell(conn, &unsaid).await?;
    events::write_all(conn, &said).await
}

/// What is said of the likes and comments of reels that stay, each with the count after it, and what their counts move by.
fn tell(
    left: &Left,
    mut counts: BTreeMap<ReelId, (i64, i64)>,
    deleted: &[ReelId],
    said: &mut Vec<::events::Event>,
) -> BTreeMap<ReelId, Move> {
    let mut moves = BTreeMap::<ReelId, Move>::new();
    for (reel_id, user_id) in &left.likes {
        let Some((likes, _)) = counts.get_mut(reel_id).filter(|_| !deleted.contains(reel_id)) else { continue };
        *likes -= 1;
        moves.entry(*reel_id).or_default().likes -= 1;
        said.push(events::reel_unliked(*reel_id, *user_id, *likes));
    }
    for (reel_id, ids) in &left.comments {
        let Some((_, comments)) = counts.get_mut(reel_id).filter(|_| !deleted.contains(reel_id)) else { continue };
        for id in ids {
            *comments -= 1;
            moves.entry(*reel_id).or_default().comments -= 1;
            said.push(events::comment_removed(*reel_id, *id, *comments));
        }
    }
    moves
}
