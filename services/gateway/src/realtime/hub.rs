//! Who is in which room. The Socket.IO server keeps the rooms that it emits to; this keeps the same ones with what the
//! server has no place for: whose a socket is, by what right it is in a room, and how much of it is unsent.
//!
//! Always true: both are changed under one lock, and so is every emit. A socket that joins after a check was checked
//! after the last revocation that concerns it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use commerce_types::UserId;
use futures::FutureExt;
use serde::Serialize;
use socketioxide::SocketIo;
use socketioxide::socket::Sid;

use super::connection::{Connection, Owed, lock};
use super::member::Member;
use super::room::Room;
use super::{NAMESPACE, measure};
use crate::drop_log::DropLog;

/// Rooms of a socket; `user:` is not counted.
const MOST_ROOMS: usize = 64;
/// Sockets of an account at one gateway.
const MOST_SOCKETS: usize = 100;
const REMEMBERED: usize = 4_096;

/// By what right a socket is in a room, as far as the room itself does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Right {
    /// The order's token that was shown.
    pub(crate) token: Option<String>,
    /// The account that ordered.
    pub(crate) customer: Option<UserId>,
    /// The seller or an admin: what is not public is theirs all the same.
    pub(crate) is_insider: bool,
}

/// What has lost somebody a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Revoked {
    Account(UserId),
    Session(String),
    Room(Room),
}

/// Whether a socket is in a room now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    Yes,
    /// What was checked may not hold any more.
    Overtaken,
    Full,
    /// The socket left meanwhile.
    Gone,
}

/// Whether a socket is in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    Yes,
    /// What was checked may not hold any more.
    Overtaken,
    TooMany,
}

/// To how many something was told, and who of them reads slowly.
#[derive(Default)]
pub(crate) struct Emitted {
    pub(crate) sockets: usize,
    /// They have much unsent.
    pub(crate) behind: Vec<Arc<Connection>>,
    /// They have too much unsent.
    pub(crate) slow: Vec<Arc<Member>>,
}

pub(crate) struct Hub {
    io: SocketIo,
    revoked: DropLog<Revoked>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    seats: HashMap<Sid, Seat>,
    rooms: HashMap<Room, HashMap<Sid, Arc<Member>>>,
    sessions: HashMap<String, HashSet<Sid>>,
}

struct Seat {
    member: Arc<Member>,
    rooms: HashMap<Room, Right>,
}

impl Hub {
    pub(crate) fn new(io: SocketIo) -> Self {
        Self { io, revoked: DropLog::new(REMEMBERED), state: Mutex::default() }
    }

    /// Now: to be taken before something is checked.
    pub(crate) fn mark(&self) -> u64 {
        self.revoked.mark()
    }

    /// Whether a room is as it was then, for all who may be in it because everybody may.
    pub(crate) fn is_unmoved(&self, room: Room, mark: u64) -> bool {
        !self.revoked.overtook(mark, |revoked| *revoked == Revoked::Room(room))
    }

    /// Somebody may have lost a right. To be called before sockets are looked for.
    pub(crate) fn revoke(&self, revoked: Revoked) {
        self.revoked.record(revoked);
    }

    /// Takes a socket in, and into the room of its account.
    pub(crate) fn enter(&self, member: &Arc<Member>, mark: u64) -> Entered {
        let mut state = lock(&self.state);
        if let Some(identity) = &member.identity {
            let concerns = |revoked: &Revoked| match revoked {
                Revoked::Account(user_id) => *user_id == identity.user_id,
                Revoked::Session(session) => *session == identity.session.claims.session_id,
                Revoked::Room(_) => false,
            };
            if self.revoked.overtook(mark, concerns) {
                return Entered::Overtaken;
            }
            let room = Room::User(identity.user_id);
            let sockets = state.rooms.entry(room).or_default();
            if sockets.len() >= MOST_SOCKETS {
                return Entered::TooMany;
            }
            sockets.insert(member.sid, Arc::clone(member));
            let session = identity.session.claims.session_id.clone();
            state.sessions.entry(session).or_default().insert(member.sid);
        }
        state.seats.insert(member.sid, Seat { member: Arc::clone(member), rooms: HashMap::new() });
        state.measure();
        Entered::Yes
    }

    /// Puts a socket into a room that it was checked for after `mark`.
    pub(crate) fn join(&self, member: &Member, room: Room, right: Right, mark: u64) -> Joined {
        let mut state = lock(&self.state);
        let concerns = |revoked: &Revoked| match revoked {
            Revoked::Account(user_id) => member.user_id() == Some(*user_id),
            Revoked::Session(_) => false,
            Revoked::Room(other) => *other == room,
        };
        if self.revoked.overtook(mark, concerns) {
            return Joined::Overtaken;
        }
        let socket = self.io.of(NAMESPACE).and_then(|all| all.get_socket(member.sid));
        let (Some(socket), Some(seat)) = (socket, state.seats.get_mut(&member.sid)) else { return Joined::Gone };
        if !seat.rooms.contains_key(&room) && seat.rooms.len() >= MOST_ROOMS {
            return Joined::Full;
        }
        seat.rooms.insert(room, right);
        let member = Arc::clone(&seat.member);
        state.rooms.entry(room).or_default().insert(member.sid, member);
        socket.join(room.to_string());
        state.measure();
        Joined::Yes
    }

    /// Takes a socket out of a room, if it is in it.
    pub(crate) fn leave(&self, sid: Sid, room: Room) {
        let mut state = lock(&self.state);
        if state.seats.get_mut(&sid).is_some_and(|seat| seat.rooms.remove(&room).is_some()) {
            state.take_out(sid, room);
            self.leave_there(sid, room);
            state.measure();
        }
    }

