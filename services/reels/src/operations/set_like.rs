//! Like a reel, or not any more.
//!
//! Always true: `likes` of a reel is the number of its rows at every instant, and each event carries the number after that
//! very change. One popular reel would let one like commit after the other; so likes that come while others commit are
//! committed together, each answered as if it had been alone ([`settle`]).

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use access_token::Account;
use commerce_types::{PublicUser, ReelId, UserId};
use database::Pool;
use diesel_async::AsyncPgConnection;
use events::Waker;
use metrics::histogram;
use service_runtime::Lifecycle;
use service_runtime::context::{self, RequestContext};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::app::App;
use crate::domain::likes::{Outcome, Wish, settle};
use crate::error::Error;
use crate::store::counts::Move;
use crate::{events as said, store};

/// Likes that may wait; more are refused.
const WAITING: usize = 4_096;
/// So many are committed together at most.
const TOGETHER: usize = 256;
/// Commits at a time: while one waits for the disk the next one works.
const UNDER_WAY: usize = 2;
/// Who asks gives up earlier.
const PATIENCE: Duration = Duration::from_secs(4);

/// The likes of the reel afterwards.
///
/// # Errors
/// [`Error::ReelNotFound`], [`Error::NoAccount`]; [`Error::Crowded`]: nothing was done.
pub(crate) async fn set_like(app: &App, account: &Account, reel_id: ReelId, liked: bool) -> Result<i64, Error> {
    let wish = Wish {
        reel_id,
        user_id: account.user_id,
        liked,
        like_id: app.ids.next(),
        event_id: app.ids.next(),
        at: app.clock.now(),
    };
    match app.likes.ask(wish, account.public_user()).await? {
        Outcome::Same(likes) | Outcome::Moved(likes) => Ok(likes),
        Outcome::NoReel => Err(Error::ReelNotFound),
        Outcome::NoAccount => Err(Error::NoAccount),
    }
}

/// Likes on their way to a commit. Clones share it.
#[derive(Clone)]
pub(crate) struct LikeQueue {
    asked: mpsc::Sender<Asked>,
}

struct Asked {
    wish: Wish,
    user: PublicUser,
    answer: oneshot::Sender<Result<Outcome, Arc<Error>>>,
    /// A commit of several is traced under the first.
    context: Option<RequestContext>,
    span: tracing::Span,
}

impl LikeQueue {
    pub(crate) fn new(pool: Pool, waker: Waker, lifecycle: &Lifecycle) -> Self {
        let (asked, asking) = mpsc::channel(WAITING);
        let working = lifecycle.working();
        lifecycle.work("reels likes", async move {
            commit_all(pool, waker, asking, working).await;
            Ok::<_, Infallible>(())
        });
        Self { asked }
    }

    async fn ask(&self, wish: Wish, user: PublicUser) -> Result<Outcome, Error> {
        let (answer, answered) = oneshot::channel();
        let asked = Asked { wish, user, answer, context: context::current(), span: tracing::Span::current() };
        self.asked.try_send(asked).map_err(|_full| Error::Crowded)?;
        match tokio::time::timeout(context::time_left(PATIENCE), answered).await {
            Ok(Ok(answer)) => answer.map_err(Error::Shared),
            Ok(Err(_)) | Err(_) => Err(Error::Crowded),
        }
    }
}

/// Until nobody can ask any more, or background work is to stop; what was asked by then is committed.
async fn commit_all(pool: Pool, waker: Waker, mut asking: mpsc::Receiver<Asked>, stop: CancellationToken) {
    let mut commits = JoinSet::new();
    loop {
        while commits.len() >= UNDER_WAY {
            commits.join_next().await;
        }
        let mut together = Vec::new();
        let taken = tokio::select! {
            biased;
            taken = asking.recv_many(&mut together, TOGETHER) => taken,
            () = stop.cancelled() => 0,
        };
        if taken == 0 {
            break;
        }
        let Some(first) = together.first() else { continue };
        let (span, context) = (first.span.clone(), first.context.clone());
        // Without the first one's deadline: the others may have more time.
        let context = context.map(|context| RequestContext { deadline: None, ..context });
        let committing = commit(pool.clone(), waker.clone(), together);
        match context {
            Some(context) => commits.spawn(context::scope(context, committing).instrument(span)),
            None => commits.spawn(committing.instrument(span)),
        };
        // Those that have ended make room without being waited for.
        while commits.try_join_next().is_some() {}
    }
    while commits.join_next().await.is_some() {}
}

async fn commit(pool: Pool, waker: Waker, together: Vec<Asked>) {
    let mut wishes = Vec::with_capacity(together.len());
    let mut users: BTreeMap<UserId, PublicUser> = BTreeMap::new();
    let mut answers = Vec::with_capacity(together.len());
    for Asked { wish, user, answer, .. } in together {
        users.insert(user.id, user);
        wishes.push(wish);
        answers.push(answer);
    }
    histogram!("reels_likes_together").record(u32::try_from(wishes.len()).unwrap_or(u32::MAX));
    let users: Vec<PublicUser> = users.into_values().collect();
    let outcomes = database::transaction(&pool, async |conn| write(conn, &wishes, &users).await).await;
    match outcomes {
        Ok(outcomes) => {
            waker.wake();
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // Nobody may wait any more.
                drop(answer.send(Ok(outcome)));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for answer in answers {
                drop(answer.send(Err(Arc::clone(&error))));
            }
        }
    }
}

/// Accounts first, then the reels' counts, each in the order of their ids: commits of several instances wait for each
/// other and never dead-lock.
async fn write(conn: &mut AsyncPgConnection, wishes: &[Wish], users: &[PublicUser]) -> Result<Vec<Outcome>, Error> {
    store::accounts::see(conn, users).await?;
    let user_ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let gone: BTreeSet<UserId> = store::accounts::hold(conn, &user_ids).await?.into_iter().collect();
    let reel_ids: BTreeSet<ReelId> = wishes.iter().map(|wish| wish.reel_id).collect();
    let reel_ids: Vec<ReelId> = reel_ids.into_iter().collect();
    let counts = store::counts::lock_public(conn, &reel_ids).await?;
    let likes = store::likes::find_of(conn, wishes).await?;

    let counts: BTreeMap<ReelId, i64> = counts.into_iter().map(|(id, counts)| (id, counts.likes)).collect();
    let settled = settle(wishes, &counts, &likes, &gone);
    store::likes::insert(conn, &settled.added).await?;
    store::likes::delete(conn, &settled.removed).await?;
    let moves = settled.moves.into_iter().map(|(id, likes)| (id, Move { likes, ..Move::default() })).collect();
    store::counts::add(conn, &moves).await?;
    let told: Vec<_> = wishes
        .iter()
        .zip(&settled.outcomes)
        .filter_map(|(wish, outcome)| match outcome {
            Outcome::Moved(likes) => Some(said::like_moved(wish, *likes)),
            _ => None,
        })
        .collect();
    said::write_all(conn, &told).await?;
    Ok(settled.outcomes)
}
