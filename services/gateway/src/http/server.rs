//! The public port itself: bound first, served until the process accepts nothing new.
//!
//! A client that sends its head or body too slowly, or never reads its answer, is let go of: by actix' time-out for
//! heads, ours for bodies, and TCP's for what lies unread.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App as ActixApp, HttpServer};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio_util::sync::CancellationToken;

use super::front::front;
use crate::app::App;
use crate::realtime::Realtime;

const HEAD_WITHIN: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const UNREAD_FOR: Duration = Duration::from_secs(10);
const FINISH_WITHIN: u64 = 9;
/// Bytes that the kernel keeps for a client that does not read: left to itself it takes megabytes, of each of thousands.
const UNREAD_BYTES: usize = 256 * 1024;
const BACKLOG: i32 = 1024;
const CONNECTIONS_PER_WORKER: usize = 10_000;

/// A bound port.
pub struct Bound {
    listener: TcpListener,
    addr: SocketAddr,
}

/// Binds an address; port 0 takes a free one.
///
/// # Errors
/// The address is taken or not ours.
pub fn bind(addr: SocketAddr) -> std::io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    // Accepted connections take these over.
    socket.set_tcp_nodelay(true)?;
    SockRef::from(&socket).set_tcp_keepalive(&TcpKeepalive::new().with_time(Duration::from_secs(30)))?;
    socket.set_tcp_user_timeout(Some(UNREAD_FOR))?;
    socket.set_send_buffer_size(UNREAD_BYTES)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let addr = listener.local_addr()?;
    Ok(Bound { listener, addr })
}

impl Bound {
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `accepting` is cancelled and requests under way are finished.
    ///
    /// # Errors
    /// The threads cannot be started.
    pub async fn serve(
        self,
        app: Arc<App>,
        realtime: Arc<Realtime>,
        accepting: CancellationToken,
    ) -> std::io::Result<()> {
        let workers = match app.config.workers {
            0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            workers => workers,
        };
        let (data, sockets) = (Data::new(app), Data::new(Arc::clone(&realtime)));
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(data.clone())
                .app_data(sockets.clone())
                .app_data(PayloadConfig::new(super::body::LARGEST))
                .default_service(web::to(front))
        })
        .workers(workers)
        .max_connections(CONNECTIONS_PER_WORKER)
        .client_request_timeout(HEAD_WITHIN)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(FINISH_WITHIN)
        .disable_signals()
        .listen(self.listener)?
        .run();
        let handle = server.handle();
        let mut server = std::pin::pin!(server);
        tokio::select! {
            ended = &mut server => return ended,
            () = accepting.cancelled() => {}
        }
        // Sockets end while requests finish: neither waits for the other.
        tokio::join!(handle.stop(true), realtime.close(), server).2
    }
}
