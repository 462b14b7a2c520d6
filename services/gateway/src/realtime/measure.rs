//! What is counted and timed of realtime.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

/// Why a socket's connection was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    SlowReader,
    TooManyMessages,
    Malformed,
    Unused,
    Old,
    Account,
    Session,
    Unchecked,
    /// The gateway stops, or missed facts: clients come back by themselves.
    SentAway,
}

impl Ended {
    fn name(self) -> &'static str {
        match self {
            Self::SlowReader => "slow_reader",
            Self::TooManyMessages => "too_many_messages",
            Self::Malformed => "malformed",
            Self::Unused => "unused",
            Self::Old => "old",
            Self::Account => "account",
            Self::Session => "session",
            Self::Unchecked => "unchecked",
            Self::SentAway => "sent_away",
        }
    }
}

pub(crate) fn connections(open: i64) {
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    gauge!("gateway_realtime_connections").set(open as f64);
}

pub(crate) fn sockets(sockets: usize, rooms: usize) {
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let (sockets, rooms) = (sockets as f64, rooms as f64);
    gauge!("gateway_realtime_sockets").set(sockets);
    gauge!("gateway_realtime_rooms").set(rooms);
}

/// An event went to so many sockets, so long after its fact.
pub(crate) fn emitted(event: &'static str, sockets: usize, after: Duration) {
    counter!("gateway_realtime_events_total", "event" => event).increment(1);
    counter!("gateway_realtime_deliveries_total").increment(sockets as u64);
    histogram!("gateway_realtime_delay_seconds").record(after.as_secs_f64());
}

/// A fact was left out because a newer one of the same object was told.
pub(crate) fn overtaken() {
    counter!("gateway_realtime_overtaken_total").increment(1);
}

/// A CONNECT or a client event was refused.
pub(crate) fn refused(code: &'static str) {
    counter!("gateway_realtime_refused_total", "code" => code).increment(1);
}

pub(crate) fn ended(why: Ended) {
    counter!("gateway_realtime_ended_total", "why" => why.name()).increment(1);
}
