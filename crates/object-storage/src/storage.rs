//! The calls.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use s3::creds::Credentials;
use s3::error::S3Error;
use s3::{Bucket, Region};
use secrecy::ExposeSecret;
use tokio::io::AsyncWriteExt;

use crate::error::{Cause, ConfigError, Error};
use crate::object::{Head, NewObject, Page, Presigned};
use crate::spool::{CHUNK, Spool};
use crate::{Config, Timeouts, transfer};

/// For how many seconds an address is good that is used at once.
const AT_ONCE: u32 = 300;
/// No object is under it: keys are made by the services, and none of them ends so.
const NOBODY: &str = "received/.nothing";

/// A bucket.
#[derive(Clone)]
pub struct Storage {
    bucket: Box<Bucket>,
    spool: PathBuf,
    pub(crate) http: reqwest::Client,
    pub(crate) timeouts: Timeouts,
}

impl fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Storage").field("bucket", &self.bucket.name).finish_non_exhaustive()
    }
}

impl Storage {
    /// Asks for nothing yet.
    ///
    /// # Errors
    /// The settings make no client.
    pub fn new(config: &Config, timeouts: Timeouts) -> Result<Self, ConfigError> {
        // For all of the process; nobody else uses it.
        s3::set_retries(0);
        let region = Region::Custom { region: config.region.clone(), endpoint: config.endpoint.clone() };
        let secret = config.secret_key.expose_secret();
        let credentials = Credentials::new(Some(&config.access_key), Some(secret), None, None, None);
        let credentials = credentials.map_err(|error| ConfigError(Box::new(error)))?;
        let bucket = Bucket::new(&config.bucket, region, credentials).map_err(|error| ConfigError(Box::new(error)))?;
        let http = transfer::client(&timeouts).map_err(|error| ConfigError(Box::new(error)))?;
        Ok(Self { bucket: bucket.with_path_style(), spool: config.spool.clone(), http, timeouts })
    }

    /// Whether the storage is there and knows the key.
    ///
    /// # Errors
    /// [`Error::Unavailable`], in [`Timeouts::answer`] at the latest.
    pub async fn ready(&self) -> Result<(), Error> {
        self.head(NOBODY).await.map(drop)
    }

    /// Writes an object over what was under its key.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; then the object may be there all the same.
    pub async fn put(&self, new: &NewObject<'_>, bytes: Bytes) -> Result<(), Error> {
        let headers = new.headers(bytes.len() as u64)?;
        let url = self.bucket.presign_put(new.key, AT_ONCE, Some(headers.clone()), None).await?;
        // In chunks, so that a slow way is told from one that stands still; they share the bytes.
        let chunks = (0..bytes.len()).step_by(CHUNK).map(move |at| Ok(bytes.slice(at..bytes.len().min(at + CHUNK))));
        self.send(&url, headers, stream::iter(chunks.collect::<Vec<_>>()), self.timeouts.answer).await
    }

