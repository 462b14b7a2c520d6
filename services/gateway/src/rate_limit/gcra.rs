//! The arithmetic of one limit (GCRA): a whole limit's worth of requests at once, then one every interval.
//!
//! A count is one number, the moment from which the whole limit is free again ("theoretical arrival time"). Taking
//! a place moves it one interval into the future, time does the rest. Pure: clocks and storage are elsewhere.

use std::time::Duration;

/// Microseconds since the Unix epoch, by whatever clock counts.
pub type Micros = i64;

/// So many places in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    places: u64,
    interval: Micros,
}

impl Limit {
    /// At least one place and one microsecond between two of them.
    pub fn new(places: u64, period: Duration) -> Self {
        let places = places.max(1);
        let period = i64::try_from(period.as_micros()).unwrap_or(i64::MAX);
        Self { places, interval: (period / i64::try_from(places).unwrap_or(i64::MAX)).max(1) }
    }

    pub fn places(self) -> u64 {
        self.places
    }

    /// How long it takes until one place is free again.
    pub fn interval(self) -> Micros {
        self.interval
    }

    /// How many places are free at `now`.
    pub fn free(self, free_at: Micros, now: Micros) -> u64 {
        let used = (free_at - now).max(0);
        // A place that is free in part is not free.
        let used = used.div_euclid(self.interval) + i64::from(used.rem_euclid(self.interval) > 0);
        self.places.saturating_sub(used.unsigned_abs())
    }

    /// Takes up to `wanted` places: how many, and the count afterwards. A refusal uses nothing.
    pub fn take(self, free_at: Micros, now: Micros, wanted: u64) -> (u64, Micros) {
        let taken = self.free(free_at, now).min(wanted);
        if taken == 0 { (0, free_at) } else { (taken, free_at.max(now) + self.length_of(taken)) }
    }

    /// When the next place is free; `now` or earlier when one is.
    pub fn next_place_at(self, free_at: Micros) -> Micros {
        free_at - self.length_of(self.places - 1)
    }

    /// The time that so many places stand for.
    pub fn length_of(self, places: u64) -> Micros {
        self.interval.saturating_mul(i64::try_from(places).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_whole_limit_is_admitted_at_once_then_one_every_interval() {
        let limit = Limit::new(60, MINUTE);
        let now = 1_700_000_000_000_000;
        let (mut count, mut admitted) = (0, 0);
        while let (1, next) = limit.take(count, now, 1) {
            (count, admitted) = (next, admitted + 1);
        }
        assert_eq!(admitted, 60);
        assert_eq!(limit.next_place_at(count), now + 1_000_000);
        assert_eq!(limit.take(count, now + 999_999, 1).0, 0);
        assert_eq!(limit.take(count, now + 1_000_000, 2).0, 1);
    }

    proptest! {
        /// The model is the definition: in no stretch of time more than the limit plus what became free in it.
        #[test]
        fn never_more_than_the_limit_and_what_became_free(
            places in 1u64..300,
            steps in prop::collection::vec((0i64..3_000_000, 1u64..8), 1..400),
        ) {
            let limit = Limit::new(places, MINUTE);
            let (mut now, mut count) = (1_000_000_000_000_i64, 0);
            let mut admissions: Vec<(Micros, u64)> = Vec::new();
            for (pause, wanted) in steps {
                now += pause;
                let free = limit.free(count, now);
                let (taken, next) = limit.take(count, now, wanted);
                prop_assert_eq!(taken, wanted.min(free));
                prop_assert!(taken > 0 || limit.next_place_at(count) > now);
                prop_assert_eq!(limit.free(next, now), free - taken);
                count = next;
                admissions.push((now, taken));
            }
            for (index, (from, _)) in admissions.iter().enumerate() {
                let mut sum = 0;
                for (to, taken) in &admissions[index..] {
                    sum += taken;
                    let became_free = u64::try_from((to - from) / limit.interval()).unwrap();
                    prop_assert!(sum <= places + became_free, "{} in {} µs", sum, to - from);
                }
            }
        }

        /// A request is refused only when the last minute is really full.
        #[test]
        fn an_unused_limit_is_wholly_free_after_a_period(places in 1u64..300, used in 1u64..300) {
            let limit = Limit::new(places, MINUTE);
            let (taken, count) = limit.take(0, 1_000, used);
            prop_assert_eq!(limit.free(count, 1_000 + limit.length_of(taken)), places);
        }
    }
}
