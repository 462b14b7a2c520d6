//! What becomes of a client event: the room it asks for, checked with whoever owns the thing, the reply event and the
//! acknowledgement (7.2 of the contract).

use std::sync::Arc;

use access_token::Account;
use commerce_types::UserId;
use protocol::catalog::v1::{GetProductRequest, get_product_request};
use protocol::ordering::v1::GetOrderRequest;
use serde::Serialize;
use serde_json::{Map, Value, json};
use service_error::Reason;
use socketioxide::SendError;
use socketioxide::extract::{AckSender, SocketRef};

use super::command::{Command, Problem, Target};
use super::connection::Owed;
use super::hub::{Joined, Right, size};
use super::measure::{self, Ended};
use super::member::{Asked, Member};
use super::room::Room;
use super::{Realtime, payload};
use crate::http::error::ApiError;
use crate::session::callers::Known;

/// How often a check is made again because an event overtook it.
const TRIES: usize = 3;

/// Why a client event is not done: a code, and a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    code: &'static str,
    error: &'static str,
}

pub(super) const RATE_LIMITED: Refusal = of(Reason::RateLimited);
const UNAVAILABLE: Refusal = of(Reason::Unavailable);
const ROOM_LIMIT: Refusal = Refusal { code: "ROOM_LIMIT", error: "This socket is in too many rooms." };

impl Refusal {
    /// Nobody could be asked.
    pub(super) fn is_unavailable(self) -> bool {
        self == UNAVAILABLE
    }
}

const fn of(reason: Reason) -> Refusal {
    Refusal { code: reason.as_str(), error: reason.message() }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::UnknownEvent => Self { code: "UNKNOWN_EVENT", error: "There is no such event." },
            Problem::InvalidId => of(Reason::InvalidId),
            Problem::Invalid => of(Reason::ValidationError),
        }
    }
}