    /// Takes a body of unknown length, at most `cap` bytes, to the disk of this machine: for [`Storage::put_spooled`].
    ///
    /// # Errors
    /// As [`Spool::fill`].
    pub async fn spool<E: Into<Cause>>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        cap: u64,
    ) -> Result<Spool, Error> {
        Spool::fill(&self.spool, body, cap).await
    }

    /// Writes an object whose bytes are on the disk; may be repeated.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; then the object may be there all the same.
    pub async fn put_spooled(&self, new: &NewObject<'_>, spool: &Spool) -> Result<(), Error> {
        let headers = new.headers(spool.size_bytes())?;
        let url = self.bucket.presign_put(new.key, AT_ONCE, Some(headers.clone()), None).await?;
        self.send(&url, headers, spool.chunks(), self.timeouts.stall).await
    }

    /// Writes a body of unknown length, at most `cap` bytes; tells how many they were.
    ///
    /// Who wants to know before the body is taken whether the storage is there asks [`Storage::ready`].
    ///
    /// # Errors
    /// As [`Storage::spool`] and [`Storage::put_spooled`].
    pub async fn put_stream<E: Into<Cause>>(
        &self,
        new: &NewObject<'_>,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        cap: u64,
    ) -> Result<u64, Error> {
        let spool = self.spool(body, cap).await?;
        self.put_spooled(new, &spool).await?;
        Ok(spool.size_bytes())
    }

    /// Writes a file, which must not change meanwhile.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Unavailable`].
    pub async fn put_file(&self, new: &NewObject<'_>, path: &Path) -> Result<(), Error> {
        let file = tokio::fs::File::open(path).await.map_err(Error::File)?.into_std().await;
        self.put_spooled(new, &Spool::of_file(file).map_err(Error::File)?).await
    }

    /// The bytes of a small object.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::TooLarge`], [`Error::Unavailable`].
    pub async fn get(&self, key: &str, cap: u64) -> Result<Bytes, Error> {
        let url = self.bucket.presign_get(key, AT_ONCE, None).await?;
        let response = self.open(&url, None).await?;
        self.collect(response, cap).await
    }

    /// The bytes `from` to `to`, both included; fewer, if the object ends before.
    ///
    /// # Errors
    /// [`Error::Missing`]; [`Error::Unavailable`], also when the object has no such bytes at all.
    pub async fn get_range(&self, key: &str, from: u64, to: u64) -> Result<Bytes, Error> {
        let url = self.bucket.presign_get(key, AT_ONCE, None).await?;
        let response = self.open(&url, Some((from, to))).await?;
        self.collect(response, (to + 1).saturating_sub(from)).await
    }

    /// Writes an object of at most `cap` bytes to a file, which is made or emptied; tells how many they were. After an
    /// error the file may hold some of them.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::TooLarge`], [`Error::File`], [`Error::Unavailable`].
    pub async fn download(&self, key: &str, path: &Path, cap: u64) -> Result<u64, Error> {
        let url = self.bucket.presign_get(key, AT_ONCE, None).await?;
        let mut response = self.open(&url, None).await?;
        if response.content_length().is_some_and(|length| length > cap) {
            return Err(Error::TooLarge);
        }
        let mut file = tokio::fs::File::create(path).await.map_err(Error::File)?;
        file.set_max_buf_size(CHUNK);
        let mut size_bytes = 0;
        while let Some(chunk) = self.next(&mut response).await? {
            size_bytes += chunk.len() as u64;
            if size_bytes > cap {
                return Err(Error::TooLarge);
            }
            file.write_all(&chunk).await.map_err(Error::File)?;
        }
        file.flush().await.map_err(Error::File)?;
        Ok(size_bytes)
    }

    /// What is said of an object.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn head(&self, key: &str) -> Result<Option<Head>, Error> {
        match within(self.timeouts.answer, self.bucket.head_object(key)).await {
            Ok((head, _)) => Ok(Some(head.into())),
            Err(Error::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Copies bytes, type and all that is said of an object, at the storage itself.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Unavailable`].
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), Error> {
        within(self.timeouts.stall, self.bucket.copy_object_internal(from, to)).await.map(drop)
    }

    /// Deletes an object, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        match within(self.timeouts.answer, self.bucket.delete_object(key)).await {
            Ok(_) | Err(Error::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The objects whose keys begin so and follow `after`, at most `limit` of them and never more than a thousand.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        let page = self.bucket.list_page(prefix, None, None, after, Some(limit));
        let (page, _) = within(self.timeouts.answer, page).await?;
        let next = page.contents.last().filter(|_| page.is_truncated).map(|object| object.key.clone());
        Ok(Page { objects: page.contents.into_iter().map(Into::into).collect(), next })
    }

    /// Leave to write an object of exactly this type and length under a key that has none, for at most a week.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the type or the time cannot be signed.
    pub async fn presign_put(
        &self,
        key: &str,
        content_type: &str,
        size_bytes: u64,
        valid: Duration,
    ) -> Result<Presigned, Error> {
        let seconds = u32::try_from(valid.as_secs()).unwrap_or(u32::MAX);
        let headers = Presigned::headers(content_type, size_bytes)?;
        let told = Presigned::told(&headers);
        let url = self.bucket.presign_put(key, seconds, Some(headers), None).await?;
        Ok(Presigned { url, headers: told })
    }
}

async fn within<T>(limit: Duration, call: impl Future<Output = Result<T, S3Error>>) -> Result<T, Error> {
    match tokio::time::timeout(limit, call).await {
        Ok(answered) => Ok(answered?),
        Err(_late) => Err(Error::late()),
    }
}
