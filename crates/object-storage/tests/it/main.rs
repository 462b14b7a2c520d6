//! The storage against a bucket on this machine.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod away;
mod objects;
mod presigned;
mod streams;

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use local_s3::LocalS3;
use object_storage::{Audience, Config, NewObject, Storage, Timeouts};
use tempfile::TempDir;

/// Short, so that what is away is told soon.
const TIMEOUTS: Timeouts =
    Timeouts { connect: Duration::from_millis(300), answer: Duration::from_millis(500), stall: Duration::from_secs(1) };

/// An empty bucket, its client, and the folder where bodies wait.
struct Test {
    s3: LocalS3,
    storage: Storage,
    spool: TempDir,
}

impl Test {
    fn start() -> Self {
        Self::with(Timeouts::default())
    }

    fn with(timeouts: Timeouts) -> Self {
        let (s3, spool) = (LocalS3::temporary().unwrap(), tempfile::tempdir().unwrap());
        let storage = Storage::new(&config(&s3, &spool), timeouts).unwrap();
        Self { s3, storage, spool }
    }

    /// Nothing waits any more.
    fn assert_spool_is_empty(&self) {
        assert_eq!(std::fs::read_dir(self.spool.path()).unwrap().count(), 0);
    }
}

fn config(s3: &LocalS3, spool: &TempDir) -> Config {
    Config {
        endpoint: s3.endpoint(),
        region: "auto".to_owned(),
        bucket: s3.options().bucket.clone(),
        access_key: s3.options().access_key.clone(),
        secret_key: s3.options().secret_key.clone().into(),
        spool: spool.path().to_owned(),
    }
}

fn public<'a>(key: &'a str, content_type: &'a str) -> NewObject<'a> {
    NewObject { key, content_type, audience: Audience::Public }
}

fn private<'a>(key: &'a str, content_type: &'a str) -> NewObject<'a> {
    NewObject { audience: Audience::Private, ..public(key, content_type) }
}

/// So many chunks of so many bytes; those of a chunk are its number.
fn body(chunks: usize, size: usize) -> impl Stream<Item = Result<Bytes, io::Error>> + Unpin + Send {
    stream::iter((0..chunks).map(move |number| Ok(Bytes::from(vec![number as u8; size]))))
}
