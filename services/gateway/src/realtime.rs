//! Realtime: Socket.IO at `/socket.io`, namespace `/realtime`, on the public port (section 7 of the contract).
//!
//! A socket asks for rooms, whoever owns the thing is asked whether it may, and the stream's facts are told to the rooms
//! they concern. Every gateway reads the whole stream and tells its own sockets alone: there is no adapter between
//! gateways, and nothing is kept for a socket that is away. A write never waits for any of this.
//!
//! [`connection`], [`pipe`] and [`frames`] carry bytes between the public port and the Socket.IO server; [`connect`],
//! [`command`] and [`answer`] are what clients say; [`facts`] is what they are told, [`hub`] whom, [`behind`] how fast,
//! and [`endings`] what the server ends.

mod answer;
mod behind;
mod command;
mod connect;
mod connection;
mod endings;
mod facts;
mod frames;
mod hub;
mod measure;
mod member;
mod newest;
mod payload;
mod pipe;
mod reels;
mod room;
mod transport;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use commerce_types::UserId;
use engineioxide::service::NotFoundService;
use service_runtime::context::{self, RequestContext};
use socketioxide::service::SocketIoService;
use socketioxide::{ParserConfig, SocketIo, TransportType};
use tokio::sync::{Notify, Semaphore};
use tracing::Instrument;

use self::answer::Refusal;
use self::behind::Behind;
use self::connection::Connections;
use self::hub::{Hub, Right};
use self::newest::Newest;
pub(crate) use self::transport::{Plain, WebSocket};
use crate::app::App;
use crate::session::Session;
use crate::session::callers::{IdentityAway, Known};
use crate::single_flight::SingleFlight;

const NAMESPACE: &str = "/realtime";
const PING_EVERY: Duration = Duration::from_secs(25);
const PONG_WITHIN: Duration = Duration::from_secs(20);
/// A frame, and a body of long polling.
pub(crate) const LARGEST: usize = 65_536;
/// Packets that the server keeps for a socket. Events are counted in [`connection`]; this leaves room for answers, so
/// that an event which is not over that limit always finds a place.
const BUFFER: usize = 512;
/// A check may take as long as a read.
const CHECK_WITHIN: Duration = Duration::from_secs(2);
/// Checks for clients at a time: thousands may come back at once, more than whoever is asked would take.
const CHECKS: usize = 32;
const ENDED_SESSIONS: u64 = 100_000;
/// Longer than any token of an ended session lives on.
const ENDED_FOR: Duration = Duration::from_secs(3600);

/// What can be set.
#[derive(Debug, Clone)]
pub struct RealtimeConfig {
    /// `GATEWAY_REALTIME_CONNECTIONS`
    pub connections: i64,
    /// `GATEWAY_REALTIME_CONNECT_WITHIN`
    pub connect_within: Duration,
    /// `GATEWAY_REALTIME_LIFE`
    pub life: Duration,
    /// `GATEWAY_REALTIME_CLOSE_OVER`
    pub close_over: Duration,
}

pub struct Realtime {
    app: Arc<App>,
    config: RealtimeConfig,
    io: SocketIo,
    service: SocketIoService<NotFoundService>,
    connections: Connections,
    hub: Hub,
    behind: Behind,
    newest: Newest,
    /// Asks once what a crowd wants to join that sees no more than everybody.
    checks: SingleFlight<Result<Right, Refusal>>,
    turns: Semaphore,
    /// Clerk's ids.
    ended_sessions: moka::sync::Cache<String, ()>,
    unchecked: Mutex<HashSet<UserId>>,
    has_unchecked: Notify,
    has_gap: Notify,
    is_closing: AtomicBool,
}

impl Realtime {
    /// Ready for connections.
    pub fn new(app: Arc<App>) -> Arc<Self> {
        let config = app.config.realtime.clone();
        let (service, io) = SocketIo::builder()
            .ping_interval(PING_EVERY)
            .ping_timeout(PONG_WITHIN)
            .connect_timeout(config.connect_within)
            .max_payload(LARGEST as u64)
            .ws_max_frame_size(LARGEST)
            .ws_max_message_size(LARGEST)
            .max_buffer_size(BUFFER)
            .transports([TransportType::Polling, TransportType::Websocket])
            .with_parser(ParserConfig::common().max_incoming_binaries(0))
            .build_svc();
        let realtime = Arc::new(Self {
            hub: Hub::new(io.clone()),
            io,
            service,
            connections: Connections::default(),
            behind: Behind::default(),
            newest: Newest::new(),
            checks: SingleFlight::default(),
            turns: Semaphore::new(CHECKS),
            ended_sessions: moka::sync::Cache::builder().max_capacity(ENDED_SESSIONS).time_to_live(ENDED_FOR).build(),
            unchecked: Mutex::default(),
            has_unchecked: Notify::new(),
            has_gap: Notify::new(),
            is_closing: AtomicBool::new(false),
            config,
            app,
        });
        connect::open_namespace(&realtime.io, Arc::downgrade(&realtime));
        realtime
    }

    /// Whether the gateway is about to end: nobody is let in any more.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Lets sockets read that are behind, for a moment; to be called between facts.
    pub(crate) async fn let_read(&self) {
        self.behind.wait().await;
    }

    /// Ends all connections, spread over some seconds.
    pub(crate) async fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.send_all_away().await;
        self.connections.end_all();
    }

    /// Who is behind a session, as REST finds it.
    async fn find_caller(&self, session: &Arc<Session>) -> Result<Known, IdentityAway> {
        let ask = async || {
            let span = tracing::info_span!("resolve caller", otel.kind = "client");
            self.app.upstream.resolve_caller(&session.claims).instrument(span).await
        };
        self.app.callers.find(session, ask).await
    }

    /// Work for a socket, in a context of its own and bounded like a read.
    async fn within_time<T>(&self, work: impl Future<Output = T>) -> T {
        let request_id: uuid::Uuid = self.app.ids.next();
        let mut context = RequestContext::named(request_id.to_string());
        context.deadline = Some(Instant::now() + CHECK_WITHIN);
        context::scope(context, work).await
    }
}
