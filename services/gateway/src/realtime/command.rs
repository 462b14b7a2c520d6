//! Client events: what they say, read strictly.

use std::fmt;
use std::str::FromStr;

use commerce_types::{OrderId, ProductId, ReelId, UserId};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::room::Room;

/// A client event that says something.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Join(Target),
    Leave(Room),
    /// A seller's own room; the id, if the client named one.
    JoinSeller(Option<UserId>),
    /// No offer is anybody's yet.
    JoinOffer,
    LeaveOffer(Uuid),
    Ping,
}

/// What a client wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Reel(ReelId),
    Order(OrderId, Option<String>),
    Product(ProductId),
}

/// Why a client event is not done. The words are those of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    UnknownEvent,
    InvalidId,
    Invalid,
}

impl Command {
    /// What a client event says.
    ///
    /// # Errors
    /// It says nothing.
    pub(crate) fn read(event: &str, arguments: &[Value]) -> Result<Self, Problem> {
        let the = |name| only_id(arguments, name);
        Ok(match event {
            "reel:join" => Self::Join(Target::Reel(id(the("reelId")?)?)),
            "reel:leave" => Self::Leave(Room::Reel(id(the("reelId")?)?)),
            "order:subscribe" => Self::Join(order(arguments)?),
            "order:unsubscribe" => Self::Leave(Room::Order(id(the("orderId")?)?)),
            "seller:subscribe" if arguments.is_empty() => Self::JoinSeller(None),
            "seller:subscribe" => Self::JoinSeller(Some(id(the("sellerId")?)?)),
            "product:join" => Self::Join(Target::Product(id(the("productId")?)?)),
            "product:leave" => Self::Leave(Room::Product(id(the("productId")?)?)),
            "offer:subscribe" => id::<Uuid>(the("offerId")?).map(|_| Self::JoinOffer)?,
            "offer:unsubscribe" => Self::LeaveOffer(id(the("offerId")?)?),
            "ping" if arguments.is_empty() => Self::Ping,
            "ping" => return Err(Problem::Invalid),
            _ => return Err(Problem::UnknownEvent),
        })
    }
}

impl Target {
    /// The room of what is wanted.
    pub(crate) fn room(&self) -> Room {
        match self {
            Self::Reel(id) => Room::Reel(*id),
            Self::Order(id, _) => Room::Order(*id),
            Self::Product(id) => Room::Product(*id),
        }
    }
}

/// The one argument: an id, or an object with it as its one member.
fn only_id<'a>(arguments: &'a [Value], name: &str) -> Result<&'a str, Problem> {
    match arguments {
        [Value::String(id)] => Ok(id),
        [Value::Object(members)] if members.len() == 1 => text(members, name)?.ok_or(Problem::Invalid),
        _ => Err(Problem::Invalid),
    }
}

fn order(arguments: &[Value]) -> Result<Target, Problem> {
    if let [Value::Object(members)] = arguments
        && members.len() == 2
    {
        let token = text(members, "tracking_token")?.ok_or(Problem::Invalid)?;
        let order_id = text(members, "orderId")?.ok_or(Problem::Invalid)?;
        return Ok(Target::Order(id(order_id)?, Some(token.to_owned())));
    }
    Ok(Target::Order(id(only_id(arguments, "orderId")?)?, None))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Problem> {
    members.get(name).map(|value| value.as_str().ok_or(Problem::Invalid)).transpose()
}

fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_no_id| Problem::InvalidId)
}

/// What follows an event's name, however much it is.
pub(crate) struct Arguments(pub(crate) Vec<Value>);

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As a tuple, the library hands over all of them; a sequence would be the first argument alone.
        deserializer.deserialize_tuple(usize::MAX, All)
    }
}

struct All;

impl<'de> Visitor<'de> for All {
    type Value = Arguments;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut arguments: A) -> Result<Arguments, A::Error> {
        let mut all = Vec::new();
        while let Some(argument) = arguments.next_element()? {
            all.push(argument);
        }
        Ok(Arguments(all))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn read(event: &str, arguments: Value) -> Result<Command, Problem> {
        Command::read(event, arguments.as_array().unwrap())
    }

    #[test]
    fn an_id_is_bare_or_the_one_member() {
        let reel = Ok(Command::Join(Target::Reel(ID.parse().unwrap())));
        assert_eq!(read("reel:join", json!([ID])), reel);
        assert_eq!(read("reel:join", json!([{"reelId": ID}])), reel);
        for invalid in [json!([]), json!([null]), json!([[ID]]), json!([ID, ID]), json!([{}]), json!([{"orderId": ID}])]
        {
            assert_eq!(read("reel:join", invalid.clone()), Err(Problem::Invalid), "{invalid}");
        }
        for extra in [json!([{"reelId": ID, "room": "order:1"}]), json!([{"reelId": [ID]}]), json!([7])] {
            assert_eq!(read("reel:join", extra.clone()), Err(Problem::Invalid), "{extra}");
        }
        for no_id in ["", "*", "order:1", &ID[1..], "reel:01890a5d-ac96-774b-bcce-b302099a8057"] {
            assert_eq!(read("reel:join", json!([no_id])), Err(Problem::InvalidId), "{no_id}");
            assert_eq!(read("reel:leave", json!([{ "reelId": no_id }])), Err(Problem::InvalidId), "{no_id}");
        }
    }

    #[test]
    fn only_an_order_takes_a_token() {
        let id: OrderId = ID.parse().unwrap();
        let target = |token: Option<&str>| Ok(Command::Join(Target::Order(id, token.map(str::to_owned))));
        assert_eq!(read("order:subscribe", json!([ID])), target(None));
        assert_eq!(read("order:subscribe", json!([{"orderId": ID}])), target(None));
        assert_eq!(read("order:subscribe", json!([{"orderId": ID, "tracking_token": "t"}])), target(Some("t")));
        for invalid in [
            json!([{"orderId": ID, "tracking_token": null}]),
            json!([{"tracking_token": "t"}]),
            json!([{"orderId": ID, "tracking_token": "t", "x": 1}]),
        ] {
            assert_eq!(read("order:subscribe", invalid.clone()), Err(Problem::Invalid), "{invalid}");
        }
        assert!(read("product:join", json!([{"productId": ID, "tracking_token": "t"}])).is_err());
    }

    #[test]
    fn the_rest_is_unknown() {
        assert_eq!(read("seller:subscribe", json!([])), Ok(Command::JoinSeller(None)));
        assert_eq!(read("seller:subscribe", json!([ID])), Ok(Command::JoinSeller(Some(ID.parse().unwrap()))));
        assert_eq!(read("ping", json!([])), Ok(Command::Ping));
        for event in ["order:new", "order:status-updated", "join", "message", "", "Reel:join", "connect"] {
            assert_eq!(read(event, json!([ID])), Err(Problem::UnknownEvent), "{event}");
        }
    }
}
