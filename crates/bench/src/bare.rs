//! The limits, in processes of their own: the same work by the same libraries, and nothing else.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result, bail};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use socketioxide::handler::ConnectHandler;
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::socket::NAMESPACE;

const PORT: u16 = 18099;
const THREADS: usize = 2;

/// What a bare server does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// An actix-web handler answers the same bytes from memory, at every path.
    Handler,
    /// Socket.IO over hyper: `reel:join` puts a socket into a room, `POST /<room>` emits the same event to it.
    Sockets,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Handler => "bare-handler",
            Self::Sockets => "bare-sockets",
        }
    }
}

/// A bare server that ends with this value.
pub(crate) struct Bare {
    process: Child,
}

impl Bare {
    /// Starts one with the bytes that it is to send.
    pub(crate) async fn start(role: Role, bytes: &[u8]) -> Result<Self> {
        let file = std::env::temp_dir().join(format!("zst-bench-{}", std::process::id()));
        std::fs::write(&file, bytes)?;
        let process = Command::new(std::env::current_exe()?)
            .args([role.name().as_ref(), file.as_os_str()])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        while Client::connect(&Self::address()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::fs::remove_file(file)?;
        Ok(Self { process })
    }

    /// Where it listens.
    pub(crate) fn address() -> String {
        format!("127.0.0.1:{PORT}")
    }

    /// The process itself.
    pub(crate) fn process(&self) -> &Child {
        &self.process
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}

/// Is the bare server of this role until the process is ended, if it is one.
pub(crate) fn serve(role: &str, file: &Path) -> Result<()> {
    let bytes = Bytes::from(std::fs::read(file)?);
    if role == Role::Handler.name() {
        actix_web::rt::System::new().block_on(handler(bytes))
    } else if role == Role::Sockets.name() {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(THREADS).enable_all().build()?.block_on(sockets(bytes))
    } else {
        bail!("there is no {role}")
    }
}

async fn handler(body: Bytes) -> Result<()> {
    let server = HttpServer::new(move || {
        let body = body.clone();
        App::new().default_service(web::to(move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json; charset=utf-8").body(body) }
        }))
    });
    Ok(server.workers(THREADS).bind(("127.0.0.1", PORT))?.run().await?)
}

async fn sockets(event: Bytes) -> Result<()> {
    let event: Value = serde_json::from_slice(&event)?;
    let name = event[0].as_str().context("the event has no name")?.to_owned();
    let said = event[1].clone();
    let (layer, io) = SocketIo::new_layer();
    let listen = async |socket: SocketRef| {
        socket.on("reel:join", async |socket: SocketRef, Data(room): Data<String>, answer: AckSender| {
            socket.join(room);
            let _gone = answer.send(&json!({ "ok": true }));
        });
        Ok::<(), std::convert::Infallible>(())
    };
    io.ns(NAMESPACE, (async || {}).with(listen));
    let emit = async move |axum::extract::Path(room): axum::extract::Path<String>| {
        if let Some(all) = io.of(NAMESPACE) {
            let _gone = all.to(room).emit(&name, &said).await;
        }
    };
    let app = axum::Router::new().route("/{room}", post(emit)).layer(layer);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", PORT)).await?;
    Ok(axum::serve(listener, app).await?)
}
