//! Where the database is, and the time-outs that every session on it has.

use std::fmt;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::NoTls;

use crate::Error;

/// How to reach a database, and how long anything on it may take.
#[derive(Clone)]
pub struct Config {
    url: SecretString,
    /// Shown in `pg_stat_activity`: the service's name.
    pub application_name: String,
    /// Connections a process keeps at most.
    pub pool_size: usize,
    /// How long a caller waits for a free connection.
    pub wait_timeout: Duration,
    /// How long a new connection may take.
    pub create_timeout: Duration,
    /// `statement_timeout` of every session; zero is none.
    pub statement_timeout: Duration,
    /// `lock_timeout` of every session; zero is none.
    pub lock_timeout: Duration,
    /// After this a transaction that does nothing is ended, and with it its locks; zero is never.
    pub idle_in_transaction_timeout: Duration,
    /// After this a session that does nothing is ended; zero is never.
    pub idle_session_timeout: Duration,
}

impl Config {
    /// The usual time-outs, and a pool of ten.
    pub fn new(url: impl Into<String>, application_name: impl Into<String>) -> Self {
        Self {
            url: SecretString::from(url.into()),
            application_name: application_name.into(),
            pool_size: 10,
            wait_timeout: Duration::from_millis(500),
            create_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(2),
            lock_timeout: Duration::from_millis(500),
            idle_in_transaction_timeout: Duration::from_secs(5),
            idle_session_timeout: Duration::ZERO,
        }
    }

    /// With another number of connections.
    #[must_use]
    pub fn with_pool_size(mut self, pool_size: usize) -> Self {
        self.pool_size = pool_size;
        self
    }

    /// The connection options of a session.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub(crate) fn session(&self) -> Result<tokio_postgres::Config, Error> {
        let mut session: tokio_postgres::Config = self.url.expose_secret().parse().map_err(Error::Url)?;
        let settings = [
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", self.lock_timeout),
            ("idle_in_transaction_session_timeout", self.idle_in_transaction_timeout),
            ("idle_session_timeout", self.idle_session_timeout),
        ];
        let mut options = session.get_options().unwrap_or_default().to_owned();
        for (name, timeout) in settings {
            options.push_str(&format!(" -c {name}={}", timeout.as_millis()));
        }
        session
            .options(options)
            .application_name(&self.application_name)
            .connect_timeout(self.create_timeout)
            // A peer that fell silent is noticed, whatever the state of the connection.
            .tcp_user_timeout(Duration::from_secs(10))
            .keepalives_idle(Duration::from_secs(10));
        Ok(session)
    }
}

impl fmt::Debug for Config {
    /// Without the address: a password may stand in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("application_name", &self.application_name)
            .field("pool_size", &self.pool_size)
            .finish_non_exhaustive()
    }
}

/// A connection of its own, outside every pool, for what must hold a session: locks, notifications, migrations.
///
/// # Errors
/// [`Error::Url`], [`Error::Unavailable`].
pub async fn connect(config: &Config) -> Result<AsyncPgConnection, Error> {
    let session = config.session()?;
    match tokio::time::timeout(config.create_timeout, establish(&session)).await {
        Ok(connected) => connected.map_err(Error::unavailable),
        Err(elapsed) => Err(Error::unavailable(elapsed)),
    }
}

pub(crate) async fn establish(session: &tokio_postgres::Config) -> ConnectionResult<AsyncPgConnection> {
    let connected = session.connect(NoTls).await;
    let (client, connection) = connected.map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}
