//! The one count for all gateways: GCRA in Redis, by Redis' clock, any number of rules in one round trip.

use std::fmt::Write;
use std::sync::Arc;

use redis::Script;

use super::clock::Clock;
use super::gcra::{Limit, Micros};
use super::redis::{Away, Redis};
use super::rules::Rule;

/// Takes places of several counts, of all of them or of none. Per key: interval, limit, wanted.
/// Answers the time, then per key how many were taken and the count as it stands now.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer, takes, refused = { now }, {}, false
for i, key in ipairs(KEYS) do
  local interval, limit, wanted = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
  local free_at = math.max(tonumber(redis.call('GET', key) or 0), now)
  local taken = math.min(limit - math.ceil((free_at - now) / interval), wanted)
  if taken < 1 then refused = true; taken = 0 end
  takes[i] = { key, free_at, taken, interval }
end
for i, take in ipairs(takes) do
  local key, free_at, taken, interval = take[1], take[2], take[3], take[4]
  if refused then
    -- Zero for the rule that refuses, minus one for a rule that had room.
    if taken > 0 then taken = -1 end
  else
    free_at = free_at + taken * interval
    redis.call('SET', key, string.format('%.0f', free_at), 'PX', math.ceil((free_at - now) / 1000) + 1)
  end
  answer[2*i] = taken
  answer[2*i+1] = free_at
end
return answer
";

/// Gives back places that were taken in advance. Per key: the time that they stand for.
const GIVE_BACK: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for i, key in ipairs(KEYS) do
  local free_at = tonumber(redis.call('GET', key) or 0) - tonumber(ARGV[i])
  if free_at > now then
    redis.call('SET', key, string.format('%.0f', free_at), 'PX', math.ceil((free_at - now) / 1000) + 1)
  else
    redis.call('DEL', key)
  end
end
return 1
";

/// What is counted: a rule and whom it is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    pub rule: Rule,
    pub subject: u128,
}

/// How many places were taken of a count, and what it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) places: u64,
    pub(super) has_room: bool,
    pub(super) free_at: Micros,
}

pub(super) struct Shared {
    redis: Arc<Redis>,
    prefix: String,
    take: Script,
    give_back: Script,
}

impl Shared {
    pub(super) fn new(redis: Arc<Redis>, prefix: &str) -> Self {
        let (take, give_back) = (Script::new(TAKE), Script::new(GIVE_BACK));
        Self { redis, prefix: prefix.to_owned(), take, give_back }
    }

    /// Takes up to so many places of each, at least one of every one, or none at all.
    pub(super) async fn take(&self, asked: &[(Claim, Limit, u64)], clock: &Clock) -> Result<Vec<Taken>, Away> {
        let mut script = self.take.prepare_invoke();
        for (claim, limit, wanted) in asked {
            script.key(self.key(claim)).arg(limit.interval()).arg(limit.places()).arg(wanted);
        }
        let answer: Vec<i64> = self.redis.run(&script).await?;
        let (now, counts) = answer.split_first().ok_or(Away)?;
        clock.set(*now);
        let taken = |pair: &[i64; 2]| {
            let [places, free_at] = *pair;
            Taken { places: places.max(0).unsigned_abs(), has_room: places != 0, free_at }
        };
        Ok(counts.as_chunks().0.iter().map(taken).collect())
    }

    /// Gives places back. Lost when Redis is away: then they are free again by themselves in time.
    pub(super) async fn give_back(&self, unused: &[(Claim, Micros)]) {
        let mut script = self.give_back.prepare_invoke();
        for (claim, length) in unused {
            script.key(self.key(claim)).arg(*length);
        }
        if self.redis.run::<i64>(&script).await.is_err() {
            tracing::debug!(counts = unused.len(), "places taken in advance could not be given back");
        }
    }

    fn key(&self, claim: &Claim) -> String {
        let mut key = String::with_capacity(self.prefix.len() + 56);
        key.push_str(&self.prefix);
        let written = write!(key, "limit:{}:{:032x}", claim.rule.name(), claim.subject);
        debug_assert!(written.is_ok(), "a string takes everything");
        key
    }
}
