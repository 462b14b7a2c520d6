//! The objects of the bucket, on disk.
//!
//! Every object is a file of bytes under a random name, and beside it a small file that says which key it has. Keys never
//! become paths: none can leave the folder, and the listing shows keys alone. The small file is renamed into its place
//! last, so that an object is there with all that belongs to it, or not at all.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use s3s::crypto::{Checksum, Md5};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom, Take};
use tokio_util::io::ReaderStream;

use self::uploads::Uploads;

pub(crate) mod uploads;

const OBJECTS: &str = "objects";
/// What is being written; forgotten at the start.
const DRAFTS: &str = "drafts";
const CHUNK: usize = 64 * 1024;

/// What a client may say about an object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) metadata: Option<HashMap<String, String>>,
}

/// An object without its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) key: String,
    /// The name of its file.
    id: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified: SystemTime,
    pub(crate) attributes: Attributes,
}

/// Bytes that belong to no object yet; the file is gone with this.
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
    size: u64,
    md5: [u8; 16],
}

impl Draft {
    fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when it has become an object.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a key may have an object already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Yes,
    No,
}

/// Why an object is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("the object exists")]
    Exists,
    #[error("the body ended early")]
    Body,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// All objects of the one bucket.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    objects: Mutex<BTreeMap<String, Arc<Object>>>,
    uploads: Mutex<Uploads>,
}

impl Store {
    /// Reads what an earlier run left in the folder.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        let drafts = folder.join(DRAFTS);
        if drafts.exists() {
            fs::remove_dir_all(&drafts)?;
        }
        fs::create_dir_all(&drafts)?;
        fs::create_dir_all(folder.join(OBJECTS))?;
        let objects = read(&folder.join(OBJECTS))?;
        Ok(Self { folder, objects: Mutex::new(objects), uploads: Mutex::default() })
    }

    pub(crate) fn find(&self, key: &str) -> Option<Arc<Object>> {
        self.objects().get(key).cloned()
    }

    /// The keys that follow `after`, and whether there are more.
    pub(crate) fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> (Vec<Arc<Object>>, bool) {
        let objects = self.objects();
        let from = match after.filter(|after| *after >= prefix) {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(prefix),
        };
        let mut found = objects.range::<str, _>((from, Bound::Unbounded));
        let mut under =
            || found.next().filter(|(key, _)| key.starts_with(prefix)).map(|(_, object)| Arc::clone(object));
        let page: Vec<_> = std::iter::from_fn(&mut under).take(limit).collect();
        let more = limit > 0 && page.len() == limit && under().is_some();
        (page, more)
    }

    /// Some of the bytes of an object.
    pub(crate) async fn read(
        &self,
        object: &Object,
        from: u64,
        length: u64,
    ) -> io::Result<ReaderStream<Take<tokio::fs::File>>> {
        let mut file = tokio::fs::File::open(self.bytes_of(&object.id)).await?;
        file.seek(SeekFrom::Start(from)).await?;
        Ok(ReaderStream::with_capacity(file.take(length), CHUNK))
    }

    /// Writes a body down; it is no object yet.
    pub(crate) async fn draft<E>(
        &self,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Draft, WriteError> {
        let path = self.folder.join(DRAFTS).join(random_name());
        // The file goes with the draft, also when this future is dropped.
        let mut draft = Draft { path, size: 0, md5: [0; 16] };
        let mut file = tokio::fs::File::create_new(&draft.path).await?;
        file.set_max_buf_size(CHUNK);
        let mut md5 = Md5::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|_lost| WriteError::Body)?;
            md5.update(&chunk);
            file.write_all(&chunk).await?;
            draft.size += chunk.len() as u64;
        }
        file.flush().await?;
        draft.md5 = md5.finalize();
        Ok(draft)
    }

    /// Makes an object of a draft.
    pub(crate) fn commit(
        &self,
        key: String,
        draft: &Draft,
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<Arc<Object>, WriteError> {
        self.commit_as(key, draft, draft.etag(), attributes, overwrite)
    }

    fn commit_as(
        &self,
        key: String,
        draft: &Draft,
        etag: String,
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<Arc<Object>, WriteError> {
        let mut objects = self.objects();
        if overwrite == Overwrite::No && objects.contains_key(&key) {
            return Err(WriteError::Exists);
        }
        let id = random_name();
        let object = Object { key: key.clone(), id, size: draft.size, etag, modified: SystemTime::now(), attributes };
        fs::rename(&draft.path, self.bytes_of(&object.id))?;
        let note = self.folder.join(DRAFTS).join(&object.id);
        fs::write(&note, serde_json::to_vec(&object).map_err(io::Error::from)?)?;
        fs::rename(&note, self.note_of(&object.id))?;
        let object = Arc::new(object);
        if let Some(old) = objects.insert(key, Arc::clone(&object)) {
            self.forget(&old)?;
        }
        Ok(object)
    }

    /// Tells whether there was one.
    pub(crate) fn delete(&self, key: &str) -> io::Result<bool> {
        let mut objects = self.objects();
        match objects.remove(key) {
            Some(object) => self.forget(&object).map(|()| true),
            None => Ok(false),
        }
    }

    /// The note goes first: without it the bytes are nobody's. Who reads them already reads on.
    fn forget(&self, object: &Object) -> io::Result<()> {
        fs::remove_file(self.note_of(&object.id))?;
        fs::remove_file(self.bytes_of(&object.id))
    }

    fn bytes_of(&self, id: &str) -> PathBuf {
        self.folder.join(OBJECTS).join(id)
    }

    fn note_of(&self, id: &str) -> PathBuf {
        self.folder.join(OBJECTS).join(format!("{id}.json"))
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Object>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The objects of a folder. Bytes without a note were never an object; of two under one key the younger counts.
fn read(folder: &Path) -> io::Result<BTreeMap<String, Arc<Object>>> {
    let mut objects: BTreeMap<String, Arc<Object>> = BTreeMap::new();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            files.push(path);
            continue;
        }
        let object: Object = serde_json::from_slice(&fs::read(&path)?)?;
        match objects.get(&object.key) {
            Some(other) if other.modified > object.modified => fs::remove_file(path)?,
            older => {
                if let Some(older) = older {
                    fs::remove_file(folder.join(format!("{}.json", older.id)))?;
                }
                objects.insert(object.key.clone(), Arc::new(object));
            }
        }
    }
    let known: Vec<PathBuf> = objects.values().map(|object| folder.join(&object.id)).collect();
    for file in files.into_iter().filter(|file| !known.contains(file)) {
        fs::remove_file(file)?;
    }
    objects.retain(|_, object| folder.join(&object.id).is_file());
    Ok(objects)
}

fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
