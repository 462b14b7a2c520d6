//! The local S3 as its clients see it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod faults;
mod presigned;
mod protocol;
mod public;
mod sdk;

use local_s3::{LocalS3, Options};
use reqwest::Client;
use s3::creds::Credentials;
use s3::{Bucket, Region};

/// The client of the services, with the key of the options.
fn bucket_with(options: &Options, secret_key: &str) -> Bucket {
    let region = Region::Custom { region: "auto".to_owned(), endpoint: format!("http://{}", options.address) };
    let credentials = Credentials::new(Some(&options.access_key), Some(secret_key), None, None, None).unwrap();
    *Bucket::new(&options.bucket, region, credentials).unwrap().with_path_style()
}

fn bucket(s3: &LocalS3) -> Bucket {
    bucket_with(s3.options(), &s3.options().secret_key)
}

/// A client that knows nothing of S3.
fn plain() -> Client {
    Client::builder().no_proxy().build().unwrap()
}
