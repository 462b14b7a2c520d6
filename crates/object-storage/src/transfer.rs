//! Bytes to and from the storage, in chunks: one request by a presigned address, so that the length is known, nothing is
//! hashed beforehand, and neither half of a body nor an unfinished upload in parts can stay behind.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use http::{HeaderMap, header};
use reqwest::{Method, Request, Response, Url};
use tokio::time::Instant;

use crate::error::Error;
use crate::{Storage, Timeouts};

/// When a body last went on.
#[derive(Debug, Clone)]
struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    fn begun() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Ends when there was none for so long.
    async fn stalled(&self, limit: Duration) {
        loop {
            let end = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + limit;
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}

pub(crate) fn client(timeouts: &Timeouts) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        // One body, one connection: none waits behind another.
        .http1_only()
        .connect_timeout(timeouts.connect)
        .tcp_nodelay(true)
        // Shorter than servers keep them.
        .pool_idle_timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

impl Storage {
    /// Sends a body; `limit` is how long it may stand still, its answer included.
    pub(crate) async fn send(
        &self,
        url: &str,
        headers: HeaderMap,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        limit: Duration,
    ) -> Result<(), Error> {
        let progress = Progress::begun();
        let noted = progress.clone();
        let body = body.inspect(move |_| noted.note());
        let mut request = Request::new(Method::PUT, address(url)?);
        *request.headers_mut() = headers;
        *request.body_mut() = Some(reqwest::Body::wrap_stream(body));
        let sent = async { accepted(self.http.execute(request).await?).await.map(drop) };
        tokio::select! {
            sent = sent => sent,
            () = progress.stalled(limit) => Err(Error::late()),
        }
    }

    /// Begins to read a body, or a part of it.
    pub(crate) async fn open(&self, url: &str, range: Option<(u64, u64)>) -> Result<Response, Error> {
        let mut request = Request::new(Method::GET, address(url)?);
        if let Some((from, to)) = range {
            let range = format!("bytes={from}-{to}").parse().expect("digits are a header's value");
            request.headers_mut().insert(header::RANGE, range);
        }
        let answered = async { accepted(self.http.execute(request).await?).await };
        tokio::time::timeout(self.timeouts.answer, answered).await.map_err(|_late| Error::late())?
    }

    /// The next bytes of a body, none at its end.
    pub(crate) async fn next(&self, response: &mut Response) -> Result<Option<Bytes>, Error> {
        let chunk = tokio::time::timeout(self.timeouts.stall, response.chunk()).await;
        Ok(chunk.map_err(|_late| Error::late())??)
    }

    /// A whole body of at most `cap` bytes.
    pub(crate) async fn collect(&self, mut response: Response, cap: u64) -> Result<Bytes, Error> {
        let announced = response.content_length();
        if announced.is_some_and(|length| length > cap) {
            return Err(Error::TooLarge);
        }
        let mut bytes = BytesMut::with_capacity(announced.and_then(|length| length.try_into().ok()).unwrap_or(0));
        while let Some(chunk) = self.next(&mut response).await? {
            if (bytes.len() + chunk.len()) as u64 > cap {
                return Err(Error::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }
}

fn address(url: &str) -> Result<Url, Error> {
    // The reason would hold the address.
    Url::parse(url).map_err(|_reason| Error::Unavailable("the storage has no valid address".into()))
}

async fn accepted(response: Response) -> Result<Response, Error> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let document = response.text().await.unwrap_or_default();
    Err(Error::refused(status.as_u16(), &document))
}
