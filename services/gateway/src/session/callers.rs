//! Who is behind a good token, as identity says: fresh for five seconds, good for ten minutes while identity is away.
//!
//! Dropped by identity's events. An answer that was asked for before such an event is used once and not kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use access_token::Account;

use super::tokens::Session;
use crate::drop_log::DropLog;
use crate::single_flight::SingleFlight;

const MOST: usize = 20_000;
const REMEMBERED_DROPS: usize = 1_024;

/// What identity knows of a Clerk id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Active(Arc<Account>),
    /// Switched off or banned.
    Disabled(Arc<Account>),
    /// For good.
    Deleted,
}

/// Identity did not answer, and nothing of ten minutes is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("identity is away")]
pub struct IdentityAway;

/// How long an answer is good.
#[derive(Debug, Clone)]
pub struct CallerTimes {
    pub fresh_for: Duration,
    pub stale_for: Duration,
    /// Identity did not answer: how long it is not asked again for the same caller.
    pub pause: Duration,
}

impl Default for CallerTimes {
    fn default() -> Self {
        Self { fresh_for: Duration::from_secs(5), stale_for: Duration::from_secs(600), pause: Duration::from_secs(1) }
    }
}

#[derive(Clone)]
struct Kept {
    known: Known,
    answered_at: Instant,
    ask_again_at: Instant,
}

#[derive(PartialEq, Eq)]
enum Dropped {
    One(String),
    All,
}

pub struct Callers {
    times: CallerTimes,
    kept: Mutex<HashMap<String, Kept>>,
    drops: DropLog<Dropped>,
    flights: SingleFlight<Result<Known, IdentityAway>>,
}

impl Callers {
    pub fn new(times: CallerTimes) -> Self {
        Self { times, kept: Mutex::default(), drops: DropLog::new(REMEMBERED_DROPS), flights: SingleFlight::default() }
    }

    /// The account of a session; `ask` asks identity.
    ///
    /// # Errors
    /// Identity is away, and the caller was not seen for ten minutes.
    pub async fn find<E: std::fmt::Display>(
        &self,
        session: &Session,
        ask: impl AsyncFnOnce() -> Result<Known, E>,
    ) -> Result<Known, IdentityAway> {
        let subject = session.claims.subject.as_str();
        let now = Instant::now();
        if let Some(kept) = self.lock().get(subject)
            && now < kept.ask_again_at
            && now.duration_since(kept.answered_at) < self.times.stale_for
        {
            return Ok(kept.known.clone());
        }
        let concerns = |dropped: &Dropped| match dropped {
            Dropped::One(clerk_id) => clerk_id == subject,
            Dropped::All => true,
        };
        let may_join = |mark| !self.drops.overtook(mark, concerns);
        self.flights
            .run(
                subject,
                || self.drops.mark(),
                may_join,
                async |mark| match ask().await {
                    Ok(known) => {
                        self.keep(subject, &known, || self.drops.overtook(mark, concerns));
                        Ok(known)
                    }
                    Err(error) => {
                        tracing::warn!(error = %error, "identity did not tell who a caller is");
                        self.stale(subject)
                    }
                },
            )
            .await
    }

    /// Identity said that the account changed.
    pub fn forget(&self, clerk_id: &str) {
        self.drops.record(Dropped::One(clerk_id.to_owned()));
        self.lock().remove(clerk_id);
    }

    /// Nobody knows what was missed.
    pub fn forget_all(&self) {
        self.drops.record(Dropped::All);
        self.lock().clear();
    }

    /// The log is asked while the map is locked: a drop is either in it, or comes to search the map afterwards.
    fn keep(&self, subject: &str, known: &Known, was_overtaken: impl Fn() -> bool) {
        let now = Instant::now();
        let mut kept = self.lock();
        if was_overtaken() {
            return;
        }
        if kept.len() >= MOST {
            let fresh_for = self.times.fresh_for;
            kept.retain(|_, kept| now.duration_since(kept.answered_at) < fresh_for);
        }
        if kept.len() < MOST {
            let known = known.clone();
            let ask_again_at = now + self.times.fresh_for;
            kept.insert(subject.to_owned(), Kept { known, answered_at: now, ask_again_at });
        }
    }

    fn stale(&self, subject: &str) -> Result<Known, IdentityAway> {
        let now = Instant::now();
        let mut kept = self.lock();
        let entry = kept.get_mut(subject).ok_or(IdentityAway)?;
        if now.duration_since(entry.answered_at) >= self.times.stale_for {
            return Err(IdentityAway);
        }
        entry.ask_again_at = now + self.times.pause;
        Ok(entry.known.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use commerce_types::{Role, UserId};

    use super::super::claims::Claims;
    use super::*;

    fn session() -> Session {
        Session::new(Claims {
            subject: "user_1".to_owned(),
            session_id: "sess_1".to_owned(),
            expires_at: 0,
            is_impersonated: false,
            name: None,
            email: None,
            picture: None,
        })
    }

    fn account(name: &str) -> Known {
        Known::Active(Arc::new(Account {
            user_id: UserId::from(uuid::Uuid::nil()),
            role: Role::Customer,
            seller_category: None,
            approval: None,
            is_verified: false,
            full_name: name.to_owned(),
            avatar_url: None,
        }))
    }

    fn times(fresh_for: u64) -> CallerTimes {
        CallerTimes { fresh_for: Duration::from_secs(fresh_for), ..CallerTimes::default() }
    }

    #[tokio::test]
    async fn a_fresh_answer_is_not_asked_for_again() {
        let callers = Callers::new(times(5));
        let asked = Cell::new(0);
        for _ in 0..3 {
            let ask = async || {
                asked.set(asked.get() + 1);
                Ok::<_, &str>(account("first"))
            };
            assert_eq!(callers.find(&session(), ask).await, Ok(account("first")));
        }
        assert_eq!(asked.get(), 1);
    }

    #[tokio::test]
    async fn while_identity_is_away_the_last_answer_counts_unless_it_was_dropped() {
        let callers = Callers::new(times(0));
        callers.find(&session(), async || Ok::<_, &str>(account("first"))).await.unwrap();
        assert_eq!(callers.find(&session(), async || Err("away")).await, Ok(account("first")));
        callers.forget("user_1");
        assert_eq!(callers.find(&session(), async || Err("away")).await, Err(IdentityAway));
    }

    #[tokio::test]
    async fn an_answer_overtaken_by_an_event_is_not_kept() {
        let callers = Callers::new(times(5));
        let ask = async || {
            callers.forget("user_1");
            Ok::<_, &str>(account("before"))
        };
        callers.find(&session(), ask).await.unwrap();
        assert_eq!(callers.find(&session(), async || Ok::<_, &str>(account("after"))).await, Ok(account("after")));
    }

    #[tokio::test]
    async fn a_change_of_somebody_else_does_not_matter() {
        let callers = Callers::new(times(5));
        let ask = async || {
            callers.forget("user_2");
            Ok::<_, &str>(account("first"))
        };
        callers.find(&session(), ask).await.unwrap();
        assert_eq!(callers.find(&session(), async || Err("not asked")).await, Ok(account("first")));
    }
}
