//! CONNECT: who comes, and whether it may (7.1 of the contract).
//!
//! Handlers are registered here, before the answer is sent: a quick client's first events would find none otherwise.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Instant;

use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::socket::DisconnectReason;

use super::command::{Arguments, Command};
use super::connection::Connection;
use super::hub::Entered;
use super::measure::Ended;
use super::member::{Admitted, Asked, Identity, Member};
use super::room::Room;
use super::{NAMESPACE, Realtime, answer, measure};
use crate::session::callers::Known;

/// How often what was checked is checked again because an event overtook it.
const TRIES: usize = 3;

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Unauthorized,
    AccountDisabled,
    RateLimited,
    Unavailable,
}

impl Refused {
    fn code(self) -> &'static str {
        match self {
            Self::Unauthorized => "UNAUTHORIZED",
            Self::AccountDisabled => "ACCOUNT_DISABLED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Opens the namespace; there is no other.
pub(super) fn open_namespace(io: &SocketIo, realtime: Weak<Realtime>) {
    let admit = move |socket: SocketRef, TryData(auth): TryData<Value>| {
        let realtime = realtime.clone();
        async move {
            let Some(realtime) = realtime.upgrade() else { return Err(Refused::Unavailable) };
            let admitted = admit(&realtime, &socket, auth.ok()).await;
            admitted.inspect_err(|refused| measure::refused(refused.code()))
        }
    };
    // What was said while the answer was on its way went nowhere.
    let connected = async |socket: SocketRef| {
        if let Some(connection) = connection(&socket) {
            connection.begin_to_owe();
        }
    };
    io.ns(NAMESPACE, connected.with(admit));
}

fn connection(socket: &SocketRef) -> Option<Arc<Connection>> {
    socket.req_parts().extensions.get::<Arc<Connection>>().cloned()
}

async fn admit(realtime: &Arc<Realtime>, socket: &SocketRef, auth: Option<Value>) -> Result<(), Refused> {
    let connection = connection(socket).ok_or(Refused::Unavailable)?;
    let query = socket.req_parts().uri.query().unwrap_or_default();
    let token = token(auth.ok_or(Refused::Unauthorized)?, query)?;
    for _ in 0..TRIES {
        if realtime.is_closing() {
            return Err(Refused::Unavailable);
        }
        let mark = realtime.hub.mark();
        let identity = match &token {
            Some(token) => Some(identify(realtime, token).await?),
            None => None,
        };
        let member = Arc::new(Member::new(socket.id, identity, Arc::clone(&connection)));
        match realtime.hub.enter(&member, mark) {
            Entered::Yes => {
                listen(realtime, socket, &member);
                if let Some(user_id) = member.user_id() {
                    socket.join(Room::User(user_id).to_string());
                }
                connection.is_used();
                realtime.connections.name(&connection, socket.id);
                return Ok(());
            }
            Entered::Overtaken => {}
            Entered::TooMany => return Err(Refused::RateLimited),
        }
    }
    Err(Refused::Unavailable)
}

/// The token of `auth.token`, else of the query; absent, null and empty are none.
fn token(auth: Value, query: &str) -> Result<Option<String>, Refused> {
    let Value::Object(mut auth) = auth else { return Err(Refused::Unauthorized) };
    match auth.remove("token") {
        None | Some(Value::Null) => {}
        Some(Value::String(token)) if token.is_empty() => {}
        Some(Value::String(token)) => return Ok(Some(token)),
        Some(_) => return Err(Refused::Unauthorized),
    }
    let token = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    Ok(token.map(|(_, token)| token.into_owned()).filter(|token| !token.is_empty()))
}

async fn identify(realtime: &Arc<Realtime>, token: &str) -> Result<Identity, Refused> {
    let checked = realtime.app.sessions.check(token, realtime.app.clock.now().timestamp()).await;
    let session = checked.ok().ok_or(Refused::Unauthorized)?;
    if realtime.ended_sessions.contains_key(&session.claims.session_id) {
        return Err(Refused::Unauthorized);
    }
    let known = realtime.within_time(realtime.find_caller(&session)).await;
    match known.ok().ok_or(Refused::Unavailable)? {
        Known::Active(account) => Ok(Identity { session, user_id: account.user_id }),
        Known::Disabled(_) => Err(Refused::AccountDisabled),
        Known::Deleted => Err(Refused::Unauthorized),
    }
}

fn listen(realtime: &Arc<Realtime>, socket: &SocketRef, member: &Arc<Member>) {
    let (weak, listening) = (Arc::downgrade(realtime), Arc::clone(member));
    socket.on_fallback(
        move |socket: SocketRef, Event(event): Event, TryData(arguments): TryData<Arguments>, answer: AckSender| {
            let realtime = weak.upgrade();
            // Here, in the order in which they came; what follows may run in any.
            if let Some(realtime) = &realtime {
                let arguments = arguments.ok().map(|Arguments(arguments)| arguments);
                hear(realtime, &listening, &event, arguments.as_deref(), answer);
            }
            async move {
                if let Some(realtime) = realtime {
                    let work = async |asked: Asked| answer::carry_out(&realtime, &socket, &listening, asked).await;
                    listening.next(work).await;
                }
            }
        },
    );
    let (weak, leaving) = (Arc::downgrade(realtime), Arc::clone(member));
    socket.on_disconnect(move |reason: DisconnectReason| async move {
        let Some(realtime) = weak.upgrade() else { return };
        realtime.hub.forget(leaving.sid);
        match reason {
            DisconnectReason::ClientNSDisconnect | DisconnectReason::ServerNSDisconnect => leaving.connection.is_idle(),
            _ => realtime.connections.forget(&leaving.connection),
        }
    });
}

/// Takes a client event in, or drops it.
fn hear(realtime: &Arc<Realtime>, member: &Arc<Member>, event: &str, arguments: Option<&[Value]>, answer: AckSender) {
    let Some(arguments) = arguments else {
        return realtime.end(member, Ended::Malformed);
    };
    match member.admit(Instant::now()) {
        Admitted::Yes => match Command::read(event, arguments) {
            Ok(command) => member.enqueue(Asked { command, answer }),
            Err(problem) => answer::refuse(member, realtime, answer, problem.into()),
        },
        Admitted::Dropped => answer::refuse(member, realtime, answer, answer::RATE_LIMITED),
        Admitted::Flooding => realtime.disconnect(member, Ended::TooManyMessages),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_where_the_contract_says() {
        let some = |token: &str| Ok(Some(token.to_owned()));
        assert_eq!(token(json!({"token": "a"}), "EIO=4&token=b"), some("a"));
        for absent in [json!({}), json!({"token": null}), json!({"token": ""})] {
            assert_eq!(token(absent.clone(), "EIO=4&token=b%2Ec"), some("b.c"));
            assert_eq!(token(absent.clone(), "EIO=4&token="), Ok(None));
            assert_eq!(token(absent, "EIO=4"), Ok(None));
        }
        for wrong in [json!({"token": 7}), json!({"token": ["a"]}), json!({"token": {}}), json!("a"), json!(["a"])] {
            assert_eq!(token(wrong, "token=b"), Err(Refused::Unauthorized));
        }
    }
}
