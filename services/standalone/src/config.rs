//! The settings of all services, with the addresses of one another filled in.

use std::net::SocketAddr;

use service_runtime::{Environment, EnvironmentError};
use tokio::net::TcpSocket;

/// What the services are told.
#[derive(Debug, Clone)]
pub struct Config {
    /// `STANDALONE_PRIVATE_ADDR`; none in tests.
    pub private_addr: Option<SocketAddr>,
    pub identity: identity::Config,
    pub catalog: catalog::Config,
    pub cart: cart::Config,
    pub ordering: ordering::Config,
    pub reels: reels::Config,
    pub media: media::Config,
    pub gateway: gateway::Config,
}

impl Config {
    /// # Errors
    /// A variable is missing or cannot be read.
    pub fn from_env(environment: &Environment) -> Result<Self, EnvironmentError> {
        let private_addr =
            environment.address("STANDALONE_PRIVATE_ADDR", "127.0.0.1:9100", "metrics and health of all services")?;
        Ok(Self {
            private_addr: Some(private_addr),
            identity: identity::Config::from_env(environment)?,
            catalog: catalog::Config::from_env(environment)?,
            cart: cart::Config::from_env(environment)?,
            ordering: ordering::Config::from_env(environment)?,
            reels: reels::Config::from_env(environment)?,
            media: media::Config::from_env(environment)?,
            gateway: gateway::Config::from_env(environment)?,
        })
    }

    /// Every service knows where the others are, and none has a private port of its own. The sockets hold chosen ports
    /// until the services listen on them.
    pub(crate) fn connected(mut self) -> std::io::Result<(Self, Vec<TcpSocket>)> {
        let mut held = Vec::new();
        for addr in [
            &mut self.identity.grpc_addr,
            &mut self.catalog.grpc_addr,
            &mut self.cart.grpc_addr,
            &mut self.ordering.grpc_addr,
            &mut self.reels.grpc_addr,
            &mut self.media.grpc_addr,
        ] {
            if addr.port() == 0 {
                let socket = hold(*addr)?;
                *addr = socket.local_addr()?;
                held.push(socket);
            }
        }
        let url = |addr: SocketAddr| format!("http://{addr}");
        let (identity, catalog) = (url(self.identity.grpc_addr), url(self.catalog.grpc_addr));
        let (cart, ordering) = (url(self.cart.grpc_addr), url(self.ordering.grpc_addr));
        let (reels, media) = (url(self.reels.grpc_addr), url(self.media.grpc_addr));
        self.identity.ordering_url.clone_from(&ordering);
        self.catalog.identity_url.clone_from(&identity);
        self.catalog.ordering_url.clone_from(&ordering);
        self.cart.catalog_url.clone_from(&catalog);
        self.ordering.catalog_url.clone_from(&catalog);
        self.reels.catalog_url.clone_from(&catalog);
        self.catalog.media_url.clone_from(&media);
        self.reels.media_url.clone_from(&media);
        self.media.catalog_url.clone_from(&catalog);
        self.media.identity_url.clone_from(&identity);
        self.media.ordering_url.clone_from(&ordering);
        self.media.reels_url.clone_from(&reels);
        self.gateway.upstream = gateway::config::UpstreamConfig { identity, catalog, cart, ordering, reels, media };
        self.identity.private_addr = None;
        self.catalog.private_addr = None;
        self.cart.private_addr = None;
        self.ordering.private_addr = None;
        self.reels.private_addr = None;
        self.media.private_addr = None;
        Ok((self, held))
    }
}

/// Port 0 means a free one; the services name one another, so it is chosen before any of them starts. A socket that is
/// bound but does not listen keeps the port from everybody who does not ask for this very one.
fn hold(addr: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}
