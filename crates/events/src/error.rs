//! Why events do not flow.

use std::time::Duration;

/// A failure on the way from or to the broker. Relay, consumer and reader recover from all but
/// [`Error::Topology`] by themselves.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker refused, or the connection to it broke.
    #[error("the broker failed")]
    Broker(#[from] lapin::Error),
    /// The broker did not answer in time.
    #[error("the broker did not answer within {0:?}")]
    Silent(Duration),
    /// The broker took a message and then would not have it.
    #[error("the broker refused a message")]
    Refused,
    /// The broker ended the subscription.
    #[error("the broker ended the subscription")]
    Unsubscribed,
    /// A queue or exchange exists with other properties than ours.
    #[error("the broker has `{name}` with other properties")]
    Topology {
        /// Of the queue or exchange.
        name: String,
        /// What the broker said.
        #[source]
        source: lapin::Error,
    },
    /// The address is not one of a broker.
    #[error("the address of the broker is malformed: {0}")]
    Url(String),
    /// The outbox or the inbox could not be read or written.
    #[error("the database failed")]
    Database(#[from] database::Error),
    /// What can be done under a test's prefix only.
    #[error("refused without a prefix")]
    NoPrefix,
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Error {
    /// Whether trying again is pointless until somebody changes something.
    pub(crate) fn is_permanent(&self) -> bool {
        matches!(self, Self::Topology { .. } | Self::Url(_))
    }
}
