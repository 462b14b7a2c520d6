//! A socket in the namespace: who it is, how fast it talks, and what it has asked for and not been answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use commerce_types::UserId;
use socketioxide::extract::AckSender;
use socketioxide::socket::Sid;

use super::command::Command;
use super::connection::{Connection, Lately, lock};
use crate::session::Session;

/// Client events in a second.
const MOST_MESSAGES: usize = 20;
const SECOND: Duration = Duration::from_secs(1);
/// Dropped ones in ten seconds; above, the socket is disconnected.
const MOST_DROPPED: usize = 100;
const TEN_SECONDS: Duration = Duration::from_secs(10);
/// Client events that wait for their turn.
const MOST_WAITING: usize = 64;

/// A socket.
pub(crate) struct Member {
    pub(crate) sid: Sid,
    pub(crate) identity: Option<Identity>,
    pub(crate) connection: Arc<Connection>,
    pub(crate) opened_at: Instant,
    pace: Mutex<Pace>,
    waiting: Mutex<VecDeque<Asked>>,
    turn: tokio::sync::Mutex<()>,
}

/// Who a socket belongs to; guests have none.
pub(crate) struct Identity {
    pub(crate) session: Arc<Session>,
    pub(crate) user_id: UserId,
}

/// A client event that was understood.
pub(crate) struct Asked {
    pub(crate) command: Command,
    pub(crate) answer: AckSender,
}

#[derive(Default)]
struct Pace {
    admitted: Lately,
    dropped: Lately,
}

/// Whether a client event is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    Yes,
    Dropped,
    /// Dropped, and so many before it that the socket has to go.
    Flooding,
}

impl Member {
    pub(crate) fn new(sid: Sid, identity: Option<Identity>, connection: Arc<Connection>) -> Self {
        Self {
            sid,
            identity,
            connection,
            opened_at: Instant::now(),
            pace: Mutex::default(),
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn user_id(&self) -> Option<UserId> {
        self.identity.as_ref().map(|identity| identity.user_id)
    }

    /// Counts a client event.
    pub(crate) fn admit(&self, now: Instant) -> Admitted {
        let mut pace = lock(&self.pace);
        if pace.admitted.admits(MOST_MESSAGES, SECOND, now) && lock(&self.waiting).len() < MOST_WAITING {
            Admitted::Yes
        } else if pace.dropped.admits(MOST_DROPPED, TEN_SECONDS, now) {
            Admitted::Dropped
        } else {
            Admitted::Flooding
        }
    }

    /// Puts a client event behind those before it.
    pub(crate) fn enqueue(&self, asked: Asked) {
        lock(&self.waiting).push_back(asked);
    }

    /// Does the next client event in turn: one at a time, in the order in which they came, whoever calls first.
    pub(crate) async fn next(&self, work: impl AsyncFnOnce(Asked)) {
        let _turn = self.turn.lock().await;
        let next = lock(&self.waiting).pop_front();
        if let Some(asked) = next {
            work(asked).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection::Connections;
    use super::*;

    #[test]
    fn twenty_messages_in_a_second_and_a_hundred_dropped_ones() {
        let connection = Connections::default().open(1).unwrap();
        let (member, now) = (Member::new(Sid::ZERO, None, connection), Instant::now());
        assert!((0..20).all(|_| member.admit(now) == Admitted::Yes));
        assert!((0..100).all(|_| member.admit(now) == Admitted::Dropped));
        assert_eq!(member.admit(now), Admitted::Flooding);
        assert_eq!(member.admit(now + SECOND), Admitted::Yes);
        assert!((0..19).all(|_| member.admit(now + SECOND) == Admitted::Yes));
        assert_eq!(member.admit(now + SECOND), Admitted::Flooding);
        let later = now + TEN_SECONDS;
        assert!((0..20).all(|_| member.admit(later) == Admitted::Yes));
        assert_eq!(member.admit(later), Admitted::Dropped);
    }
}
