//! How many requests a caller may make: `api.md` 2.10.
//!
//! Counted in Redis, one clock and one count for all gateways, several rules in one round trip. Class rules take
//! places in small blocks, so that a caller in a hurry does not cost a round trip each time; strict rules never do.
//! A refused request uses nothing. Without Redis every gateway goes on alone, from what it knew.

pub mod address;
mod buckets;
mod clock;
pub mod gcra;
pub mod misses;
pub mod redis;
mod rules;
mod shared;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use self::buckets::{BLOCK_LIFE, Buckets};
use self::clock::Clock;
use self::gcra::{Limit, Micros};
use self::redis::{Away, Redis};
pub use self::rules::{Limits, Rule};
pub use self::shared::Claim;
use self::shared::{Shared, Taken};

/// How often places that were taken in advance are looked through.
const GIVE_BACK_EVERY: Duration = Duration::from_millis(250);
/// Counts in one message to Redis.
const GIVE_BACK_AT_ONCE: usize = 200;

/// How one count stands for whom it was counted: the three `X-RateLimit` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub limit: u64,
    pub remaining: u64,
    /// Unix second at which the whole limit is free again.
    pub reset: i64,
}

/// Whether a request may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Of the rule nearest to its end; none when nothing is counted.
    pub standing: Option<Standing>,
    /// Refused: how long to wait.
    pub wait: Option<Duration>,
}

impl Verdict {
    const UNCOUNTED: Self = Self { standing: None, wait: None };
}

pub struct RateLimiter {
    limits: [Limit; Rule::ALL.len()],
    buckets: Buckets,
    shared: Shared,
    clock: Clock,
}

impl RateLimiter {
    pub fn new(limits: &Limits, redis: Arc<Redis>, prefix: &str) -> Self {
        Self {
            limits: Rule::ALL.map(|rule| limits.of(rule)),
            buckets: Buckets::new(),
            shared: Shared::new(redis, prefix),
            clock: Clock::new(),
        }
    }

    /// Counts a request against a class, and against strict rules if there are any: against all of them or none.
    pub async fn admit(&self, class: Option<Claim>, strict: &[Claim]) -> Verdict {
        match class {
            None if strict.is_empty() => Verdict::UNCOUNTED,
            Some(class) if strict.is_empty() => self.admit_class(class).await,
            class => self.admit_strict(class, strict).await,
        }
    }

