//! Bytes on a socket, for requests that no client library would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::Market;

const PATIENCE: Duration = Duration::from_secs(15);

impl Market {
    /// Sends these bytes and reads until the server closes the connection; empty when it says nothing.
    pub(crate) async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(self.gateway()).await.unwrap();
        // The server may refuse before it has read everything.
        let _refused_early = stream.write_all(bytes.as_ref()).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "the connection stays open: {}", String::from_utf8_lossy(&answer));
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The status of a request without a body whose path is sent exactly as it is written here, and the whole answer.
    pub(crate) async fn raw_path(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        let answer =
            self.raw(format!("{method} {path} HTTP/1.1\r\nHost: zst\r\nConnection: close\r\n{headers}\r\n")).await;
        (status_of(&answer), answer)
    }
}

/// The status of the first answer in these bytes; 0 when there is none.
pub(crate) fn status_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}
