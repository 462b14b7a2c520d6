//! The one table of what exists at the broker, declared by publishers and consumers alike, so that start order does
//! not matter.

use lapin::options::{ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ErrorKind, ExchangeKind};

use crate::error::Error;
use crate::names;

/// The queue of a service that hears events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Of identity: the audit.
    Identity,
    /// Of catalog: its copies of users and stock, and pictures that became ready.
    Catalog,
    /// Of cart: lines to clear.
    Cart,
    /// Of ordering: its copy of users.
    Ordering,
    /// Of reels: its copies of users and products, and videos that became ready or failed.
    Reels,
    /// Of media: what may be needed no longer, and what is to be worked on.
    Media,
}

/// The stream of the gateways hears these.
const LIVE: [&str; 19] = [
    names::USER_REGISTERED,
    names::USER_CHANGED,
    names::USER_DELETED,
    names::SESSION_ENDED,
    names::PRODUCT_PUBLISHED,
    names::PRODUCT_CHANGED,
    names::PRODUCT_REMOVED,
    names::STOCK_SHOWN,
    names::CATEGORY_CHANGED,
    names::ORDER_PLACED,
    names::ORDER_STATUS_CHANGED,
    names::REEL_PUBLISHED,
    names::REEL_READY,
    names::REEL_REMOVED,
    names::REEL_LIKED,
    names::REEL_UNLIKED,
    names::COMMENT_ADDED,
    names::COMMENT_REMOVED,
    names::VIEWS_COUNTED,
];

/// A message that fails is delivered once more than this and then set aside.
const DELIVERY_LIMIT: i64 = 5;
/// Streams drop whole segments only.
const SEGMENT_BYTES: i64 = 50_000_000;
const LIVE_BYTES: i64 = 500_000_000;

impl Queue {
    /// Every queue there is.
    pub const ALL: [Self; 6] = [Self::Identity, Self::Catalog, Self::Cart, Self::Ordering, Self::Reels, Self::Media];

    /// The name of the service and, without prefix, of its queue.
    pub fn service(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Catalog => "catalog",
            Self::Cart => "cart",
            Self::Ordering => "ordering",
            Self::Reels => "reels",
            Self::Media => "media",
        }
    }

    /// The queue of a service, if it has one.
    pub fn of_service(service: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.service() == service)
    }

    /// The routing keys that it is bound to.
    pub fn hears(self) -> &'static [&'static str] {
        match self {
            Self::Identity => &["*.admin_action.v1"],
            Self::Catalog => &[
                names::USER_REGISTERED,
                names::USER_CHANGED,
                names::USER_DELETED,
                names::STOCK_CHANGED,
                names::IMAGE_READY,
            ],
            Self::Cart => &[names::ORDER_PLACED, names::USER_DELETED],
            Self::Ordering => &[names::USER_REGISTERED, names::USER_CHANGED, names::USER_DELETED],
            Self::Reels => &[
                names::USER_REGISTERED,
                names::USER_CHANGED,
                names::USER_DELETED,
                names::PRODUCT_PUBLISHED,
                names::PRODUCT_CHANGED,
                names::PRODUCT_REMOVED,
                names::STOCK_SHOWN,
                names::VIDEO_READY,
                names::UPLOAD_FAILED,
            ],
            Self::Media => &[names::USER_DELETED, names::PRODUCT_REMOVED, names::REEL_REMOVED, names::UPLOAD_COMPLETED],
        }
    }
}

/// The names at the broker, with the prefix that keeps tests apart.
#[derive(Debug, Clone)]
pub struct Topology {
    prefix: String,
}

impl Topology {
    /// `prefix` stands before every name; empty in production.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The topic exchange that every event goes to.
    pub fn exchange(&self) -> String {
        format!("{}zst.events", self.prefix)
    }

    /// The stream of the gateways.
    pub fn live(&self) -> String {
        format!("{}zst.live", self.prefix)
    }

    /// A consumer's queue.
    pub fn queue(&self, queue: Queue) -> String {
        format!("{}{}", self.prefix, queue.service())
    }

    /// Where a consumer's messages lie that failed too often.
    pub fn dead(&self, queue: Queue) -> String {
        format!("{}{}.dead", self.prefix, queue.service())
    }

    /// Declares all of it; changes nothing that is there.
    pub(crate) async fn declare(&self, channel: &Channel) -> Result<(), Error> {
        self.declare_queues(channel).await?;
        self.declare_queue(channel, &self.live(), live_arguments()).await?;
        self.bind(channel, &self.live(), &LIVE).await
    }

    /// Declares what consumers need: a stream that is down stops no queue.
    pub(crate) async fn declare_queues(&self, channel: &Channel) -> Result<(), Error> {
        let exchange = self.exchange();
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared =
            channel.exchange_declare(exchange.as_str().into(), ExchangeKind::Topic, durable, FieldTable::default());
        declared.await.map_err(|error| mismatch(&exchange, error))?;

        for queue in Queue::ALL {
            self.declare_queue(channel, &self.dead(queue), dead_arguments()).await?;
            self.declare_queue(channel, &self.queue(queue), self.queue_arguments(queue)).await?;
            self.bind(channel, &self.queue(queue), queue.hears()).await?;
        }
        Ok(())
    }

    /// Deletes all of it with everything in it: a test's end.
    pub(crate) async fn delete(&self, channel: &Channel) -> Result<(), Error> {
        if self.prefix.is_empty() {
            return Err(Error::NoPrefix);
        }
        channel.exchange_delete(self.exchange().into(), ExchangeDeleteOptions::default()).await?;
        let queues = Queue::ALL.into_iter().flat_map(|queue| [self.queue(queue), self.dead(queue)]);
        for name in queues.chain([self.live()]) {
            channel.queue_delete(name.into(), lapin::options::QueueDeleteOptions::default()).await?;
        }
        Ok(())
    }

    async fn declare_queue(&self, channel: &Channel, name: &str, arguments: FieldTable) -> Result<(), Error> {
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let declared = channel.queue_declare(name.into(), durable, arguments).await;
        declared.map(drop).map_err(|error| mismatch(name, error))
    }

    async fn bind(&self, channel: &Channel, queue: &str, keys: &[&str]) -> Result<(), Error> {
        for key in keys {
            let (exchange, key) = (self.exchange().into(), (*key).into());
            channel.queue_bind(queue.into(), exchange, key, QueueBindOptions::default(), FieldTable::default()).await?;
        }
        Ok(())
    }

    fn queue_arguments(&self, queue: Queue) -> FieldTable {
        let mut arguments = dead_arguments();
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
        // At-least-once wants it; there is no length that could overflow.
        arguments.insert("x-overflow".into(), text("reject-publish"));
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-dead-letter-exchange".into(), text(""));
        arguments.insert("x-dead-letter-routing-key".into(), text(&self.dead(queue)));
        arguments
    }
}

fn dead_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

fn live_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("stream"));
    arguments.insert("x-max-age".into(), text("1h"));
    arguments.insert("x-max-length-bytes".into(), AMQPValue::LongLongInt(LIVE_BYTES));
    arguments.insert("x-stream-max-segment-size-bytes".into(), AMQPValue::LongLongInt(SEGMENT_BYTES));
    arguments
}

pub(crate) fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

/// Tells a declaration that can never succeed from a broker that is not ready.
fn mismatch(name: &str, error: lapin::Error) -> Error {
    let refused = matches!(error.kind(), ErrorKind::ProtocolError(said)
        if *said.kind() == AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED));
    if refused { Error::Topology { name: name.to_owned(), source: error } } else { error.into() }
}
