//! A form with a file in it (`multipart/form-data`), read part by part as it comes and never held (part 2, 4.3).

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Payload;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use service_error::Reason;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::body::{BodyRule, IDLE};
use super::error::ApiError;

/// Chunks that were read and not taken: the network waits for whoever takes them.
const AHEAD: usize = 1;
/// Bytes of a part that is no file.
const LARGEST_TEXT: usize = 256;
/// Of all kinds.
const MOST_PARTS: usize = 8;

type Chunk = Result<Bytes, PayloadError>;

/// A body on its way from the network.
pub(super) struct Incoming(mpsc::Receiver<Chunk>);

/// Ways for a body that the handler reads; none for others.
pub(super) fn pipe(rule: BodyRule) -> (Option<Incoming>, Option<mpsc::Sender<Chunk>>) {
    if rule != BodyRule::Form {
        return (None, None);
    }
    let (sent, taken) = mpsc::channel(AHEAD);
    (Some(Incoming(taken)), Some(sent))
}

/// Does the work and feeds it the body meanwhile; whoever is silent too long has broken off.
pub(super) async fn beside<T>(
    work: impl Future<Output = T>,
    payload: &mut Payload,
    sent: Option<mpsc::Sender<Chunk>>,
) -> T {
    let Some(sent) = sent else { return work.await };
    let feed = async {
        while let Some(chunk) = tokio::time::timeout(IDLE, payload.next()).await.unwrap_or_else(|_silent| broken_off())
        {
            let is_end = chunk.is_err();
            if sent.send(chunk).await.is_err() || is_end {
                break;
            }
        }
        drop(sent);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        done = work => done,
        () = feed => unreachable!("it waits for the work's end"),
    }
}

fn broken_off() -> Option<Chunk> {
    Some(Err(PayloadError::Incomplete(None)))
}

/// Its parts, one after the other.
pub struct Form {
    parts: Multipart,
    seen: usize,
}

/// A part that is there.
pub struct Part {
    name: String,
    field: Field,
}

impl Form {
    /// # Errors
    /// 415: it is no form.
    pub(super) fn new(headers: &HeaderMap, incoming: Option<Incoming>) -> Result<Self, ApiError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form =
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"));
        let Some(Incoming(chunks)) = incoming.filter(|_| is_form) else {
            return Err(Reason::UnsupportedMediaType.into());
        };
        Ok(Self { parts: Multipart::new(headers, ReceiverStream::new(chunks)), seen: 0 })
    }

    /// # Errors
    /// 400: it is malformed, or has too many parts.
    pub async fn next(&mut self) -> Result<Option<Part>, ApiError> {
        let Some(field) = self.parts.try_next().await.map_err(malformed)? else { return Ok(None) };
        self.seen += 1;
        if self.seen > MOST_PARTS {
            return Err(ApiError::invalid("", "has too many parts"));
        }
        let name = field.name().unwrap_or_default().to_owned();
        Ok(Some(Part { name, field }))
    }
}

impl Part {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes of it.
    ///
    /// # Errors
    /// 400: the form breaks off, or is malformed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        self.field.try_next().await.map_err(malformed)
    }

    /// The whole of a short one.
    ///
    /// # Errors
    /// 400: it is long, or no text.
    pub async fn text(mut self) -> Result<String, ApiError> {
        let mut text = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if text.len() + chunk.len() > LARGEST_TEXT {
                return Err(ApiError::invalid(self.name, "is too long"));
            }
            text.extend_from_slice(&chunk);
        }
        String::from_utf8(text).map_err(|_binary| ApiError::invalid(self.name, "must be text"))
    }
}

/// Whatever is wrong with it, its sender is told the same.
fn malformed(_: MultipartError) -> ApiError {
    ApiError::invalid("", "must be a whole multipart/form-data body")
}
