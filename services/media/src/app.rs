//! Everything that lives as long as the service.

use std::sync::Arc;

use access_token::AccessTokens;
use commerce_types::UploadId;
use database::Pool;
use events::Waker;
use media_files::video::{Limits, Tools};
use object_storage::Storage;
use service_runtime::{Clock, Ids, Lifecycle, Process};
use tokio::sync::{Mutex, Notify, Semaphore, broadcast};
use uuid::Uuid;

use crate::config::{Config, Times};
use crate::error::StartError;
use crate::upstream::catalog::Catalog;
use crate::upstream::showing::Showing;

/// Pictures that are held in memory at a time to be looked at: ten megabytes each.
const LOOKED_AT: usize = 4;

/// Uploads that went on and were not heard of yet by whoever waits for them; who misses one looks by the clock.
const UNHEARD: usize = 256;

/// What operations work with. Clones share it.
#[derive(Clone)]
pub(crate) struct App {
    /// media's own database.
    pub(crate) pool: Pool,
    /// The time of the machine, for what lies in the bucket; rows go by the database's clock.
    pub(crate) clock: Clock,
    /// Makes ids and secrets.
    pub(crate) ids: Ids,
    /// Runs what must not end with its caller.
    pub(crate) lifecycle: Lifecycle,
    /// Tells the relay that something was committed.
    pub(crate) waker: Waker,
    /// Verifies callers, and signs in the service's own name.
    pub(crate) access: AccessTokens,
    /// Owns products.
    pub(crate) catalog: Catalog,
    /// Those who may show a file.
    pub(crate) showing: Showing,
    /// The bucket.
    pub(crate) storage: Storage,
    /// What works on videos; none where it is not installed.
    pub(crate) tools: Option<Arc<Tools>>,
    /// Below it public objects are seen.
    pub(crate) public_url: Arc<str>,
    /// Where files lie while they are worked on.
    pub(crate) spool: Arc<std::path::Path>,
    /// Wakes the workers of this process.
    pub(crate) received: Arc<Notify>,
    /// Tells those who wait in this process which upload went on.
    pub(crate) went_on: broadcast::Sender<UploadId>,
    /// Room for files that are being received.
    pub(crate) receiving: Arc<Semaphore>,
    /// Room for pictures that are looked at before they are stored.
    pub(crate) looking: Arc<Semaphore>,
    /// Large pictures are decoded one after the other.
    pub(crate) large: Arc<Semaphore>,
    /// Where the next look at served files begins.
    pub(crate) checked_up_to: Arc<Mutex<UploadId>>,
    /// How long, how often.
    pub(crate) times: Times,
}

impl App {
    pub(crate) fn new(config: &Config, process: &Process, pool: Pool, waker: Waker) -> Result<Self, StartError> {
        let clock = process.clock.clone();
        let access = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
        let bucket = object_storage::Config {
            endpoint: config.bucket.endpoint.clone(),
            region: config.bucket.region.clone(),
            bucket: config.bucket.name.clone(),
            access_key: config.bucket.access_key.clone(),
            secret_key: config.bucket.secret_key.clone(),
            spool: config.spool.clone(),
        };
        let tools =
            Tools::find(Limits::default()).inspect_err(|missing| tracing::warn!(%missing, "no video is taken")).ok();
        Ok(Self {
            pool,
            clock: process.clock.clone(),
            ids: process.ids,
            lifecycle: process.lifecycle.clone(),
            waker,
            catalog: Catalog::new(&config.catalog_url)?,
            showing: Showing::new(config, access.clone())?,
            access,
            storage: Storage::new(&bucket, config.bucket.timeouts)?,
            tools: tools.map(Arc::new),
            public_url: config.bucket.public_url.as_str().into(),
            spool: config.spool.as_path().into(),
            received: Arc::default(),
            went_on: broadcast::Sender::new(UNHEARD),
            receiving: Arc::new(Semaphore::new(config.uploads_at_once)),
            looking: Arc::new(Semaphore::new(LOOKED_AT)),
            large: Arc::new(Semaphore::new(1)),
            checked_up_to: Arc::new(Mutex::new(Uuid::nil().into())),
            times: config.times,
        })
    }

    /// An upload's copy is served, or it is at its end; that nobody waits for it is no fault.
    pub(crate) fn tell(&self, id: UploadId) {
        let _nobody = self.went_on.send(id);
    }

    /// Where an object is seen.
    pub(crate) fn url(&self, key: &str) -> String {
        format!("{}/{key}", self.public_url)
    }

    /// The key of what is seen there; none of another address.
    pub(crate) fn key_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        url.strip_prefix(&*self.public_url)?.strip_prefix('/')
    }

    /// For a key that cannot be guessed: 32 hexadecimal digits.
    pub(crate) fn secret(&self) -> String {
        self.ids.secret::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
