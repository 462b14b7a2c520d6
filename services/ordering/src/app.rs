//! What the process keeps for as long as it runs.

use std::time::Duration;

use access_token::AccessTokens;
use database::Pool;
use events::Waker;
use service_runtime::{Clock, Ids, Lifecycle, Process, context};

use crate::catalog_client::CatalogClient;
use crate::config::Config;
use crate::domain::tracking_token::TrackingTokens;
use crate::error::{Error, StartError};
use crate::operations::see_accounts::SeenAccounts;

/// How long a transaction may wait for locks. Buyers of one product wait for each other: what is left of their time,
/// and a refusal has to be out before its end.
const PATIENCE: Duration = Duration::from_secs(4);

/// Kept back for the answer.
const MARGIN: Duration = Duration::from_millis(300);

/// Shared by every call and consumer.
#[derive(Clone)]
pub(crate) struct App {
    /// Ordering's own database, for reads.
    pub(crate) pool: Pool,
    /// The same database for checkouts, steps and changes of stock. Its queue is where many buyers of one product
    /// wait, so that they use up neither the time-outs of locks nor the connections of reads.
    pub(crate) checkouts: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// What has to run to its end although the caller hangs up.
    pub(crate) lifecycle: Lifecycle,
    /// Tells the relay that something was committed.
    pub(crate) waker: Waker,
    /// Verifies callers, and signs for calls in ordering's own name.
    pub(crate) access: AccessTokens,
    pub(crate) catalog: CatalogClient,
    pub(crate) tracking: TrackingTokens,
    /// Copies of accounts that need not be written again.
    pub(crate) seen: SeenAccounts,
}

impl App {
    pub(crate) fn new(config: &Config, process: &Process, pool: Pool, waker: Waker) -> Result<Self, StartError> {
        let clock = process.clock.clone();
        let access = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
        let tracking = TrackingTokens::new(config.tracking_secrets.iter().map(String::as_bytes));
        Ok(Self {
            pool,
            checkouts: checkout_pool(config)?,
            clock: process.clock.clone(),
            ids: process.ids,
            lifecycle: process.lifecycle.clone(),
            waker,
            catalog: CatalogClient::new(&config.catalog_url, access.clone())?,
            access,
            tracking: tracking.ok_or(StartError::TrackingSecrets)?,
            seen: SeenAccounts::default(),
        })
    }

    /// To be called first in a transaction that locks stock: bounds its waiting by what is left of the request's
    /// time. Work that nobody waits for any more is dropped before it starts.
    ///
    /// # Errors
    /// [`Error::Late`].
    pub(crate) async fn bound_waiting(conn: &mut diesel_async::AsyncPgConnection) -> Result<(), Error> {
        let left = context::time_left(PATIENCE + MARGIN).saturating_sub(MARGIN);
        if left.is_zero() {
            return Err(Error::Late);
        }
        // The session's own time-outs will do for a request that has just come: one statement less.
        if left < PATIENCE - Duration::from_millis(500) {
            database::wait_at_most(conn, left).await?;
        }
        Ok(())
    }
}

/// Patient connections, and a patient queue for them.
fn checkout_pool(config: &Config) -> Result<Pool, database::Error> {
    let mut patient = config.database.clone().with_pool_size(config.checkout_pool_size);
    "ordering checkouts".clone_into(&mut patient.application_name);
    patient.wait_timeout = PATIENCE;
    patient.lock_timeout = PATIENCE;
    patient.statement_timeout = PATIENCE;
    Pool::new(patient)
}
