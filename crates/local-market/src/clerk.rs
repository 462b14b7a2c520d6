//! A stand-in for Clerk on the loopback interface: the public keys as Clerk serves them, and session tokens and webhooks on
//! request.
//!
//! It runs on a thread of its own, so that signing never holds up the runtime of a test that uses it. Tokens are made
//! exactly as Clerk makes them unless the request says otherwise: every refusal that the gateway knows can be tried.
//!
//! | endpoint | does |
//! | --- | --- |
//! | `GET /.well-known/jwks.json` | the public keys |
//! | `POST /tokens` `{"user": "demo-customer"}` | a session token, see [`TokenRequest`] for further members |
//! | `POST /webhooks/send` `{"type": "user.updated", "user": "demo-customer", "data": {…}}` | sends a signed webhook to the market and tells what it answered, see [`WebhookRequest`] |
//! | `GET /` | the demo page; `/videos/…` are those of reels that an operator adds |
//! | `POST /keys/rotate` | a new signing key; `{"drop_old": true}` also takes the older ones out of the key set |

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::oneshot;

use self::keys::KeyRing;

pub use self::keys::KeyError;
pub use self::token::{RequestError, SigningKeyChoice, TokenRequest, session_id, user_id};
pub use self::webhook::{INSTANCE_ID, SecretChoice, SignedWebhook, WebhookRequest, WebhookTarget};

mod http;
mod keys;
mod token;
mod webhook;

/// The address on which the stand-in listens beside `make run`.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:8090";

/// How the key set misbehaves while [`ClerkStandIn::set_failing`] says so; tokens are still made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// Answers 500.
    ServerError,
    /// Answers rightly, but only after this time.
    Slow(Duration),
    /// Answers 200 with an empty set.
    Empty,
    /// Answers 200 with something that is not JSON.
    Garbage,
}

/// Why the stand-in could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens on the address.
    #[error("port {} is taken: stop the program that listens on {address}, it is needed for the local Clerk", address.port())]
    PortTaken {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address} for the local Clerk")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The signing keys could not be made, read or kept.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The client that sends webhooks could not be made.
    #[error("cannot make the client of the local Clerk")]
    Client(#[from] reqwest::Error),
    /// The thread of the server could not be started.
    #[error("cannot start the thread of the local Clerk")]
    Thread(#[source] std::io::Error),
}

/// What requests and the handle share.
#[derive(Debug)]
struct Shared {
    issuer: String,
    keys: Mutex<KeyRing>,
    failing: Mutex<Option<Failing>>,
    jwks_requests: AtomicU64,
    webhooks: Mutex<Option<WebhookTarget>>,
    http: reqwest::Client,
}

impl Shared {
    fn keys(&self) -> MutexGuard<'_, KeyRing> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failing(&self) -> MutexGuard<'_, Option<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn webhooks(&self) -> Option<WebhookTarget> {
        self.webhooks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mint(&self, request: &TokenRequest) -> Result<String, KeyError> {
        token::mint(request, &mut self.keys(), &self.issuer, unix_now())
    }
}

/// A running stand-in for Clerk; it stops when this is dropped.
#[derive(Debug)]
pub struct ClerkStandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ClerkStandIn {
    /// Starts on an address (port 0: any free one) with new keys that are forgotten with it.
    pub fn start(address: SocketAddr) -> Result<Self, StartError> {
        Self::serve(address, KeyRing::in_memory)
    }

    /// Starts with the keys kept in a folder, which are made there by the first run.
    pub fn start_with_keys_in(address: SocketAddr, folder: impl Into<PathBuf>) -> Result<Self, StartError> {
        let folder = folder.into();
        Self::serve(address, || KeyRing::in_folder(folder))
    }

    /// Listens before it makes keys: a taken port is told at once.
    fn serve(address: SocketAddr, keys: impl FnOnce() -> Result<KeyRing, KeyError>) -> Result<Self, StartError> {
        let listener = listen(address)?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
        let shared = Arc::new(Shared {
            issuer: format!("http://{address}"),
            keys: Mutex::new(keys()?),
            failing: Mutex::new(None),
            jwks_requests: AtomicU64::new(0),
            webhooks: Mutex::new(None),
            // Only ever to this machine.
            http: reqwest::Client::builder().no_proxy().tls_built_in_root_certs(false).build()?,
        });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let router = http::router(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("local-clerk".to_owned())
            .spawn(move || runtime.block_on(http::serve(listener, router, stopped)))
            .map_err(StartError::Thread)?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its own URL, which is the issuer of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.issuer
    }

    /// The URL of the key set.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.shared.issuer)
    }

    /// A session token of a user, good for one minute as Clerk's are.
    #[must_use]
    pub fn token_for(&self, user: &str) -> String {
        self.token(&TokenRequest::new(user))
    }

    /// The token that a request describes.
    #[must_use]
    pub fn token(&self, request: &TokenRequest) -> String {
        self.shared.mint(request).expect("a key in memory signs any message")
    }

    /// Where webhooks go from now on.
    pub fn send_webhooks_to(&self, target: WebhookTarget) {
        *self.shared.webhooks.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
    }

    /// The webhook that a request describes, as it would be sent now.
    pub fn sign_webhook(&self, request: &WebhookRequest) -> Result<SignedWebhook, RequestError> {
        let secrets = self.shared.webhooks().map(|target| target.secrets).unwrap_or_default();
        request.sign(&secrets, unix_now_ms())
    }

    /// How often the key set was asked for, failed answers included.
    #[must_use]
    pub fn jwks_requests(&self) -> u64 {
        self.shared.jwks_requests.load(Ordering::SeqCst)
    }

    /// Makes the key set misbehave, or behave again with `None`.
    pub fn set_failing(&self, failing: Option<Failing>) {
        *self.shared.failing() = failing;
    }

    /// Signs with a new key from now on; the older ones stay in the key set.
    pub fn rotate_keys(&self) -> Result<(), KeyError> {
        self.shared.keys().rotate()
    }

    /// Takes every key but the signing one out of the key set.
    pub fn drop_old_keys(&self) -> Result<(), KeyError> {
        self.shared.keys().drop_old()
    }
}

impl Drop for ClerkStandIn {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself; then nobody listens and there is nothing to stop.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let fail = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken { address },
        _ => StartError::Listen { address, source },
    };
    let listener = TcpListener::bind(address).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    Ok(listener)
}

fn unix_now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since 1970. Tokens carry real time: the verifier's clock may be moved in tests, Clerk's cannot.
fn unix_now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
