use events::{Error, Queue};
use lapin::options::{ExchangeDeclareOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties, ExchangeKind};

use crate::harness::{Heard, Market};

#[tokio::test]
async fn declaring_twice_changes_nothing() {
    let market = Market::new().await;
    market.broker.declare().await.unwrap();
    market.broker.declare().await.unwrap();
}

#[tokio::test]
async fn a_queue_with_other_properties_is_an_error_at_start() {
    let market = Market::new().await;
    let connection = Connection::connect(market.broker.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let name = market.broker.topology().queue(Queue::Cart);
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(name.as_str().into(), options, FieldTable::default()).await.unwrap();
    let ended = market.consumer(Heard::default()).ended().await;
    assert!(matches!(&ended, Err(Error::Topology { name: found, .. }) if *found == name), "{ended:?}");
    assert!(matches!(market.relay().ended().await, Err(Error::Topology { .. })));
}

#[tokio::test]
async fn an_exchange_with_other_properties_is_an_error_at_start() {
    let market = Market::new().await;
    let connection = Connection::connect(market.broker.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let name = market.broker.topology().exchange();
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let fanout = ExchangeKind::Fanout;
    channel.exchange_declare(name.into(), fanout, options, FieldTable::default()).await.unwrap();
    assert!(matches!(market.relay().ended().await, Err(Error::Topology { .. })));
}

#[tokio::test]
async fn nothing_is_deleted_without_a_prefix() {
    let production = events::Broker::new(test_support::servers::rabbitmq_url(), "");
    assert!(matches!(production.delete_all().await, Err(Error::NoPrefix)));
}