/// A reply: the event, and what it says.
type Reply = (&'static str, Value);

/// Does what a client asked for, and answers.
pub(super) async fn carry_out(realtime: &Arc<Realtime>, socket: &SocketRef, member: &Arc<Member>, asked: Asked) {
    let Asked { command, answer } = asked;
    // Who comes with many others waits for a turn, and has the time of its check for itself.
    let _turn = match command {
        Command::Join(_) | Command::JoinSeller(_) => realtime.turns.acquire().await.ok(),
        _ => None,
    };
    match realtime.within_time(obey(realtime, member, command)).await {
        Ok((event, said)) => reply(realtime, socket, member, event, said, answer),
        Err(refusal) => refuse(member, realtime, answer, refusal),
    }
}

/// Only who asked for an acknowledgement is told.
pub(super) fn refuse(member: &Member, realtime: &Realtime, answer: AckSender, refusal: Refusal) {
    measure::refused(refusal.code);
    acknowledge(member, realtime, answer, &json!({ "error": refusal.error, "code": refusal.code }));
}

fn reply(
    realtime: &Realtime,
    socket: &SocketRef,
    member: &Member,
    event: &'static str,
    said: Value,
    answer: AckSender,
) {
    let now = realtime.app.clock.now().timestamp_millis();
    let payload = payload::Told { event_id: realtime.app.ids.next(), timestamp: now, said: &said };
    if member.connection.owe(size(event, &payload)) == Owed::TooMuch || is_full(&socket.emit(event, &payload)) {
        return realtime.end(member, Ended::SlowReader);
    }
    let mut acknowledgement = Map::from_iter([("ok".to_owned(), Value::Bool(true))]);
    match said {
        Value::Object(members) if !members.is_empty() => acknowledgement.extend(members),
        _ => drop(acknowledgement.insert("timestamp".to_owned(), now.into())),
    }
    acknowledge(member, realtime, answer, &Value::Object(acknowledgement));
}

fn acknowledge<T: Serialize>(member: &Member, realtime: &Realtime, answer: AckSender, said: &T) {
    if is_full(&answer.send(said)) {
        realtime.end(member, Ended::SlowReader);
    }
}

fn is_full(sent: &Result<(), SendError>) -> bool {
    matches!(sent, Err(SendError::Socket(socketioxide::SocketError::InternalChannelFull)))
}

async fn obey(realtime: &Arc<Realtime>, member: &Arc<Member>, command: Command) -> Result<Reply, Refusal> {
    match command {
        Command::Join(target) => join(realtime, member, &target).await,
        Command::JoinSeller(named) => join_seller(realtime, member, named).await,
        Command::JoinOffer => Err(no_offer(caller(realtime, member).await?.as_deref())),
        Command::Leave(room) => {
            realtime.hub.leave(member.sid, room);
            Ok(left(room))
        }
        Command::LeaveOffer(id) => Ok(("offer:unsubscribed", json!({ "offerId": id }))),
        Command::Ping => Ok(("pong", json!({}))),
    }
}

async fn join(realtime: &Arc<Realtime>, member: &Arc<Member>, target: &Target) -> Result<Reply, Refusal> {
    let room = target.room();
    for _ in 0..TRIES {
        let mark = realtime.hub.mark();
        let caller = caller(realtime, member).await?;
        let right = check(realtime, caller.as_ref(), target).await?;
        if let Some(settled) = settle(realtime.hub.join(member, room, right, mark)) {
            return settled.map(|()| joined(room));
        }
    }
    Err(UNAVAILABLE)
}

/// As [`right`]; a crowd that sees no more of a thing than everybody is one question.
async fn check(realtime: &Realtime, caller: Option<&Arc<Account>>, target: &Target) -> Result<Right, Refusal> {
    let sees_more = caller.is_some_and(|account| account.is_admin() || account.seller_category.is_some());
    if sees_more || matches!(target, Target::Order(..)) {
        return right(realtime, caller, target).await;
    }
    let (room, hub) = (target.room(), &realtime.hub);
    let ask = async |_| right(realtime, None, target).await;
    realtime.checks.run(&room.to_string(), || hub.mark(), |mark| hub.is_unmoved(room, mark), ask).await
}

async fn join_seller(realtime: &Arc<Realtime>, member: &Arc<Member>, named: Option<UserId>) -> Result<Reply, Refusal> {
    for _ in 0..TRIES {
        let mark = realtime.hub.mark();
        let caller = caller(realtime, member).await?.ok_or(of(Reason::Unauthorized))?;
        if named.is_some_and(|named| named != caller.user_id) {
            return Err(of(Reason::Forbidden));
        }
        may_sell(&caller)?;
        let room = Room::Seller(caller.user_id);
        if let Some(settled) = settle(realtime.hub.join(member, room, Right::default(), mark)) {
            return settled.map(|()| joined(room));
        }
    }
    Err(UNAVAILABLE)
}

/// Whether that is the end of it; if not, it has to be checked again.
fn settle(joined: Joined) -> Option<Result<(), Refusal>> {
    match joined {
        Joined::Yes => Some(Ok(())),
        Joined::Full => Some(Err(ROOM_LIMIT)),
        Joined::Gone => Some(Err(UNAVAILABLE)),
        Joined::Overtaken => None,
    }
}

/// An approved seller has a room of its own.
pub(super) fn may_sell(account: &Account) -> Result<(), Refusal> {
    account.require_seller().map(drop).map_err(|refused| of(ApiError::from(refused).reason))
}

/// Nobody has offers yet: what an account that could see some is told.
fn no_offer(caller: Option<&Account>) -> Refusal {
    match caller {
        None => of(Reason::Unauthorized),
        Some(account) if account.is_admin() || account.seller_category.is_some() => of(Reason::OfferNotFound),
        Some(_) => of(Reason::Forbidden),
    }
}

/// Who a socket belongs to, as identity says now.
pub(super) async fn caller(realtime: &Arc<Realtime>, member: &Arc<Member>) -> Result<Option<Arc<Account>>, Refusal> {
    let Some(identity) = &member.identity else { return Ok(None) };
    match realtime.find_caller(&identity.session).await {
        Ok(Known::Active(account)) => Ok(Some(account)),
        Ok(Known::Disabled(_)) => {
            realtime.disconnect(member, Ended::Account);
            Err(of(Reason::AccountDisabled))
        }
        Ok(Known::Deleted) => {
            realtime.disconnect(member, Ended::Account);
            Err(of(Reason::Unauthorized))
        }
        Err(_away) => Err(UNAVAILABLE),
    }
}

/// Asks whoever owns the thing; what is missing, foreign or hidden is all the same.
pub(super) async fn right(
    realtime: &Realtime,
    caller: Option<&Arc<Account>>,
    target: &Target,
) -> Result<Right, Refusal> {
    let upstream = &realtime.app.upstream;
    let (asked, missing) = match target {
        Target::Product(id) => {
            let by = Some(get_product_request::By::Id(id.to_string()));
            let product = upstream.get_product(GetProductRequest { by }, caller).await;
            let seller = product.map(|product| product.seller.map(|seller| seller.id));
            (seller.map(|seller| Right::of_insider(caller, seller.as_deref())), Reason::ProductNotFound)
        }
        Target::Order(id, token) => {
            let message = GetOrderRequest { id: id.to_string(), tracking_token: token.clone() };
            let order = upstream.get_order(message, caller).await;
            let right = order.map(|order| Right {
                token: token.clone(),
                customer: order.user_id.and_then(|id| id.parse().ok()),
                is_insider: false,
            });
            (right, Reason::OrderNotFound)
        }
        Target::Reel(id) => {
            let seller = upstream.get_reel(*id, caller).await.map(|reel| reel.seller.map(|seller| seller.id));
            (seller.map(|seller| Right::of_insider(caller, seller.as_deref())), Reason::ReelNotFound)
        }
    };
    asked.map_err(|error| if (400..429).contains(&error.reason.http()) { of(missing) } else { UNAVAILABLE })
}

impl Right {
    /// To something of a seller.
    fn of_insider(caller: Option<&Arc<Account>>, seller_id: Option<&str>) -> Self {
        let is_its = |account: &Arc<Account>| seller_id == Some(account.user_id.to_string().as_str());
        let is_insider = caller.is_some_and(|account| account.is_admin() || is_its(account));
        Self { is_insider, ..Self::default() }
    }
}

fn joined(room: Room) -> Reply {
    let name = room.to_string();
    match room {
        Room::Reel(id) => ("reel:joined", json!({ "reelId": id, "roomName": name })),
        Room::Order(id) => ("order:subscribed", json!({ "orderId": id, "roomName": name })),
        Room::Product(id) => ("product:joined", json!({ "productId": id, "roomName": name })),
        Room::Seller(id) | Room::User(id) => ("seller:subscribed", json!({ "sellerId": id, "roomName": name })),
    }
}

fn left(room: Room) -> Reply {
    match room {
        Room::Reel(id) => ("reel:left", json!({ "reelId": id })),
        Room::Order(id) => ("order:unsubscribed", json!({ "orderId": id })),
        Room::Product(id) => ("product:left", json!({ "productId": id })),
        Room::Seller(id) | Room::User(id) => ("seller:unsubscribed", json!({ "sellerId": id })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_contracts_words() {
        for (problem, code) in [
            (Problem::UnknownEvent, "UNKNOWN_EVENT"),
            (Problem::InvalidId, "INVALID_ID"),
            (Problem::Invalid, "VALIDATION_ERROR"),
        ] {
            assert_eq!(Refusal::from(problem).code, code);
        }
        assert_eq!(
            (RATE_LIMITED.code, UNAVAILABLE.code, ROOM_LIMIT.code),
            ("RATE_LIMITED", "UNAVAILABLE", "ROOM_LIMIT")
        );
        assert_eq!(no_offer(None).code, "UNAUTHORIZED");
    }
}
