//! Uploads in parts. They live in memory: an unfinished one does not outlive the process.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, MutexGuard, PoisonError};

use futures::{StreamExt, stream};
use s3s::crypto::{Checksum, Md5};
use tokio_util::io::ReaderStream;

use super::{Attributes, CHUNK, Draft, Object, Overwrite, Store, WriteError, hex, random_name};

/// The least size of a part that is not the last.
const LEAST: u64 = 5 * 1024 * 1024;

pub(super) type Uploads = HashMap<String, Upload>;

/// An object to be.
#[derive(Debug)]
pub(super) struct Upload {
    key: String,
    attributes: Attributes,
    parts: BTreeMap<i32, Arc<Draft>>,
}

/// Why parts do not become an object.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompleteError {
    #[error("there is no such upload")]
    NoSuchUpload,
    #[error("a part is missing, or another one than was named")]
    InvalidPart,
    #[error("the parts are not in their order")]
    Order,
    #[error("a part is too small")]
    TooSmall,
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Store {
    /// Answers the name of the upload.
    pub(crate) fn begin_upload(&self, key: String, attributes: Attributes) -> String {
        let id = random_name();
        self.uploads().insert(id.clone(), Upload { key, attributes, parts: BTreeMap::new() });
        id
    }

    /// Answers the tag of the part, if there is such an upload.
    pub(crate) fn add_part(&self, id: &str, key: &str, number: i32, part: Draft) -> Option<String> {
        let etag = part.etag();
        let mut uploads = self.uploads();
        let upload = uploads.get_mut(id).filter(|upload| upload.key == key)?;
        upload.parts.insert(number, Arc::new(part));
        Some(etag)
    }

    /// Makes an object of the named parts.
    pub(crate) async fn complete_upload(
        &self,
        id: &str,
        key: &str,
        named: &[(i32, String)],
        overwrite: Overwrite,
    ) -> Result<Arc<Object>, CompleteError> {
        let (parts, attributes) = self.parts(id, key, named)?;
        let mut md5 = Md5::new();
        parts.iter().for_each(|part| md5.update(&part.md5));
        let etag = format!("{}-{}", hex(&md5.finalize()), parts.len());
        let bytes = stream::iter(parts).then(async |part| {
            let file = tokio::fs::File::open(&part.path).await?;
            Ok::<_, io::Error>(ReaderStream::with_capacity(file, CHUNK))
        });
        let bytes = bytes.flat_map(|opened| match opened {
            Ok(reader) => reader.left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        });
        let draft = self.draft(std::pin::pin!(bytes)).await?;
        let object = self.commit_as(key.to_owned(), &draft, etag, attributes, overwrite)?;
        self.uploads().remove(id);
        Ok(object)
    }

    fn parts(
        &self,
        id: &str,
        key: &str,
        named: &[(i32, String)],
    ) -> Result<(Vec<Arc<Draft>>, Attributes), CompleteError> {
        let uploads = self.uploads();
        let upload = uploads.get(id).filter(|upload| upload.key == key).ok_or(CompleteError::NoSuchUpload)?;
        if named.is_empty() {
            return Err(CompleteError::InvalidPart);
        }
        if !named.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(CompleteError::Order);
        }
        let part = |(number, etag): &(i32, String)| {
            let part = upload.parts.get(number).filter(|part| part.etag() == *etag)?;
            Some(Arc::clone(part))
        };
        let parts: Vec<_> = named.iter().map(part).collect::<Option<_>>().ok_or(CompleteError::InvalidPart)?;
        let (_last, others) = parts.split_last().ok_or(CompleteError::InvalidPart)?;
        if others.iter().any(|part| part.size < LEAST) {
            return Err(CompleteError::TooSmall);
        }
        Ok((parts, upload.attributes.clone()))
    }

    /// Tells whether there was one.
    pub(crate) fn abort_upload(&self, id: &str) -> bool {
        self.uploads().remove(id).is_some()
    }

    pub(crate) fn open_uploads(&self) -> usize {
        self.uploads().len()
    }

    fn uploads(&self) -> MutexGuard<'_, Uploads> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
