//! What the stream says, told to sockets: each fact to the union of its rooms, in the order of the stream.
//!
//! Nothing waits here; the stream waits for sockets that are [`super::behind`], fact by fact. What costs somebody a right
//! is heard first, what has to be told before that is told first.

use std::sync::Arc;
use std::time::Duration;

use commerce_types::{OrderId, ProductId, UserId};
use events::{Received, names};
use protocol::catalog::v1::{ProductChanged, ProductFact, ProductPublished, ProductRemoved, RemovalReason, StockShown};
use protocol::convert::{Malformed, parse, parse_optional, required};
use protocol::identity::v1::{SessionEnded, UserChanged, UserDeleted};
use protocol::ordering::v1::{OrderPlaced, OrderStatusChanged};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Realtime;
use super::hub::{Emitted, Revoked};
use super::measure::{self, Ended};
use super::newest::Kind;
use super::payload::{Action, OrderNew, OrderStatusUpdated, ProductUpdated, Told};
use super::room::Room;
use crate::http::shapes::order::status;

/// An event says nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the payload is not of the event's type")]
    Payload(#[from] prost::DecodeError),
    #[error("the event is not whole")]
    Malformed(#[from] Malformed),
}

pub(super) type Heard = Result<(), Unreadable>;

impl Realtime {
    /// Tells a fact to whoever may hear it, and ends what it ends.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn hear(self: &Arc<Self>, event: &Received) -> Heard {
        match event.name.as_str() {
            names::ORDER_PLACED => self.order_placed(event),
            names::ORDER_STATUS_CHANGED => self.order_moved(event),
            names::PRODUCT_PUBLISHED => self.product_updated(event, event.decode::<ProductPublished>()?.product),
            names::PRODUCT_CHANGED => self.product_updated(event, event.decode::<ProductChanged>()?.product),
            names::PRODUCT_REMOVED => self.product_removed(event),
            names::STOCK_SHOWN => self.stock_flipped(event),
            names::REEL_LIKED
            | names::REEL_UNLIKED
            | names::COMMENT_ADDED
            | names::COMMENT_REMOVED
            | names::VIEWS_COUNTED
            | names::REEL_READY
            | names::REEL_REMOVED => self.reel(event),
            names::USER_CHANGED => self.account_changed(event),
            names::USER_DELETED => {
                let user_id: UserId = parse("user_id", &event.decode::<UserDeleted>()?.user_id)?;
                self.hub.revoke(Revoked::Account(user_id));
                self.disconnect_account(user_id);
                self.hub.void_tokens(user_id);
                Ok(())
            }
            names::SESSION_ENDED => {
                let session_id = event.decode::<SessionEnded>()?.session_id;
                self.ended_sessions.insert(session_id.clone(), ());
                self.hub.revoke(Revoked::Session(session_id.clone()));
                for member in self.hub.of_session(&session_id) {
                    self.disconnect(&member, Ended::Session);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn order_placed(&self, event: &Received) -> Heard {
        let placed: OrderPlaced = event.decode()?;
        let seller: UserId = parse("seller_id", &placed.seller_id)?;
        // Absent while an older ordering is being replaced.
        let Some(order) = placed.order else { return Ok(()) };
        self.tell(event, event.event_id, &[Room::Seller(seller)], "order:new", &OrderNew { order: order.try_into()? });
        Ok(())
    }

    fn order_moved(&self, event: &Received) -> Heard {
        let moved: OrderStatusChanged = event.decode()?;
        let order_id: OrderId = parse("order_id", &moved.order_id)?;
        let mut rooms = vec![Room::Order(order_id), Room::Seller(parse("seller_id", &moved.seller_id)?)];
        rooms.extend(parse_optional("user_id", moved.user_id.as_deref())?.map(Room::User));
        let Some(order) = moved.order else { return Ok(()) };
        if !self.newest.is_newer(Kind::Order, order_id.into(), moved.version) {
            return Ok(());
        }
        let said = OrderStatusUpdated {
            order_id: moved.order_id,
            status: status(moved.to_status),
            previous_status: status(moved.from_status),
            order: order.try_into()?,
        };
        self.tell(event, event.event_id, &rooms, "order:status-updated", &said);
        Ok(())
    }

    fn product_updated(&self, event: &Received, product: Option<ProductFact>) -> Heard {
        let product = required("product", product)?;
        let id: ProductId = parse("id", &product.id)?;
        if self.newest.is_older(Kind::Product, id.into(), product.version) {
            return Ok(());
        }
        self.tell_product(event, event.event_id, id, product)
    }

    fn product_removed(&self, event: &Received) -> Heard {
        let removed: ProductRemoved = event.decode()?;
        let reason = removed.reason();
        let product = required("product", removed.product)?;
        let id: ProductId = parse("id", &product.id)?;
        let room = Room::Product(id);
        let rooms = [room, Room::Seller(parse("seller_id", &product.seller_id)?)];
        let said = ProductUpdated { product_id: product.id, action: Action::Removed, product: None };
        self.tell(event, event.event_id, &rooms, "product:updated", &said);
        self.hub.revoke(Revoked::Room(room));
        let is_for_insiders = reason == RemovalReason::OffSale;
        self.hub.clear(room, |right| is_for_insiders && right.is_insider);
        Ok(())
    }

    fn stock_flipped(&self, event: &Received) -> Heard {
        for shown in event.decode::<StockShown>()?.products {
            let Some(product) = shown.product.filter(|_| shown.flipped) else { continue };
            let id: ProductId = parse("product_id", &shown.product_id)?;
            if self.newest.is_newer(Kind::Stock, id.into(), shown.stock_version) {
                self.tell_product(event, part_of(event.event_id, id.into()), id, product)?;
            }
        }
        Ok(())
    }

    fn tell_product(&self, event: &Received, event_id: Uuid, id: ProductId, product: ProductFact) -> Heard {
        let rooms = [Room::Product(id), Room::Seller(parse("seller_id", &product.seller_id)?)];
        let product_id = product.id.clone();
        let said = ProductUpdated { product_id, action: Action::Updated, product: Some(product.try_into()?) };
        self.tell(event, event_id, &rooms, "product:updated", &said);
        Ok(())
    }

    fn account_changed(self: &Arc<Self>, event: &Received) -> Heard {
        let account = required("account", event.decode::<UserChanged>()?.account)?;
        let user_id: UserId = parse("id", &required("user", account.user)?.id)?;
        self.hub.revoke(Revoked::Account(user_id));
        if account.is_active {
            self.check_again(user_id);
        } else {
            self.disconnect_account(user_id);
        }
        Ok(())
    }

    fn disconnect_account(&self, user_id: UserId) {
        for member in self.hub.of_account(user_id) {
            self.disconnect(&member, Ended::Account);
        }
    }

    /// Says something of a fact to everybody in one of the rooms, once.
    pub(super) fn tell<T: Serialize>(
        &self,
        event: &Received,
        event_id: Uuid,
        rooms: &[Room],
        name: &'static str,
        said: &T,
    ) {
        let told = Told { event_id, timestamp: event.written_at.timestamp_millis(), said };
        let Emitted { sockets, behind, slow } = self.hub.emit(rooms, name, &told);
        self.behind.add(behind);
        for member in slow {
            self.end(&member, Ended::SlowReader);
        }
        if sockets > 0 {
            let after = self.app.clock.now() - event.written_at;
            measure::emitted(name, sockets, after.to_std().unwrap_or(Duration::ZERO));
        }
    }
}

/// The id of one of several things that an event says: always the same, and another one for each.
fn part_of(event_id: Uuid, part: Uuid) -> Uuid {
    let hash = Sha256::new().chain_update(event_id).chain_update(part).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, hash)| *byte = hash);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_event_have_ids_that_repeat_with_it() {
        let [event, one, two] = [1, 2, 3].map(Uuid::from_u128);
        assert_eq!(part_of(event, one), part_of(event, one));
        assert_ne!(part_of(event, one), part_of(event, two));
        assert_ne!(part_of(event, one), part_of(two, one));
        assert_eq!(part_of(event, one).get_version_num(), 8);
    }
}
