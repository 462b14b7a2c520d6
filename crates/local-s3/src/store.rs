//! The objects of the bucket, on disk.
//!
//! Every object is a file under a random name: its bytes, then a note that says which key it has, then the note's length.
//! Keys never become paths: none can leave the folder, and the listing shows keys alone. The file is renamed into its place
//! when it is whole, so that an object is there with all that belongs to it, or not at all.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::ops::Bound;
use std::os::unix::fs::FileExt;
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
/// Of a note, in bytes; what clients may say of an object is far shorter.
const LONGEST_NOTE: NoteLength = 64 * 1024;

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

/// How the length of a note is written.
type NoteLength = u32;

impl Object {
    /// Writes the note behind the bytes of a file.
    fn note_down(&self, path: &Path) -> io::Result<()> {
        let mut note = serde_json::to_vec(self)?;
        let length = NoteLength::try_from(note.len()).map_err(io::Error::other)?;
        note.extend(length.to_le_bytes());
        fs::OpenOptions::new().append(true).open(path)?.write_all(&note)
    }

    /// What a note says; nothing, if the file has none that fits.
    fn noted(path: &Path) -> io::Result<Option<Self>> {
        let file = fs::File::open(path)?;
        let size = file.metadata()?.len();
        let mut length = NoteLength::default().to_le_bytes();
        let Some(end) = size.checked_sub(length.len() as u64) else { return Ok(None) };
        file.read_exact_at(&mut length, end)?;
        let length = NoteLength::from_le_bytes(length);
        let Some(begin) = end.checked_sub(length.into()).filter(|_| length <= LONGEST_NOTE) else { return Ok(None) };
        let mut note = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        file.read_exact_at(&mut note, begin)?;
        Ok(serde_json::from_slice(&note).ok().filter(|object: &Self| object.size == begin))
    }
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
        let mut file = tokio::fs::File::open(self.file_of(&object.id)).await?;
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
        object.note_down(&draft.path)?;
        fs::rename(&draft.path, self.file_of(&object.id))?;
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

    /// Who reads it already reads on.
    fn forget(&self, object: &Object) -> io::Result<()> {
        fs::remove_file(self.file_of(&object.id))
    }

    fn file_of(&self, id: &str) -> PathBuf {
        self.folder.join(OBJECTS).join(id)
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Object>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The objects of a folder. What is not whole was never an object; of two under one key the younger counts.
fn read(folder: &Path) -> io::Result<BTreeMap<String, Arc<Object>>> {
    let mut objects: BTreeMap<String, Arc<Object>> = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let object = Object::noted(&path)?.filter(|object| path.ends_with(&object.id));
        let Some(object) = object.map(Arc::new) else {
            fs::remove_file(path)?;
            continue;
        };
        let other = objects.insert(object.key.clone(), Arc::clone(&object));
        if let Some(other) = other {
            let (younger, older) = if other.modified > object.modified { (other, object) } else { (object, other) };
            fs::remove_file(folder.join(&older.id))?;
            objects.insert(younger.key.clone(), younger);
        }
    }
    Ok(objects)
}

fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
