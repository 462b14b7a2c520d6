//! A storage that is away, hangs, refuses, or goes away in the middle.

use std::error::Error as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use local_s3::Fault;
use object_storage::{Error, Storage, Timeouts};
use tokio::net::TcpListener;

use super::{TIMEOUTS, Test, body, config, private};

/// Every call that talks to the storage, by its name.
async fn each_call(storage: &Storage) -> Vec<(&'static str, Result<(), Error>)> {
    let new = private("a", "text/plain");
    let file = tempfile::NamedTempFile::new().unwrap();
    vec![
        ("ready", storage.ready().await),
        ("put", storage.put(&new, Bytes::from_static(b"x")).await),
        ("put_stream", storage.put_stream(&new, body(2, 10), 100).await.map(drop)),
        ("get", storage.get("a", 100).await.map(drop)),
        ("get_range", storage.get_range("a", 0, 10).await.map(drop)),
        ("download", storage.download("a", file.path(), 100).await.map(drop)),
        ("head", storage.head("a").await.map(drop)),
        ("copy", storage.copy("a", "b").await),
        ("delete", storage.delete("a").await),
        ("list", storage.list("", None, 10).await.map(drop)),
    ]
}

async fn assert_unavailable(storage: &Storage) {
    for (call, answer) in each_call(storage).await {
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{call}: {answer:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let test = Test::with(TIMEOUTS);
    let mut config = config(&test.s3, &test.spool);
    // Bound for a moment and free again.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    config.endpoint = format!("http://{free}");
    let begun = Instant::now();
    assert_unavailable(&Storage::new(&config, TIMEOUTS).unwrap()).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    test.assert_spool_is_empty();
}

#[tokio::test]
async fn connections_are_taken_and_nothing_is_said() {
    let test = Test::with(TIMEOUTS);
    let mut config = config(&test.s3, &test.spool);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    config.endpoint = format!("http://{}", silent.local_addr().unwrap());
    let storage = Storage::new(&config, TIMEOUTS).unwrap();
    let begun = Instant::now();
    assert!(storage.ready().await.is_err());
    assert!(begun.elapsed() < TIMEOUTS.answer * 2, "{:?}", begun.elapsed());
    assert_unavailable(&storage).await;
    // More than the system takes for a program that does not read: it stands still in the middle.
    let begun = Instant::now();
    let put = storage.put_stream(&private("a", "video/mp4"), body(30, 1_000_000), 30_000_000).await;
    assert!(matches!(put, Err(Error::Unavailable(_))), "{put:?}");
    assert!(begun.elapsed() >= TIMEOUTS.stall);
    test.assert_spool_is_empty();
}

#[tokio::test]
async fn it_refuses() {
    let test = Test::start();
    test.s3.set_fault(Some(Fault::Refusing));
    let begun = Instant::now();
    assert_unavailable(&test.storage).await;
    // None of them is tried again.
    assert_eq!(test.s3.requests(), 10);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    test.s3.set_fault(None);
    test.storage.ready().await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_object() {
    let test = Test::start();
    test.s3.set_fault(Some(Fault::Cutting));
    let put = test.storage.put(&private("a", "text/plain"), Bytes::from_static(b"x")).await;
    assert!(matches!(put, Err(Error::Unavailable(_))), "{put:?}");
    test.s3.set_fault(None);
    assert_eq!(test.storage.get("a", 10).await.unwrap(), "x");
}

#[tokio::test]
async fn the_wrong_key_is_told_without_what_was_signed() {
    let test = Test::start();
    let mut config = config(&test.s3, &test.spool);
    config.secret_key = "another".into();
    let storage = Storage::new(&config, Timeouts::default()).unwrap();
    for (call, answer) in each_call(&storage).await {
        let Err(error) = answer else { panic!("{call} was let through") };
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(cause.starts_with("status 403"), "{call}: {cause}");
        assert!(!format!("{error:?}").contains("X-Amz"), "{call}: {error:?}");
    }
}

#[tokio::test]
async fn an_error_of_the_way_names_no_address() {
    let test = Test::with(TIMEOUTS);
    let mut config = config(&test.s3, &test.spool);
    drop(test.s3);
    config.endpoint = "http://127.0.0.1:1".to_owned();
    let storage = Storage::new(&config, TIMEOUTS).unwrap();
    for (call, answer) in each_call(&storage).await {
        let text = format!("{:?}", answer.unwrap_err());
        assert!(!text.contains("X-Amz"), "{call}: {text}");
    }
}