    /// A socket's right in a room is another one now.
    pub(crate) fn change_right(&self, sid: Sid, room: Room, right: Right) {
        if let Some(had) = lock(&self.state).seats.get_mut(&sid).and_then(|seat| seat.rooms.get_mut(&room)) {
            *had = right;
        }
    }

    /// Takes all out of a room who have no right of the kind that `keeps` them there.
    pub(crate) fn clear(&self, room: Room, keeps: impl Fn(&Right) -> bool) {
        let mut state = lock(&self.state);
        let Some(members) = state.rooms.get(&room) else { return };
        let has_to_go =
            |sid: &Sid| state.seats.get(sid).and_then(|seat| seat.rooms.get(&room)).is_none_or(|r| !keeps(r));
        let leaving: Vec<Sid> = members.keys().copied().filter(has_to_go).collect();
        for sid in leaving {
            if let Some(seat) = state.seats.get_mut(&sid) {
                seat.rooms.remove(&room);
            }
            state.take_out(sid, room);
            self.leave_there(sid, room);
        }
        state.measure();
    }

    /// Takes all out of orders of a customer whose account is gone who showed a token: it is void.
    pub(crate) fn void_tokens(&self, customer: UserId) {
        let rooms: Vec<Room> = lock(&self.state).rooms.keys().copied().collect();
        for room in rooms.into_iter().filter(|room| matches!(room, Room::Order(_))) {
            self.clear(room, |right| right.customer != Some(customer) || right.token.is_none());
        }
    }

    /// A socket is gone.
    pub(crate) fn forget(&self, sid: Sid) {
        let mut state = lock(&self.state);
        let Some(seat) = state.seats.remove(&sid) else { return };
        for room in seat.rooms.into_keys().chain(seat.member.user_id().map(Room::User)) {
            state.take_out(sid, room);
            self.leave_there(sid, room);
        }
        if let Some(identity) = &seat.member.identity {
            let session = &identity.session.claims.session_id;
            if let Some(sids) = state.sessions.get_mut(session) {
                sids.remove(&sid);
                if sids.is_empty() {
                    state.sessions.remove(session);
                }
            }
        }
        state.measure();
    }

    /// The sockets of an account.
    pub(crate) fn of_account(&self, user_id: UserId) -> Vec<Arc<Member>> {
        let state = lock(&self.state);
        state.rooms.get(&Room::User(user_id)).into_iter().flat_map(HashMap::values).cloned().collect()
    }

    /// The sockets opened with a token of a session.
    pub(crate) fn of_session(&self, session_id: &str) -> Vec<Arc<Member>> {
        let state = lock(&self.state);
        state.members(state.sessions.get(session_id))
    }

    /// All sockets.
    pub(crate) fn all(&self) -> Vec<Arc<Member>> {
        lock(&self.state).seats.values().map(|seat| Arc::clone(&seat.member)).collect()
    }

    /// The rooms a socket joined, with its rights there.
    pub(crate) fn rooms_of(&self, sid: Sid) -> Vec<(Room, Right)> {
        let state = lock(&self.state);
        let rooms = state.seats.get(&sid).into_iter().flat_map(|seat| &seat.rooms);
        rooms.map(|(room, right)| (*room, right.clone())).collect()
    }

    /// Tells everybody who is in one of the rooms, once; the packet is encoded once.
    pub(crate) fn emit<T: Serialize>(&self, rooms: &[Room], event: &str, payload: &T) -> Emitted {
        let state = lock(&self.state);
        let filled: Vec<_> = rooms.iter().filter_map(|room| state.rooms.get(room)).collect();
        let mut emitted = Emitted::default();
        if filled.is_empty() {
            return emitted;
        }
        let size = size(event, payload);
        let mut told = HashSet::new();
        for member in filled.iter().flat_map(|members| members.values()) {
            // Only who is in several rooms has to be known again.
            if filled.len() == 1 || told.insert(member.sid) {
                emitted.sockets += 1;
                match member.connection.owe(size) {
                    Owed::Little => {}
                    Owed::Much => emitted.behind.push(Arc::clone(&member.connection)),
                    Owed::TooMuch => emitted.slow.push(Arc::clone(member)),
                }
            }
        }
        if let Some(all) = self.io.of(NAMESPACE) {
            let names: Vec<String> = rooms.iter().map(Room::to_string).collect();
            // It waits for nothing. Who cannot be told is closed already, or is found slow here.
            let _sent = all.to(names).emit(event, payload).now_or_never();
        }
        emitted
    }

    fn leave_there(&self, sid: Sid, room: Room) {
        if let Some(socket) = self.io.of(NAMESPACE).and_then(|all| all.get_socket(sid)) {
            socket.leave(room.to_string());
        }
    }
}

impl State {
    fn take_out(&mut self, sid: Sid, room: Room) {
        if let Some(members) = self.rooms.get_mut(&room) {
            members.remove(&sid);
            if members.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    fn members(&self, sids: Option<&HashSet<Sid>>) -> Vec<Arc<Member>> {
        let seats = sids.into_iter().flatten().filter_map(|sid| self.seats.get(sid));
        seats.map(|seat| Arc::clone(&seat.member)).collect()
    }

    fn measure(&self) {
        measure::sockets(self.seats.len(), self.rooms.len());
    }
}

/// Of the packet that says it: `42/realtime,["event",payload]`.
pub(crate) fn size<T: Serialize>(event: &str, payload: &T) -> usize {
    let mut counted = Counted(0);
    // What cannot be written is not sent either.
    let _written = serde_json::to_writer(&mut counted, payload);
    counted.0 + event.len() + "42,[\"\",]".len() + NAMESPACE.len()
}

struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
