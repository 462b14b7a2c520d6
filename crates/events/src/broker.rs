//! Connections to RabbitMQ. None of them recovers by itself: relay, consumer and reader each rebuild their own, as
//! each has something else to do then.

use std::fmt;
use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;
use crate::topology::Topology;

/// To connect, and to declare what is needed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const DECLARE_TIMEOUT: Duration = Duration::from_secs(30);
const HEARTBEAT_SECONDS: u16 = 5;
/// lapin keeps 64 frames of memory for each connection, touched at once: 8 MB each with the broker's own 128 KiB.
const FRAME_BYTES: u32 = 16 * 1024;

/// Where the broker is, and under which names.
#[derive(Clone)]
pub struct Broker {
    url: SecretString,
    topology: Topology,
}

impl Broker {
    /// A broker at `url`, where every name begins with `prefix` (empty in production).
    pub fn new(url: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self { url: SecretString::from(url.into()), topology: Topology::new(prefix) }
    }

    /// The names.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Declares every exchange, queue and stream now, instead of when the first relay or consumer starts.
    ///
    /// # Errors
    /// [`Error::Topology`] when something is there with other properties.
    pub async fn declare(&self) -> Result<(), Error> {
        let link = self.connect("declare").await?;
        link.close().await;
        Ok(())
    }

    /// Deletes every exchange, queue and stream under a test's prefix.
    ///
    /// # Errors
    /// [`Error::NoPrefix`] when there is none.
    pub async fn delete_all(&self) -> Result<(), Error> {
        let link = self.open("delete").await?;
        self.topology.delete(&link.channel).await?;
        link.close().await;
        Ok(())
    }

    /// A connection with one channel, after everything is declared.
    pub(crate) async fn connect(&self, name: &str) -> Result<Link, Error> {
        let link = self.open(name).await?;
        in_time(self.topology.declare(&link.channel)).await?;
        Ok(link)
    }

    /// A connection with one channel, after the queues are declared.
    pub(crate) async fn connect_to_queues(&self, name: &str) -> Result<Link, Error> {
        let link = self.open(name).await?;
        in_time(self.topology.declare_queues(&link.channel)).await?;
        Ok(link)
    }

    /// A connection with one channel.
    pub(crate) async fn open(&self, name: &str) -> Result<Link, Error> {
        let mut uri: AMQPUri = self.url.expose_secret().parse().map_err(Error::Url)?;
        uri.query.heartbeat = Some(HEARTBEAT_SECONDS);
        uri.query.frame_max = Some(FRAME_BYTES);
        uri.query.connection_timeout = Some(u64::try_from(CONNECT_TIMEOUT.as_millis()).unwrap_or(u64::MAX));
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let opened = async {
            let connection = Connection::connect_uri(uri, properties).await?;
            let channel = connection.create_channel().await?;
            Ok(Link { connection, channel })
        };
        tokio::time::timeout(CONNECT_TIMEOUT, opened).await.unwrap_or(Err(Error::Silent(CONNECT_TIMEOUT)))
    }
}

impl fmt::Debug for Broker {
    /// Without the address: a password stands in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("topology", &self.topology).finish_non_exhaustive()
    }
}

async fn in_time(declared: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    tokio::time::timeout(DECLARE_TIMEOUT, declared).await.unwrap_or(Err(Error::Silent(DECLARE_TIMEOUT)))
}

/// A connection and its channel.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    pub(crate) channel: Channel,
}

impl Link {
    pub(crate) async fn confirm(&self) -> Result<(), Error> {
        Ok(self.channel.confirm_select(ConfirmSelectOptions::default()).await?)
    }

    pub(crate) fn is_up(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Says good-bye, but does not wait for an answer for ever.
    pub(crate) async fn close(self) {
        let closed = self.connection.close(200, "OK".into());
        if !matches!(tokio::time::timeout(Duration::from_secs(1), closed).await, Ok(Ok(()))) {
            tracing::debug!("the broker did not answer a good-bye");
        }
    }
}
