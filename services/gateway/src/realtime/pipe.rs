//! A pair of ends between an HTTP connection, which stays on its thread, and the Socket.IO server, whose tasks may be
//! anywhere. It holds a bounded number of bytes in each direction, and nothing while nothing is under way.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So much may lie in one direction.
const MOST: usize = 64 * 1024;

#[derive(Default)]
struct State {
    /// From the client.
    incoming: BytesMut,
    is_incoming_over: bool,
    /// To the client.
    outgoing: BytesMut,
    is_outgoing_over: bool,
    /// The client's end is gone.
    is_far_end_gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    far_end: Option<Waker>,
}

/// The Socket.IO server's end.
pub(crate) struct NearEnd(Arc<Mutex<State>>);

/// The client's end.
pub(crate) struct FarEnd(Arc<Mutex<State>>);

/// Two ends of one pipe.
pub(crate) fn pipe() -> (NearEnd, FarEnd) {
    let state = Arc::new(Mutex::default());
    (NearEnd(Arc::clone(&state)), FarEnd(state))
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

impl AsyncRead for NearEnd {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = lock(&self.0);
        if state.incoming.is_empty() {
            if state.is_incoming_over {
                return Poll::Ready(Ok(()));
            }
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let was_full = state.incoming.len() >= MOST;
        let taken = state.incoming.len().min(buffer.remaining());
        buffer.put_slice(&state.incoming[..taken]);
        state.incoming.advance(taken);
        if state.incoming.is_empty() {
            state.incoming = BytesMut::new();
        }
        if was_full {
            wake(&mut state.far_end);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for NearEnd {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = lock(&self.0);
        if state.is_far_end_gone {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = MOST.saturating_sub(state.outgoing.len());
        if room == 0 {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let written = room.min(bytes.len());
        state.outgoing.extend_from_slice(&bytes[..written]);
        wake(&mut state.far_end);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = lock(&self.0);
        state.is_outgoing_over = true;
        wake(&mut state.far_end);
        Poll::Ready(Ok(()))
    }
}

impl Drop for NearEnd {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.is_outgoing_over = true;
        wake(&mut state.far_end);
    }
}

impl FarEnd {
    /// Whether more may come in; if not, whoever calls [`Self::poll_take`] is woken when it may.
    pub(crate) fn has_room(&self) -> bool {
        lock(&self.0).incoming.len() < MOST
    }

    /// Passes on what the client sent.
    pub(crate) fn push(&self, bytes: &Bytes) {
        let mut state = lock(&self.0);
        state.incoming.extend_from_slice(bytes);
        wake(&mut state.reader);
    }

    /// The client sends nothing more.
    pub(crate) fn finish(&self) {
        let mut state = lock(&self.0);
        state.is_incoming_over = true;
        wake(&mut state.reader);
    }

    /// All that lies there for the client; none when nothing will come.
    pub(crate) fn poll_take(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = lock(&self.0);
        state.far_end = Some(cx.waker().clone());
        if !state.outgoing.is_empty() {
            let bytes = std::mem::take(&mut state.outgoing).freeze();
            wake(&mut state.writer);
            return Poll::Ready(Some(bytes));
        }
        if state.is_outgoing_over { Poll::Ready(None) } else { Poll::Pending }
    }
}

impl Drop for FarEnd {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.is_incoming_over = true;
        state.is_far_end_gone = true;
        state.outgoing = BytesMut::new();
        wake(&mut state.reader);
        wake(&mut state.writer);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn bytes_arrive_in_both_directions_and_both_ends_can_end() {
        let (mut near, far) = pipe();
        far.push(&Bytes::from_static(b"ping"));
        let mut four = [0; 4];
        near.read_exact(&mut four).await.unwrap();
        assert_eq!(&four, b"ping");
        near.write_all(b"pong").await.unwrap();
        assert_eq!(poll_fn(|cx| far.poll_take(cx)).await.unwrap(), "pong");
        far.finish();
        assert_eq!(near.read(&mut four).await.unwrap(), 0);
        near.shutdown().await.unwrap();
        assert_eq!(poll_fn(|cx| far.poll_take(cx)).await, None);
        drop(far);
        assert_eq!(near.write(b"more").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn what_nobody_takes_is_bounded() {
        let (mut near, far) = pipe();
        let everything = vec![7; 3 * MOST];
        let write = async {
            near.write_all(&everything).await.unwrap();
            drop(near);
        };
        let take = async {
            let mut taken = 0;
            while let Some(bytes) = poll_fn(|cx| far.poll_take(cx)).await {
                assert!(bytes.len() <= MOST);
                taken += bytes.len();
            }
            taken
        };
        assert_eq!(tokio::join!(write, take).1, 3 * MOST);
    }
}
