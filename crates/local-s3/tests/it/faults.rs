//! What a test may ask for.

use std::time::{Duration, Instant};

use local_s3::{Fault, LocalS3};
use s3::error::S3Error;

use super::bucket;

#[tokio::test]
async fn it_misbehaves_as_it_was_told_and_behaves_again() {
    let s3 = LocalS3::temporary().unwrap();
    let bucket = bucket(&s3);

    s3.set_fault(Some(Fault::Refusing));
    let refused = bucket.put_object("a", b"x").await;
    assert!(matches!(refused, Err(S3Error::HttpFailWithBody(503, _))), "{refused:?}");
    assert!(s3.keys().is_empty());

    s3.set_fault(Some(Fault::Cutting));
    let cut = bucket.put_object("a", b"x").await;
    assert!(matches!(cut, Err(S3Error::Reqwest(_))), "{cut:?}");
    assert_eq!(s3.keys(), ["a"]);
    assert_eq!(bucket.get_object("a").await.unwrap().as_slice(), b"x");

    let slow = Duration::from_millis(200);
    s3.set_fault(Some(Fault::Slow(slow)));
    let begun = Instant::now();
    bucket.get_object("a").await.unwrap();
    assert!(begun.elapsed() >= slow);

    s3.set_fault(None);
    let before = s3.requests();
    bucket.delete_object("a").await.unwrap();
    assert_eq!(s3.requests(), before + 1);
    assert!(s3.keys().is_empty());
}
