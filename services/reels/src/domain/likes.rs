//! Likes that are committed together: each is answered as if it had been alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use commerce_types::{LikeId, ReelId, UserId};
use diesel::Insertable;
use uuid::Uuid;

use crate::schema::reel_likes;

/// That an account likes a reel from now on, or no more.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) reel_id: ReelId,
    pub(crate) user_id: UserId,
    pub(crate) liked: bool,
    /// Of the row, when one is added.
    pub(crate) like_id: LikeId,
    /// Of what is said, when anything changes.
    pub(crate) event_id: Uuid,
    pub(crate) at: DateTime<Utc>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = reel_likes)]
pub(crate) struct Like {
    pub(crate) reel_id: ReelId,
    pub(crate) user_id: UserId,
    pub(crate) id: LikeId,
    pub(crate) created_at: DateTime<Utc>,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The reel's likes afterwards; it was as wished before.
    Same(i64),
    /// The reel's likes afterwards; this wish moved them.
    Moved(i64),
    /// There is no such reel that everybody sees.
    NoReel,
    /// The account is deleted.
    NoAccount,
}

/// What all wishes together come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// In the order of the wishes.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) added: Vec<Like>,
    pub(crate) removed: Vec<(ReelId, UserId)>,
    /// By how much each reel's likes move, where they do.
    pub(crate) moves: BTreeMap<ReelId, i64>,
}

/// Takes the wishes one after the other over what there is: the locked `counts` of the reels, the `likes` of those that
/// are there, the accounts that are `gone`.
pub(crate) fn settle(
    wishes: &[Wish],
    counts: &BTreeMap<ReelId, i64>,
    likes: &BTreeSet<(ReelId, UserId)>,
    gone: &BTreeSet<UserId>,
) -> Settled {
    let mut now = counts.clone();
    // The last wish that moved each pair away from what it was.
    let mut moved: BTreeMap<(ReelId, UserId), &Wish> = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let pair = (wish.reel_id, wish.user_id);
        let Some(count) = now.get_mut(&wish.reel_id) else {
            outcomes.push(Outcome::NoReel);
            continue;
        };
        if gone.contains(&wish.user_id) {
            outcomes.push(Outcome::NoAccount);
            continue;
        }
        let before = likes.contains(&pair);
        let is_liked = moved.get(&pair).map_or(before, |last| last.liked);
        if is_liked == wish.liked {
            outcomes.push(Outcome::Same(*count));
            continue;
        }
        *count += if wish.liked { 1 } else { -1 };
        outcomes.push(Outcome::Moved(*count));
        moved.insert(pair, wish);
    }

    let mut settled = Settled { outcomes, ..Settled::default() };
    for (pair, last) in moved {
        match (likes.contains(&pair), last.liked) {
            (false, true) => {
                settled.added.push(Like { reel_id: pair.0, user_id: pair.1, id: last.like_id, created_at: last.at })
            }
            (true, false) => settled.removed.push(pair),
            // Away and back again.
            _ => {}
        }
    }
    for (reel_id, after) in now {
        let by = after - counts.get(&reel_id).copied().unwrap_or_default();
        if by != 0 {
            settled.moves.insert(reel_id, by);
        }
    }
    settled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reel(id: u128) -> ReelId {
        Uuid::from_u128(id).into()
    }

    fn user(id: u128) -> UserId {
        Uuid::from_u128(id).into()
    }

    fn wish(reel_id: u128, user_id: u128, liked: bool) -> Wish {
        let id = Uuid::from_u128(reel_id * 1_000 + user_id);
        let at = DateTime::UNIX_EPOCH;
        Wish { reel_id: reel(reel_id), user_id: user(user_id), liked, like_id: id.into(), event_id: id, at }
    }

    #[test]
    fn a_like_and_an_unlike_of_one_account_each_get_their_count_and_leave_nothing() {
        let counts = BTreeMap::from([(reel(1), 7)]);
        let settled = settle(&[wish(1, 1, true), wish(1, 1, false)], &counts, &BTreeSet::new(), &BTreeSet::new());
        assert_eq!(settled.outcomes, [Outcome::Moved(8), Outcome::Moved(7)]);
        assert!(settled.added.is_empty() && settled.removed.is_empty() && settled.moves.is_empty());
    }

    #[test]
    fn who_has_no_account_or_no_reel_changes_nothing() {
        let counts = BTreeMap::from([(reel(1), 0)]);
        let gone = BTreeSet::from([user(2)]);
        let settled = settle(&[wish(1, 2, true), wish(5, 1, true)], &counts, &BTreeSet::new(), &gone);
        assert_eq!(settled.outcomes, [Outcome::NoAccount, Outcome::NoReel]);
        assert!(settled.added.is_empty() && settled.moves.is_empty());
    }

    proptest! {
        #[test]
        fn together_they_come_to_what_they_come_to_one_by_one(
            wishes in proptest::collection::vec((1..4_u128, 1..5_u128, any::<bool>()), 0..40),
            liked in proptest::collection::btree_set((1..4_u128, 1..5_u128), 0..10),
        ) {
            let likes: BTreeSet<_> = liked.iter().map(|(r, u)| (reel(*r), user(*u))).collect();
            let mut counts: BTreeMap<ReelId, i64> = (1..4).map(|id| (reel(id), 0)).collect();
            for (reel_id, _) in &likes {
                *counts.get_mut(reel_id).unwrap() += 1;
            }
            let wishes: Vec<_> = wishes.into_iter().map(|(r, u, liked)| wish(r, u, liked)).collect();
            let settled = settle(&wishes, &counts, &likes, &BTreeSet::new());

            let (mut rows, mut alone) = (likes.clone(), Vec::new());
            for wish in &wishes {
                let pair = (wish.reel_id, wish.user_id);
                let moved = if wish.liked { rows.insert(pair) } else { rows.remove(&pair) };
                let count = i64::try_from(rows.iter().filter(|(reel_id, _)| *reel_id == wish.reel_id).count()).unwrap();
                alone.push(if moved { Outcome::Moved(count) } else { Outcome::Same(count) });
            }
            prop_assert_eq!(&settled.outcomes, &alone);

            let mut together = likes;
            for removed in &settled.removed {
                prop_assert!(together.remove(removed));
            }
            for added in &settled.added {
                prop_assert!(together.insert((added.reel_id, added.user_id)));
            }
            prop_assert_eq!(&together, &rows);
            for (reel_id, before) in counts {
                let after = i64::try_from(rows.iter().filter(|(of, _)| *of == reel_id).count()).unwrap();
                prop_assert_eq!(settled.moves.get(&reel_id).copied().unwrap_or_default(), after - before);
            }
        }
    }
}
