//! Calendar days of Algeria: what reports count by, and what lists are narrowed to.
//!
//! Africa/Algiers is UTC+1 all year, so a day needs no table of time zones.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

const AHEAD_OF_UTC: TimeDelta = TimeDelta::hours(1);

/// A day in Algiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

/// The text is not `YYYY-MM-DD` of a day that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a day, such as 2026-11-22")]
pub struct DayError;

impl Day {
    /// The day that it is in Algiers at this moment.
    #[must_use]
    pub fn of(moment: DateTime<Utc>) -> Self {
        let local = moment.naive_utc();
        Self(local.checked_add_signed(AHEAD_OF_UTC).unwrap_or(local).date())
    }

    /// Its first moment.
    #[must_use]
    pub fn begins_at(self) -> DateTime<Utc> {
        let midnight = self.0.and_time(NaiveTime::MIN);
        midnight.checked_sub_signed(AHEAD_OF_UTC).unwrap_or(midnight).and_utc()
    }

    /// The first moment after it.
    #[must_use]
    pub fn ends_at(self) -> DateTime<Utc> {
        let next = self.0.checked_add_days(Days::new(1)).unwrap_or(self.0);
        Self(next).begins_at()
    }

    /// So many days earlier.
    #[must_use]
    pub fn earlier(self, days: u64) -> Self {
        Self(self.0.checked_sub_days(Days::new(days)).unwrap_or(self.0))
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        // chrono takes fewer digits, and signs.
        day.filter(|day| day.to_string() == text).map(Self).ok_or(DayError)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_an_hour_before_that_of_utc() {
        let day: Day = "2026-11-22".parse().unwrap();
        assert_eq!(day.begins_at().to_rfc3339(), "2026-11-21T23:00:00+00:00");
        assert_eq!(day.ends_at().to_rfc3339(), "2026-11-22T23:00:00+00:00");
        assert_eq!(Day::of(day.begins_at()), day);
        assert_eq!(Day::of(day.ends_at() - TimeDelta::microseconds(1)), day);
        assert_eq!(Day::of(day.ends_at()).to_string(), "2026-11-23");
        assert_eq!(day.earlier(29).to_string(), "2026-10-24");
    }

    #[test]
    fn only_whole_days_of_the_calendar_are_read() {
        for text in ["2026-02-30", "22-11-2026", "2026-1-02", "+2026-01-02", "2026-11-22T00:00:00Z", "tomorrow", ""] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
    }
}
