//! The connections of a process, bounded in number and in the time one waits for them.

use std::time::{Duration, Instant};

use deadpool::Runtime;
use deadpool::managed::Timeouts;
use diesel::sql_types::Text;
use diesel_async::pooled_connection::deadpool as pooled;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures::FutureExt;
use futures::future::join_all;
use metrics::{counter, gauge, histogram};

use crate::config::{Config, establish};
use crate::error::Error;

/// A connection on loan from the [`Pool`].
pub type Connection = pooled::Object<AsyncPgConnection>;

/// A bounded set of connections to one database; clones share it.
#[derive(Clone)]
pub struct Pool {
    inner: pooled::Pool<AsyncPgConnection>,
    config: Config,
}

impl Pool {
    /// Connects when first asked for a connection, not now.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn new(config: Config) -> Result<Self, Error> {
        let session = config.session()?;
        let mut manager = ManagerConfig::default();
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |_| {
            let session = session.clone();
            async move { establish(&session).await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), manager);
        let inner = pooled::Pool::builder(manager)
            .max_size(config.pool_size)
            .wait_timeout(Some(config.wait_timeout))
            .create_timeout(Some(config.create_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(Error::unavailable)?;
        Ok(Self { inner, config })
    }

    /// A connection, soon or never.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn get(&self) -> Result<Connection, Error> {
        self.get_within(self.config.wait_timeout).await
    }

    /// A connection for work that may wait longer than usual, or not as long.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn get_within(&self, patience: Duration) -> Result<Connection, Error> {
        let asked_at = Instant::now();
        let timeouts = Timeouts { wait: Some(patience), ..self.inner.timeouts() };
        let got = self.inner.timeout_get(&timeouts).await;
        self.measure(asked_at.elapsed(), got.is_ok());
        got.map_err(Error::unavailable)
    }

    /// What the pool was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Waits until the database answers, and says so in the log: for the start of a process.
    ///
    /// # Errors
    /// [`Error::Language`]: the server answers, in words that cannot be read.
    pub async fn wait_until_ready(&self) -> Result<(), Error> {
        let started_at = Instant::now();
        loop {
            match self.language().await {
                Ok(language) if speaks_english(&language) => return Ok(()),
                Ok(language) => return Err(Error::Language(language)),
                Err(error) => {
                    let waited_ms = started_at.elapsed().as_millis();
                    tracing::warn!(error = service_error::chain(&error), waited_ms, "waiting for the database");
                }
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Opens every connection that the pool may hold, so that the first callers of a process do not wait for them. One that
    /// cannot be had is opened when it is needed.
    pub async fn fill(&self) {
        let opened = join_all((0..self.config.pool_size).map(|_| self.get())).await;
        let missing = opened.iter().filter(|connection| connection.is_err()).count();
        if missing > 0 {
            tracing::warn!(missing, database = self.config.application_name, "not all connections could be opened");
        }
    }

    /// Whether the database answers now: for readiness.
    pub async fn is_up(&self) -> bool {
        match self.get().await {
            Ok(mut conn) => diesel::sql_query("SELECT 1").execute(&mut conn).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Ends the pool; connections on loan are closed when they come back.
    pub fn close(&self) {
        self.inner.close();
    }

    async fn language(&self) -> Result<String, Error> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            language: String,
        }
        let mut conn = self.get().await?;
        let row: Row =
            diesel::sql_query("SELECT current_setting('lc_messages') AS language").get_result(&mut conn).await?;
        Ok(row.language)
    }

    fn measure(&self, waited: Duration, got: bool) {
        let database = self.config.application_name.clone();
        let status = self.inner.status();
        gauge!("database_connections", "database" => database.clone()).set(status.size as f64);
        gauge!("database_connections_idle", "database" => database.clone()).set(status.available as f64);
        gauge!("database_connections_waited_for", "database" => database.clone()).set(status.waiting as f64);
        histogram!("database_connection_wait_seconds", "database" => database.clone()).record(waited.as_secs_f64());
        if !got {
            counter!("database_connections_refused_total", "database" => database).increment(1);
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("config", &self.config).field("status", &self.inner.status()).finish()
    }
}

fn speaks_english(language: &str) -> bool {
    // An empty setting inherits that of the server's environment, which for a daemon is C.
    language.is_empty()
        || language == "POSIX"
        || language == "C"
        || language.starts_with("C.")
        || language.starts_with("en")
}
