//! A lean HTTP/1.1 client: one kept-alive connection, one request at a time, nothing parsed that is not needed. The load
//! shares two cores with what it measures, so it must cost little.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection to the loopback address.
pub(crate) struct Client {
    address: String,
    stream: TcpStream,
    buffer: BytesMut,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A request as it goes over the wire, made once and sent often.
pub(crate) fn request(method: &str, target: &str, token: Option<&str>, body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    if let Some(token) = token {
        text.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    match body {
        Some(body) => {
            text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        }
        None => text.push_str("\r\n"),
    }
    text.into_bytes()
}

impl Client {
    pub(crate) async fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address: address.to_owned(), stream, buffer: BytesMut::with_capacity(64 * 1024) })
    }

    /// Sends `request` and waits for its whole answer; a connection that the server closed is made again once.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        match self.exchange(request).await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.buffer.is_empty() => {
                *self = Self::connect(&self.address).await?;
                self.exchange(request).await
            }
            answer => answer,
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.fill().await?;
        };
        let status = std::str::from_utf8(self.buffer.get(9..12).unwrap_or_default())
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| malformed("status line"))?;
        let length = content_length(&self.buffer[..head]).ok_or_else(|| malformed("no content-length"))?;
        self.buffer.advance(head);
        while self.buffer.len() < length {
            self.fill().await?;
        }
        let body = self.buffer.split_to(length).to_vec();
        Ok(Answer { status, body })
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
        if !name.eq_ignore_ascii_case(b"content-length") {
            return None;
        }
        std::str::from_utf8(&value[1..]).ok()?.trim().parse().ok()
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed answer: {what}"))
}
