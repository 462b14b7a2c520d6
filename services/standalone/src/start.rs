//! Starts all services with one lifecycle.

use std::net::SocketAddr;

use gateway::Gateway;
use service_runtime::self_check::Report;
use service_runtime::{PrivateHttp, Process, Service};

use crate::Config;

/// A service does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a free port cannot be had")]
    Ports(#[from] std::io::Error),
    #[error("STANDALONE_PRIVATE_ADDR {0} cannot be listened on; is it taken?")]
    Private(SocketAddr, #[source] std::io::Error),
    #[error("identity")]
    Identity(#[from] identity::StartError),
    #[error("catalog")]
    Catalog(#[from] catalog::StartError),
    #[error("cart")]
    Cart(#[from] cart::StartError),
    #[error("ordering")]
    Ordering(#[from] ordering::StartError),
    #[error("reels")]
    Reels(#[from] reels::StartError),
    #[error("media")]
    Media(#[from] media::StartError),
    #[error("gateway")]
    Gateway(#[from] gateway::BuildError),
    #[error("a database cannot be brought up to date")]
    Migrate(#[from] database::Error),
}

/// All services, serving.
pub struct Standalone {
    /// Where the public port is.
    pub gateway_addr: SocketAddr,
    /// What every service was told in the end, addresses chosen.
    pub config: Config,
    /// Until the public port is opened.
    closed: Option<Gateway>,
}

impl Standalone {
    /// Starts everything. The public port opens last, so that whoever reaches it finds all services; the process's
    /// lifecycle ends them.
    ///
    /// # Errors
    /// A port is taken, migrations are pending, or a setting cannot be used.
    pub async fn start(config: Config, process: &Process) -> Result<Self, Error> {
        let mut standalone = Box::pin(Self::start_closed(config, process)).await?;
        standalone.open();
        Ok(standalone)
    }

    /// As [`Standalone::start`], but the public port answers nobody before [`Standalone::open`].
    ///
    /// # Errors
    /// A port is taken, migrations are pending, or a setting cannot be used.
    pub async fn start_closed(config: Config, process: &Process) -> Result<Self, Error> {
        let (mut config, held) = config.connected()?;
        if let Some(addr) = &mut config.private_addr {
            let taken = *addr;
            let private = PrivateHttp::bind(taken).await.map_err(|error| Error::Private(taken, error))?;
            *addr = private.addr()?;
            private.start(process);
        }
        // A taken public port is told before anything else is begun.
        let gateway = gateway::build(config.gateway.clone(), process)?;
        let gateway_addr = gateway.addr();
        let identity = identity::build(config.identity.clone(), process.clone()).await?;
        let catalog = catalog::build(config.catalog.clone(), process.clone()).await?;
        let cart = cart::build(config.cart.clone(), process.clone()).await?;
        let ordering = ordering::build(config.ordering.clone(), process.clone()).await?;
        let reels = reels::build(config.reels.clone(), process.clone()).await?;
        let media = media::build(config.media.clone(), process.clone()).await?;
        drop(held);
        // Together, since each waits for its own database.
        tokio::try_join!(
            async { Ok::<_, Error>(identity.run().await?) },
            async { Ok(catalog.run().await?) },
            async { Ok(cart.run().await?) },
            async { Ok(ordering.run().await?) },
            async { Ok(reels.run().await?) },
            async { Ok(media.run().await?) },
        )?;
        Ok(Self { gateway_addr, config, closed: Some(gateway) })
    }

    /// Lets everybody in.
    pub fn open(&mut self) {
        if let Some(gateway) = self.closed.take() {
            gateway.run();
        }
    }
}

/// Brings the databases of all services up to date.
///
/// # Errors
/// A database is away, or a migration failed.
pub async fn migrate(config: &Config) -> Result<(), Error> {
    use database::migrations::up;
    // Boxed: it is large, and lies in the futures of all who wait for it.
    let all = Box::pin(async {
        tokio::try_join!(
            up(&config.identity.database, identity::MIGRATIONS),
            up(&config.catalog.database, catalog::MIGRATIONS),
            up(&config.cart.database, cart::MIGRATIONS),
            up(&config.ordering.database, ordering::MIGRATIONS),
            up(&config.reels.database, reels::MIGRATIONS),
            up(&config.media.database, media::MIGRATIONS),
        )
    });
    all.await?;
    Ok(())
}

/// Looks once, beside the running market, for what must never be.
///
/// # Errors
/// A setting cannot be used, or migrations are pending.
pub async fn check(config: &Config) -> Result<Vec<Report>, Error> {
    let (config, _held) = config.clone().connected()?;
    Ok(vec![
        identity::Identity::check(&config.identity).await?,
        catalog::Catalog::check(&config.catalog).await?,
        cart::Cart::check(&config.cart).await?,
        ordering::Ordering::check(&config.ordering).await?,
        reels::Reels::check(&config.reels).await?,
        media::Media::check(&config.media).await?,
    ])
}

/// Adds the reels of a JSON text, as `reels seed` does those of a file; answers how many those were.
///
/// # Errors
/// The text cannot be read, or what it names is refused.
pub async fn seed_reels(config: &Config, plan: &str) -> Result<usize, Error> {
    let (config, _held) = config.clone().connected()?;
    Ok(reels::seed(&config.reels, plan).await?)
}

/// Makes an account an admin and answers its id, as `identity appoint-admin` does.
///
/// # Errors
/// The database is away, or the account is deleted.
pub async fn appoint_admin(config: &Config, clerk_id: &str) -> Result<String, Error> {
    Ok(identity::appoint_admin(&config.identity, clerk_id).await?)
}
