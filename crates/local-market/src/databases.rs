//! The databases on the server that was named: made where they are missing, and marked when the market is complete.
//!
//! The mark is a comment on the databases themselves, so it goes where they go.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use crate::settings::{SERVICES, Settings};

const COMPLETE: &str = "holds the demo market";
const PATIENCE: Duration = Duration::from_secs(5);

/// The server of the databases refuses.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be reached, or lets nobody in.
    #[error("ZST_POSTGRES_URL: no connection to {server}; start that server, or name another one")]
    Unreachable {
        /// Host and port.
        server: String,
        /// Why.
        #[source]
        source: tokio_postgres::Error,
    },
    /// It took the connection and said nothing.
    #[error("ZST_POSTGRES_URL: {server} does not answer; is that a PostgreSQL server?")]
    Silent {
        /// Host and port.
        server: String,
    },
    /// The role lacks a right.
    #[error("ZST_POSTGRES_URL: its role may not create databases; give it CREATEDB, or create {database} for it")]
    MayNotCreate {
        /// The first one that is missing.
        database: String,
    },
    /// A statement failed.
    #[error("ZST_POSTGRES_URL: the databases cannot be prepared")]
    Query(#[from] tokio_postgres::Error),
}

/// Makes what is missing, and answers whether all of it holds the complete demo market.
pub(crate) async fn prepare(settings: &Settings) -> Result<bool, DatabaseError> {
    on_server(settings, async |client| {
        let rows =
            client.query("SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database", &[]).await?;
        let mut complete = true;
        for name in SERVICES.map(|service| settings.database_name(service)) {
            match rows.iter().find(|row| row.get::<_, &str>(0) == name) {
                Some(row) => complete &= row.get::<_, Option<&str>>(1) == Some(COMPLETE),
                None => {
                    complete = false;
                    create(&client, &name).await?;
                }
            }
        }
        Ok(complete)
    })
    .await
}

/// Notes that the market is complete.
pub(crate) async fn mark_complete(settings: &Settings) -> Result<(), DatabaseError> {
    on_server(settings, async |client| {
        for name in SERVICES.map(|service| settings.database_name(service)) {
            client.batch_execute(&format!("COMMENT ON DATABASE {} IS '{COMPLETE}'", quoted(&name))).await?;
        }
        Ok(())
    })
    .await
}

async fn create(client: &Client, name: &str) -> Result<(), DatabaseError> {
    let statement = format!("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", quoted(name));
    client.batch_execute(&statement).await.map_err(|error| match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => DatabaseError::MayNotCreate { database: name.to_owned() },
        _ => DatabaseError::Query(error),
    })
}

/// Runs `work` on a connection of its own, which ends with it.
async fn on_server<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(Client) -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    let url = &settings.postgres;
    let server = format!("{}:{}", url.host_str().unwrap_or("the local socket"), url.port().unwrap_or(5432));
    let connecting = tokio::time::timeout(PATIENCE, tokio_postgres::connect(url.as_str(), NoTls)).await;
    let (client, connection) = match connecting {
        Ok(Ok(connected)) => connected,
        Ok(Err(source)) => return Err(DatabaseError::Unreachable { server, source }),
        Err(_elapsed) => return Err(DatabaseError::Silent { server }),
    };
    // The connection ends when `work` lets go of the client; what ends it earlier, the work is told.
    let (done, _ended) = tokio::join!(work(client), connection);
    done
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
