//! Bodies of unknown length, and large ones.

use std::io;

use bytes::Bytes;
use futures::{StreamExt, stream};
use object_storage::Error;

use super::{Test, body, private, public};

const CHUNK: usize = 100_000;
/// Thirty of them and a bit.
const SIZE: u64 = 30 * CHUNK as u64;

#[tokio::test]
async fn a_stream_becomes_an_object() {
    let test = Test::start();
    let sent = test.storage.put_stream(&private("received/1", "video/mp4"), body(30, CHUNK), SIZE).await.unwrap();
    assert_eq!(sent, SIZE);
    let head = test.storage.head("received/1").await.unwrap().unwrap();
    assert_eq!((head.size_bytes, head.content_type.as_deref()), (SIZE, Some("video/mp4")));
    let border = CHUNK as u64;
    assert_eq!(test.storage.get_range("received/1", border - 1, border).await.unwrap()[..], [0, 1]);
    assert_eq!(test.storage.get_range("received/1", SIZE - 1, SIZE + 9).await.unwrap()[..], [29]);
    test.assert_spool_is_empty();
}

#[tokio::test]
async fn nothing_is_an_object_too() {
    let test = Test::start();
    assert_eq!(test.storage.put_stream(&private("a", "text/plain"), body(0, 1), 10).await.unwrap(), 0);
    assert_eq!(test.storage.head("a").await.unwrap().unwrap().size_bytes, 0);
}

#[tokio::test]
async fn a_byte_too_many_ends_it_before_the_storage_is_asked() {
    let test = Test::start();
    let mut taken = 0;
    let counted = body(30, CHUNK).inspect(|_| taken += 1);
    let put = test.storage.put_stream(&private("a", "video/mp4"), counted, 2 * CHUNK as u64 - 1).await;
    assert!(matches!(put, Err(Error::TooLarge)), "{put:?}");
    assert_eq!(taken, 2);
    assert_eq!(test.s3.requests(), 0);
    test.assert_spool_is_empty();
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let test = Test::start();
    let broken = body(3, CHUNK).chain(stream::iter([Err(io::Error::other("the client went away"))]));
    let put = test.storage.put_stream(&private("a", "video/mp4"), broken, SIZE).await;
    assert!(matches!(put, Err(Error::Body(_))), "{put:?}");
    assert_eq!((test.s3.requests(), test.s3.open_uploads()), (0, 0));
    test.assert_spool_is_empty();
}

/// The caller's task is dropped, as when a client closes its connection.
#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let test = Test::start();
    let new = private("a", "video/mp4");
    let endless = body(3, CHUNK).chain(stream::pending());
    {
        let mut put = std::pin::pin!(test.storage.put_stream(&new, endless, SIZE));
        assert!(futures::poll!(&mut put).is_pending());
        // The file exists, and has no name.
        tokio::task::yield_now().await;
        assert!(futures::poll!(&mut put).is_pending());
    }
    test.assert_spool_is_empty();
    assert!(test.s3.keys().is_empty());
    assert_eq!(test.s3.open_uploads(), 0);
}

#[tokio::test]
async fn a_body_is_looked_at_before_it_is_stored_and_may_be_stored_again() {
    let test = Test::start();
    let spool = test.storage.spool(body(2, 10), 100).await.unwrap();
    assert_eq!(spool.size_bytes(), 20);
    assert_eq!(spool.first(11).await.unwrap()[..], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(spool.first(99).await.unwrap().len(), 20);
    for key in ["a", "b"] {
        test.storage.put_spooled(&private(key, "video/mp4"), &spool).await.unwrap();
        assert_eq!(test.storage.get(key, 100).await.unwrap().len(), 20);
    }
}

#[tokio::test]
async fn a_file_goes_there_and_back() {
    let test = Test::start();
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    std::fs::write(&from, &bytes).unwrap();
    test.storage.put_file(&public("reels/1.mp4", "video/mp4"), &from).await.unwrap();
    assert_eq!(test.storage.download("reels/1.mp4", &to, 300_000).await.unwrap(), 300_000);
    assert_eq!(std::fs::read(&to).unwrap(), bytes);
    assert!(matches!(test.storage.download("reels/1.mp4", &to, 299_999).await, Err(Error::TooLarge)));
    assert!(matches!(test.storage.download("reels/2.mp4", &to, 1).await, Err(Error::Missing)));
    assert!(matches!(
        test.storage.put_file(&public("a", "video/mp4"), &folder.path().join("no")).await,
        Err(Error::File(_))
    ));
}

#[tokio::test]
async fn a_large_body_that_fits_in_memory_is_put_whole() {
    let test = Test::start();
    let bytes = Bytes::from(vec![7; 1_000_000]);
    test.storage.put(&public("a.jpg", "image/jpeg"), bytes.clone()).await.unwrap();
    assert_eq!(test.storage.get("a.jpg", 1_000_000).await.unwrap(), bytes);
}
