//! Messages that failed too often, and how they get another chance.

use std::time::Duration;

use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation};

use crate::broker::Broker;
use crate::error::Error;
use crate::topology::Queue;

const CONFIRM_TIMEOUT: Duration = Duration::from_secs(5);

/// Puts the dead letters of a queue back into that queue, at most `limit` and none twice; answers how many.
///
/// They keep their event ids, so one that was applied after all changes nothing. They never go to the exchange: other
/// services and sockets would hear old news.
///
/// # Errors
/// [`Error::Broker`], [`Error::Silent`], [`Error::Refused`]; what was put back stays back.
pub async fn replay(broker: &Broker, queue: Queue, limit: u32) -> Result<u32, Error> {
    let link = broker.connect_to_queues("replay dead letters").await?;
    link.confirm().await?;
    let dead = broker.topology().dead(queue);
    // What dies again while this runs is not taken a second time.
    let limit = limit.min(count(&link.channel, &dead).await?);
    let mut replayed = 0;
    while replayed < limit {
        let Some(letter) = link.channel.basic_get(dead.as_str().into(), BasicGetOptions::default()).await? else {
            break;
        };
        let properties = without_deaths(&letter.properties);
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let name = broker.topology().queue(queue);
        let confirm = link.channel.basic_publish("".into(), name.into(), options, &letter.data, properties).await?;
        match tokio::time::timeout(CONFIRM_TIMEOUT, confirm).await {
            Ok(Ok(Confirmation::Ack(None))) => letter.ack(BasicAckOptions::default()).await?,
            refused => {
                letter.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await?;
                return Err(match refused {
                    Ok(Ok(_)) => Error::Refused,
                    Ok(Err(error)) => error.into(),
                    Err(_) => Error::Silent(CONFIRM_TIMEOUT),
                });
            }
        };
        replayed += 1;
    }
    link.close().await;
    Ok(replayed)
}

/// How many letters of a queue are dead.
///
/// # Errors
/// [`Error::Broker`].
pub async fn depth(broker: &Broker, queue: Queue) -> Result<u32, Error> {
    let link = broker.connect_to_queues("count dead letters").await?;
    let depth = count(&link.channel, &broker.topology().dead(queue)).await?;
    link.close().await;
    Ok(depth)
}

pub(crate) async fn count(channel: &Channel, queue: &str) -> Result<u32, Error> {
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    Ok(channel.queue_declare(queue.into(), passive, FieldTable::default()).await?.message_count())
}

/// A new life begins without the marks of the old one.
fn without_deaths(properties: &BasicProperties) -> BasicProperties {
    let headers = properties.headers().clone().unwrap_or_default();
    let marks =
        ["x-death", "x-delivery-count", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"];
    let kept = headers.inner().iter().filter(|(name, _)| !marks.contains(&name.as_str()));
    let mut headers = FieldTable::default();
    for (name, value) in kept {
        headers.insert(name.clone(), value.clone());
    }
    properties.clone().with_headers(headers)
}
