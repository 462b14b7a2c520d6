//! The other side of a connection, frame by frame: it does to a call what no server of ours does when it is asked to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use service_runtime::Process;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PREFACE: usize = 24;
const HEADERS: u8 = 1;
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const SETTINGS_TAKEN: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];
/// RST_STREAM with REFUSED_STREAM; the number of the stream stands in between.
const REFUSED: ([u8; 5], [u8; 4]) = ([0, 0, 4, 3, 0], [0, 0, 0, 7]);
/// GOAWAY with NO_ERROR: not even the first stream was taken.
const GOES: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// What it does to each call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// This call not; others may come.
    Refuses,
    /// No call any more on this connection.
    Goes,
    /// Takes it, and is gone.
    Breaks,
}

/// Where it is, and how many calls it has seen.
pub(crate) struct Peer {
    pub(crate) uri: String,
    seen: Arc<AtomicUsize>,
}

impl Peer {
    pub(crate) async fn start(process: &Process, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<AtomicUsize>::default();
        let peer = Self { uri, seen: Arc::clone(&seen) };
        process.lifecycle.detach(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // Whoever called may go away in the middle.
                drop(talk(&mut stream, manner, &seen).await);
            }
        });
        peer
    }

    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

/// One connection, until one side ends it.
async fn talk(stream: &mut TcpStream, manner: Manner, seen: &AtomicUsize) -> std::io::Result<()> {
    stream.write_all(&SETTINGS).await?;
    stream.read_exact(&mut [0; PREFACE]).await?;
    stream.write_all(&SETTINGS_TAKEN).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, _, number @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await?;
        if kind != HEADERS {
            continue;
        }
        seen.fetch_add(1, Ordering::SeqCst);
        match manner {
            Manner::Refuses => stream.write_all(&[&REFUSED.0[..], &number, &REFUSED.1].concat()).await?,
            Manner::Goes => stream.write_all(&GOES).await?,
            Manner::Breaks => return Ok(()),
        }
    }
}