    /// Gives back what was taken in advance and not used, until `stop` ends; then all of it.
    pub async fn give_back(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let stopped = tokio::time::timeout(GIVE_BACK_EVERY, &mut stop).await.is_ok();
            let before = if stopped { Micros::MAX } else { self.clock.now() - BLOCK_LIFE };
            let unused: Vec<(Claim, Micros)> = self
                .buckets
                .unused(before)
                .into_iter()
                .map(|(claim, left)| {
                    let length = self.limit(claim.rule).length_of(left);
                    self.buckets.with(&claim, self.clock.now(), |bucket| bucket.free_at -= length);
                    (claim, length)
                })
                .collect();
            for some in unused.chunks(GIVE_BACK_AT_ONCE) {
                self.shared.give_back(some).await;
            }
            if stopped {
                return;
            }
        }
    }

    async fn admit_class(&self, claim: Claim) -> Verdict {
        let limit = self.limit(claim.rule);
        loop {
            match self.next_step(&claim, limit) {
                Step::Done(verdict) => return verdict,
                Step::Wait(refilled) => refilled.await,
                Step::Refill { wanted, refill } => {
                    let _told = TellWaiting { limiter: self, claim, refill };
                    let taken = self.shared.take(&[(claim, limit, wanted)], &self.clock).await;
                    return self.refilled(claim, limit, taken.map(|taken| taken.first().copied()));
                }
            }
        }
    }

    fn next_step(&self, claim: &Claim, limit: Limit) -> Step {
        let now = self.clock.now();
        self.buckets.with(claim, now, |bucket| {
            if bucket.left > 0 {
                bucket.left -= 1;
                return Step::Done(admitted(limit, bucket.used_until(limit), now));
            }
            if now < bucket.refused_until {
                return Step::Done(refused(claim.rule, limit, bucket.free_at, now));
            }
            if let Some(refill) = &bucket.refill {
                return Step::Wait(Box::pin(Arc::clone(refill).notified_owned()));
            }
            let refill = Arc::new(Notify::new());
            bucket.refill = Some(Arc::clone(&refill));
            let wanted = bucket.next_block(rules::largest_block(claim.rule, limit), now);
            Step::Refill { wanted, refill }
        })
    }

    fn refilled(&self, claim: Claim, limit: Limit, taken: Result<Option<Taken>, Away>) -> Verdict {
        let now = self.clock.now();
        self.buckets.with(&claim, now, |bucket| match taken {
            Ok(Some(taken)) if taken.places > 0 => {
                bucket.filled(&taken, now);
                if taken.places > 1 {
                    self.buckets.remember_block(claim, now);
                }
                admitted(limit, bucket.used_until(limit), now)
            }
            Ok(Some(taken)) => {
                bucket.free_at = taken.free_at;
                bucket.refused_until = limit.next_place_at(taken.free_at);
                refused(claim.rule, limit, taken.free_at, now)
            }
            Ok(None) | Err(Away) => {
                let (places, free_at) = limit.take(bucket.free_at, now, 1);
                bucket.free_at = free_at;
                if places > 0 { admitted(limit, free_at, now) } else { refused(claim.rule, limit, free_at, now) }
            }
        })
    }

    async fn admit_strict(&self, class: Option<Claim>, strict: &[Claim]) -> Verdict {
        let now = self.clock.now();
        let held = class.filter(|claim| {
            self.buckets.with(claim, now, |bucket| bucket.left.checked_sub(1).map(|left| bucket.left = left).is_some())
        });
        let asked: Vec<(Claim, Limit, u64)> = strict
            .iter()
            .chain(class.iter().filter(|_| held.is_none()))
            .map(|claim| (*claim, self.limit(claim.rule), 1))
            .collect();
        let taken = self.shared.take(&asked, &self.clock).await.unwrap_or_else(|Away| self.take_alone(&asked));

        let now = self.clock.now();
        let mut verdicts = Vec::with_capacity(asked.len() + 1);
        for ((claim, limit, _), taken) in asked.iter().zip(&taken) {
            self.buckets.with(claim, now, |bucket| bucket.free_at = bucket.free_at.max(taken.free_at));
            verdicts.push(if taken.has_room {
                admitted(*limit, taken.free_at, now)
            } else {
                refused(claim.rule, *limit, taken.free_at, now)
            });
        }
        let is_refused = verdicts.iter().any(|verdict| verdict.wait.is_some());
        if let Some(claim) = held {
            let limit = self.limit(claim.rule);
            verdicts.push(self.buckets.with(&claim, now, |bucket| {
                bucket.left += u64::from(is_refused);
                admitted(limit, bucket.used_until(limit), now)
            }));
        }
        // Whoever refuses speaks first, then whoever is nearest to its end.
        let remaining = |verdict: &Verdict| verdict.standing.map_or(u64::MAX, |standing| standing.remaining);
        verdicts
            .into_iter()
            .min_by_key(|verdict| (std::cmp::Reverse(verdict.wait), remaining(verdict)))
            .unwrap_or(Verdict::UNCOUNTED)
    }

    /// What Redis would have done, on what this gateway knows.
    fn take_alone(&self, asked: &[(Claim, Limit, u64)]) -> Vec<Taken> {
        let now = self.clock.now();
        let free_at = |claim: &Claim| self.buckets.with(claim, now, |bucket| bucket.free_at);
        let refuses = asked.iter().any(|(claim, limit, _)| limit.free(free_at(claim), now) == 0);
        asked
            .iter()
            .map(|(claim, limit, _)| {
                self.buckets.with(claim, now, |bucket| {
                    let has_room = limit.free(bucket.free_at, now) > 0;
                    if refuses {
                        return Taken { places: 0, has_room, free_at: bucket.free_at };
                    }
                    let (places, free_at) = limit.take(bucket.free_at, now, 1);
                    bucket.free_at = free_at;
                    Taken { places, has_room: places > 0, free_at }
                })
            })
            .collect()
    }

    fn limit(&self, rule: Rule) -> Limit {
        self.limits[rule as usize]
    }
}

enum Step {
    Done(Verdict),
    Wait(std::pin::Pin<Box<tokio::sync::futures::OwnedNotified>>),
    Refill { wanted: u64, refill: Arc<Notify> },
}

/// Lets the next one ask, also when the request that asked was dropped half way.
struct TellWaiting<'a> {
    limiter: &'a RateLimiter,
    claim: Claim,
    refill: Arc<Notify>,
}

impl Drop for TellWaiting<'_> {
    fn drop(&mut self) {
        let now = self.limiter.clock.now();
        self.limiter.buckets.with(&self.claim, now, |bucket| {
            if bucket.refill.as_ref().is_some_and(|refill| Arc::ptr_eq(refill, &self.refill)) {
                bucket.refill = None;
            }
        });
        self.refill.notify_waiters();
    }
}

fn admitted(limit: Limit, free_at: Micros, now: Micros) -> Verdict {
    Verdict { standing: Some(standing(limit, free_at, now)), wait: None }
}

fn refused(rule: Rule, limit: Limit, free_at: Micros, now: Micros) -> Verdict {
    metrics::counter!("gateway_rate_limited_total", "rule" => rule.name()).increment(1);
    let wait = (limit.next_place_at(free_at) - now).max(1);
    let standing = Standing { remaining: 0, ..standing(limit, free_at, now) };
    Verdict { standing: Some(standing), wait: Some(Duration::from_micros(wait.unsigned_abs())) }
}

fn standing(limit: Limit, free_at: Micros, now: Micros) -> Standing {
    let reset = free_at.max(now);
    Standing {
        limit: limit.places(),
        remaining: limit.free(free_at, now),
        reset: reset.div_euclid(1_000_000) + i64::from(reset.rem_euclid(1_000_000) > 0),
    }
}
