//! What the server ends (7.6 of the contract), and rooms that are checked again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use commerce_types::UserId;
use futures::StreamExt;
use futures::stream;

use super::answer::{caller, may_sell, right};
use super::command::Target;
use super::connection::{Connection, lock};
use super::hub::Right;
use super::measure::{self, Ended};
use super::member::Member;
use super::room::Room;
use super::{NAMESPACE, Realtime};

/// How often sockets are looked through that nobody uses, or that are too old.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Accounts whose rooms are checked at a time.
const AT_A_TIME: usize = 16;
/// Rights that cannot be checked for so long are lost.
const CHECK_WITHIN: Duration = Duration::from_secs(4);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(250);

impl Realtime {
    /// Tells a socket that it is disconnected: its client does not come back by itself.
    pub(crate) fn disconnect(&self, member: &Member, why: Ended) {
        measure::ended(why);
        self.hub.forget(member.sid);
        let socket = self.io.of(NAMESPACE).and_then(|all| all.get_socket(member.sid));
        // A full buffer leaves no room for saying so.
        if socket.is_some_and(|socket| socket.disconnect().is_err()) {
            self.end_connection(&member.connection);
        }
    }

    /// Ends a socket's connection without a word: its client comes back by itself.
    pub(crate) fn end(&self, member: &Member, why: Ended) {
        measure::ended(why);
        self.hub.forget(member.sid);
        self.end_connection(&member.connection);
    }

    /// Ends a connection at transport level.
    pub(crate) fn end_connection(&self, connection: &Connection) {
        connection.end().cancel();
        if !connection.is_websocket()
            && let Some(sid) = connection.sid()
        {
            self.close_polling(sid);
        }
        self.connections.forget(connection);
    }

    /// An account changed: what its sockets may hear of is asked again, soon.
    pub(super) fn check_again(&self, user_id: UserId) {
        if !self.hub.of_account(user_id).is_empty() {
            lock(&self.unchecked).insert(user_id);
            self.has_unchecked.notify_one();
        }
    }

    /// Facts were missed. Nobody who stays connected would know, so everybody has to come again: rooms are checked, and
    /// clients read what they show (7.4 of the contract).
    pub(crate) fn start_over(&self) {
        self.has_gap.notify_one();
    }

    /// Checks rooms again and looks through the sockets, for ever.
    pub(crate) async fn look_after(self: Arc<Self>) {
        tokio::join!(self.check_rooms(), self.sweep(), self.mend_gaps());
    }

    async fn check_rooms(self: &Arc<Self>) {
        loop {
            self.has_unchecked.notified().await;
            let accounts: HashSet<UserId> = std::mem::take(&mut lock(&self.unchecked));
            let members = accounts.into_iter().flat_map(|user_id| self.hub.of_account(user_id));
            let members: Vec<Arc<Member>> = members.collect();
            stream::iter(members).for_each_concurrent(AT_A_TIME, |member| self.check_member(member)).await;
        }
    }

    /// Takes a socket out of rooms that it may not be in any more.
    async fn check_member(self: &Arc<Self>, member: Arc<Member>) {
        let began = Instant::now();
        while self.within_time(self.check_rooms_of(&member)).await.is_err() {
            if began.elapsed() > CHECK_WITHIN {
                tracing::warn!("rooms could not be checked again: the socket has to come again");
                return self.end(&member, Ended::Unchecked);
            }
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// An error is that nobody could be asked.
    async fn check_rooms_of(self: &Arc<Self>, member: &Arc<Member>) -> Result<(), Unasked> {
        let account = match caller(self, member).await {
            Ok(account) => account,
            Err(refusal) if refusal.is_unavailable() => return Err(Unasked),
            // It was disconnected.
            Err(_gone) => return Ok(()),
        };
        for (room, had) in self.hub.rooms_of(member.sid) {
            let checked = match target(room, &had) {
                Some(target) => right(self, account.as_ref(), &target).await,
                None => account.as_deref().map_or(Ok(()), may_sell).map(|()| had.clone()),
            };
            match checked {
                Ok(has) if has == had => {}
                Err(refusal) if refusal.is_unavailable() => return Err(Unasked),
                // What it is told of a room depends on its right there.
                Ok(has) => self.hub.change_right(member.sid, room, has),
                Err(_refused) => self.hub.leave(member.sid, room),
            }
        }
        Ok(())
    }

    async fn mend_gaps(&self) {
        loop {
            self.has_gap.notified().await;
            self.send_all_away().await;
        }
    }

    async fn sweep(self: &Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            for connection in self.connections.all() {
                if connection.idle_for().is_some_and(|idle| idle > self.config.connect_within) {
                    measure::ended(Ended::Unused);
                    self.end_connection(&connection);
                }
            }
            for member in self.hub.all() {
                let age = member.connection.opened_at().elapsed();
                let is_there = self.io.of(NAMESPACE).is_some_and(|all| all.get_socket(member.sid).is_some());
                if age > self.config.life {
                    self.disconnect(&member, Ended::Old);
                } else if !is_there && member.opened_at.elapsed() > self.config.connect_within {
                    // Its CONNECT was never answered.
                    self.hub.forget(member.sid);
                    member.connection.is_idle();
                }
            }
        }
    }

    /// Ends all connections at transport level, spread over a time, so that clients do not all come back at once.
    pub(crate) async fn send_all_away(&self) {
        let connections = self.connections.all();
        let began = Instant::now();
        let each = self.config.close_over / u32::try_from(connections.len()).unwrap_or(u32::MAX).max(1);
        for (number, connection) in (1_u32..).zip(&connections) {
            measure::ended(Ended::SentAway);
            self.send_away(connection);
            tokio::time::sleep_until((began + each * number).into()).await;
        }
    }

    fn send_away(&self, connection: &Connection) {
        if let Some(sid) = connection.sid() {
            self.hub.forget(sid);
        }
        self.end_connection(connection);
    }
}

/// Nobody could be asked.
struct Unasked;

/// What has to be asked for a room; none for a seller's own.
fn target(room: Room, right: &Right) -> Option<Target> {
    match room {
        Room::Reel(id) => Some(Target::Reel(id)),
        Room::Order(id) => Some(Target::Order(id, right.token.clone())),
        Room::Product(id) => Some(Target::Product(id)),
        Room::Seller(_) | Room::User(_) => None,
    }
}
