//! A body that waits on the disk: its size is known before it is sent on, and memory holds a few of its chunks alone.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::io::AsyncWriteExt;

use crate::error::{Cause, Error};

/// What is read or written at a time.
pub(crate) const CHUNK: usize = 256 * 1024;
/// So many chunks are read before they are taken.
const AHEAD: usize = 2;

/// Bytes in a file that has no name: it is gone when this is dropped, and when the process dies.
#[derive(Debug, Clone)]
pub struct Spool {
    file: Arc<File>,
    size_bytes: u64,
}

impl Spool {
    /// Takes a body of at most `cap` bytes; one byte more ends it at once.
    ///
    /// The folder must lie on a disk: one in memory would hold what this is there to keep out of memory.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Body`] when the stream breaks off, [`Error::File`].
    pub async fn fill<E: Into<Cause>>(
        folder: &Path,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        cap: u64,
    ) -> Result<Self, Error> {
        let folder = folder.to_owned();
        let made = tokio::task::spawn_blocking(move || {
            let file = tempfile::tempfile_in(folder)?;
            Ok::<_, io::Error>((file.try_clone()?, file))
        });
        let (file, written) = made.await.map_err(io::Error::other).and_then(|made| made).map_err(Error::File)?;
        let mut written = tokio::fs::File::from_std(written);
        written.set_max_buf_size(CHUNK);
        let mut size_bytes = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| Error::Body(error.into()))?;
            size_bytes += chunk.len() as u64;
            if size_bytes > cap {
                return Err(Error::TooLarge);
            }
            written.write_all(&chunk).await.map_err(Error::File)?;
        }
        written.flush().await.map_err(Error::File)?;
        Ok(Self { file: Arc::new(file), size_bytes })
    }

    /// An opened file, as it is now.
    pub(crate) fn of_file(file: File) -> io::Result<Self> {
        let size_bytes = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), size_bytes })
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The first bytes, at most so many: what tells which kind of file it is.
    ///
    /// # Errors
    /// [`Error::File`].
    pub async fn first(&self, count: usize) -> Result<Bytes, Error> {
        self.clone().read(0, count).await.map_err(Error::File)
    }

    /// All bytes in their order; every call begins anew.
    pub(crate) fn chunks(&self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let spool = self.clone();
        stream::iter((0..self.size_bytes).step_by(CHUNK)).map(move |at| spool.clone().read(at, CHUNK)).buffered(AHEAD)
    }

    /// Reads at a place, whoever else reads the same file.
    async fn read(self, at: u64, count: usize) -> io::Result<Bytes> {
        let left = usize::try_from(self.size_bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        let (file, count) = (self.file, count.min(left));
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; count];
            file.read_exact_at(&mut chunk, at)?;
            Ok(Bytes::from(chunk))
        });
        read.await.map_err(io::Error::other)?
    }
}
