//! A bucket on this machine that speaks the protocol of S3, and shows its public objects on a second address: what
//! `make run` uses where no bucket was named, and what tests of everything that stores objects start for themselves.
//!
//! Signatures are checked as the real ones are (version 4, in headers and in presigned addresses), writing once
//! (`If-None-Match: *`) holds among any number of writers, and an object appears whole or not at all. It knows one bucket
//! and one key pair, no versions, no permissions, no checksums but MD5. It is no part of a production image.
//!
//! It runs on a thread of its own, so that its work is not done on the runtime of a test that uses it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::sync::oneshot;

use self::fault::Switch;
use self::s3::Bucket;
use self::store::Store;

pub use self::fault::Fault;

mod fault;
mod public;
mod s3;
mod server;
mod store;

/// The region that signatures name; any other is as good.
pub const REGION: &str = "auto";

/// What it is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the objects are kept.
    pub folder: PathBuf,
    /// Where the protocol is spoken; port 0: any free one.
    pub address: SocketAddr,
    /// Where public objects are shown; port 0: any free one.
    pub public_address: SocketAddr,
    /// The name of the bucket.
    pub bucket: String,
    /// The one key that may sign.
    pub access_key: String,
    /// What it signs with.
    pub secret_key: String,
}

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address} for the local S3")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The objects cannot be read or kept.
    #[error("{} cannot be used for the local S3", folder.display())]
    Folder {
        /// The folder that was asked for.
        folder: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The thread of the server could not be started.
    #[error("cannot start the thread of the local S3")]
    Thread(#[source] io::Error),
}

/// A running bucket; it stops when this is dropped, and open connections end with it.
#[derive(Debug)]
pub struct LocalS3 {
    options: Options,
    store: Arc<Store>,
    switch: Arc<Switch>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    temporary: bool,
}

impl LocalS3 {
    /// Starts, with the objects that the folder holds.
    ///
    /// # Errors
    /// An address or the folder cannot be used.
    pub fn start(mut options: Options) -> Result<Self, StartError> {
        let protocol = listen(&mut options.address)?;
        let public = listen(&mut options.public_address)?;
        let folder = options.folder.clone();
        let store = Store::open(folder.clone()).map_err(|source| StartError::Folder { folder, source })?;
        let (store, switch) = (Arc::new(store), Arc::new(Switch::default()));
        let service = service(&options, &store);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let serve = serve([protocol, public], service, Arc::clone(&store), Arc::clone(&switch), stopped);
        let thread = std::thread::Builder::new()
            .name("local-s3".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve) {
                    tracing::error!(%error, "the local S3 stopped");
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Self { options, store, switch, stop: Some(stop), thread: Some(thread), temporary: false })
    }

    /// Starts an empty one on free ports, for a test; its objects are forgotten with it.
    ///
    /// # Errors
    /// As [`LocalS3::start`].
    pub fn temporary() -> Result<Self, StartError> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut started = Self::start(Options {
            folder: std::env::temp_dir().join(format!("local-s3-{:032x}", rand::random::<u128>())),
            address: any,
            public_address: any,
            bucket: "zst-test".to_owned(),
            access_key: "local-access-key".to_owned(),
            secret_key: format!("{:032x}", rand::random::<u128>()),
        })?;
        started.temporary = true;
        Ok(started)
    }

    /// The address of the protocol, without the bucket.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.options.address)
    }

    /// The address below which public objects are shown.
    #[must_use]
    pub fn public_url(&self) -> String {
        format!("http://{}", self.options.public_address)
    }

    /// What it was told, with the ports that it got.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Makes it misbehave, or behave again with `None`.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.switch.set(fault);
    }

    /// How many requests of the protocol came, those included that met a fault.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.switch.requests()
    }

    /// The keys of all objects, in their order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let (objects, _) = self.store.list("", None, usize::MAX);
        objects.iter().map(|object| object.key.clone()).collect()
    }

    /// How many uploads in parts are neither complete nor aborted.
    #[must_use]
    pub fn open_uploads(&self) -> usize {
        self.store.open_uploads()
    }
}

impl Drop for LocalS3 {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself; then nobody listens and there is nothing to stop.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.options.folder);
        }
    }
}

/// Writes down which port was got.
fn listen(address: &mut SocketAddr) -> Result<TcpListener, StartError> {
    let asked = *address;
    let listener = TcpListener::bind(asked).and_then(|listener| {
        listener.set_nonblocking(true)?;
        *address = listener.local_addr()?;
        Ok(listener)
    });
    listener.map_err(|source| StartError::Listen { address: asked, source })
}

fn service(options: &Options, store: &Arc<Store>) -> S3Service {
    let mut builder = S3ServiceBuilder::new(Bucket { name: options.bucket.clone(), store: Arc::clone(store) });
    builder.set_auth(SimpleAuth::from_single(options.access_key.clone(), options.secret_key.clone()));
    builder.build()
}

/// Serves until the handle lets go.
async fn serve(
    [protocol, public]: [TcpListener; 2],
    service: S3Service,
    store: Arc<Store>,
    switch: Arc<Switch>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let protocol = server::protocol(tokio::net::TcpListener::from_std(protocol)?, service, switch);
    let public = server::public(tokio::net::TcpListener::from_std(public)?, store);
    tokio::select! {
        () = protocol => {}
        () = public => {}
        _ = stopped => {}
    }
    Ok(())
}
