//! A lean Socket.IO client over one WebSocket: thousands of them share two cores with what they listen to, so each event
//! must cost little. It reads what a server of Socket.IO 5 sends it, and no more.

use anyhow::{Result, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The namespace of all that is said.
pub(crate) const NAMESPACE: &str = "/realtime";
const EVENT: &[u8] = b"42/realtime,";
/// Room for a few events, so that one is read at once.
const ROOM: usize = 2_048;

/// A connected socket.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Socket {
    /// Opens a WebSocket and connects to the namespace, with a token or as a guest.
    pub(crate) async fn connect(address: &str, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self { stream, buffer: BytesMut::with_capacity(ROOM) };
        let head = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        socket.stream.write_all(head.as_bytes()).await?;
        let end = loop {
            if let Some(end) = socket.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            socket.fill().await?;
        };
        ensure!(socket.buffer.starts_with(b"HTTP/1.1 101"), "no WebSocket: {:?}", socket.buffer);
        socket.buffer.advance(end);
        socket.until(b"0{").await?;
        let auth = token.map(|token| format!("{{\"token\":\"{token}\"}}")).unwrap_or_default();
        socket.say(&format!("40{NAMESPACE},{auth}")).await?;
        socket.until(b"40/realtime,").await?;
        Ok(socket)
    }

    /// Joins the room of a reel and waits for the acknowledgement.
    pub(crate) async fn join(&mut self, reel: &str) -> Result<()> {
        self.say(&format!("42{NAMESPACE},0[\"reel:join\",\"{reel}\"]")).await?;
        let answer = self.until(b"43/realtime,0[").await?;
        ensure!(answer.windows(9).any(|window| window == b"\"ok\":true"), "not joined: {answer:?}");
        Ok(())
    }

    /// Leaves it.
    pub(crate) async fn leave(&mut self, reel: &str) -> Result<()> {
        self.say(&format!("42{NAMESPACE},[\"reel:leave\",\"{reel}\"]")).await
    }

    /// Reads what comes, until the connection ends.
    pub(crate) async fn listen(&mut self) -> Result<()> {
        loop {
            self.event().await?;
        }
    }

    /// Waits for the next event, and answers its arguments: `["name",{…}]`.
    pub(crate) async fn event(&mut self) -> Result<Bytes> {
        Ok(self.until(EVENT).await?.slice(EVENT.len()..))
    }

    /// The next packet that begins so; pings are answered meanwhile.
    async fn until(&mut self, prefix: &[u8]) -> Result<Bytes> {
        loop {
            let packet = self.packet().await?;
            if packet.starts_with(prefix) {
                return Ok(packet);
            }
            match packet.first() {
                Some(b'2') => self.say("3").await?,
                _ if packet.starts_with(b"44") => bail!("refused: {packet:?}"),
                _ => {}
            }
        }
    }

    /// The payload of the next frame (RFC 6455, 5.2); a server's are not masked.
    async fn packet(&mut self) -> Result<Bytes> {
        loop {
            if let [first, second, rest @ ..] = &self.buffer[..] {
                let (head, length) = match (second & 0x7f, rest) {
                    (126, [high, low, ..]) => (4, Some(usize::from(u16::from_be_bytes([*high, *low])))),
                    (126, _) => (4, None),
                    (127, _) => bail!("a frame of more than 64 KiB"),
                    (short, _) => (2, Some(usize::from(short))),
                };
                ensure!(first & 0x0f != 8, "closed by the server");
                if let Some(length) = length
                    && self.buffer.len() >= head + length
                {
                    self.buffer.advance(head);
                    return Ok(self.buffer.split_to(length).freeze());
                }
            }
            self.fill().await?;
        }
    }

    /// Sends a text frame of at most 64 KiB under a mask of zeros.
    async fn say(&mut self, text: &str) -> Result<()> {
        let mut frame = vec![0x81];
        match u16::try_from(text.len())? {
            short @ 0..126 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        Ok(self.stream.write_all(&frame).await?)
    }

    async fn fill(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed by the server");
        Ok(())
    }
}
