//! What a service says is what its caller reads, and the cause stays at home.

#![expect(clippy::unwrap_used, reason = "a test helper that fails fails the test")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use service_error::{Code, Detail, Reason, Refusal, ServiceError};
use tonic::Status;

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("out of stock")]
    OutOfStock { left: i32 },
    #[error("the database failed")]
    Database(#[source] io::Error),
    #[error("catalog is away")]
    Away,
}

impl Refusal for Error {
    fn reason(&self) -> Reason {
        match self {
            Self::OutOfStock { .. } => Reason::OutOfStock,
            Self::Database(_) => Reason::InternalError,
            Self::Away => Reason::Unavailable,
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::OutOfStock { left } => {
                vec![Detail::new("items[0].quantity", format!("{left} left")).with("available", *left)]
            }
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Away).then(|| Duration::from_millis(2_500))
    }
}

service_error::into_status!(Error);

/// Collects what is logged while `work` runs.
fn logged(work: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let sink = Sink::default();
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, work);
    String::from_utf8(sink.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn every_reason_survives_the_wire() {
    for reason in Reason::ALL {
        let status = ServiceError::new(*reason).into_status();
        assert_eq!(status.code(), reason.code().grpc(), "{reason}");
        let read = ServiceError::from_status(&status);
        assert_eq!((read.reason, read.message.as_str()), (*reason, reason.message()));
        assert_eq!(read.http(), reason.http());
    }
}

#[test]
fn details_and_delay_arrive_as_they_were_said() {
    let read = ServiceError::from_status(&Status::from(Error::OutOfStock { left: 3 }));
    assert_eq!(read.reason, Reason::OutOfStock);
    assert_eq!(read.details, [Detail::new("items[0].quantity", "3 left").with("available", 3)]);
    assert_eq!(read.retry_after_seconds(), None);

    let away = ServiceError::from_status(&Status::from(Error::Away));
    assert_eq!(away.retry_after_seconds(), Some(3));
    assert_eq!(ServiceError::new(Reason::IdempotencyInProgress).retry_after_seconds(), Some(1));
    assert_eq!(ServiceError::new(Reason::RateLimited).retry_after_seconds(), Some(1));
}

#[test]
fn a_cause_is_logged_once_and_never_sent() {
    let secret = "password=hunter2 at /var/lib/secret";
    let mut status = Status::ok("");
    let log = logged(|| status = Error::Database(io::Error::other(secret)).into());
    assert_eq!(log.matches(secret).count(), 1, "{log}");
    assert!(log.contains("the database failed: password"), "{log}");
    let sent = format!("{status:?}{}", String::from_utf8_lossy(status.details()));
    assert!(!sent.contains("hunter2"), "{sent}");

    let mut leaking = ServiceError::internal("why").with_message(secret).with_detail(Detail::new("", secret));
    leaking.retry_after = Some(Duration::from_secs(9));
    let status = leaking.into_status();
    assert_eq!(status.message(), Reason::InternalError.message());
    assert!(!String::from_utf8_lossy(status.details()).contains("hunter2"));
}

#[test]
fn a_foreign_status_becomes_the_nearest_reason_without_its_text() {
    let cases = [
        (Status::unavailable("tcp connect error 10.0.0.7:7002"), Reason::Unavailable),
        (Status::deadline_exceeded("x"), Reason::Unavailable),
        (Status::cancelled("Timeout expired"), Reason::Unavailable),
        (Status::unauthenticated("x"), Reason::InternalError),
        (Status::unimplemented("x"), Reason::InternalError),
        (Status::unknown("h2 protocol error"), Reason::InternalError),
    ];
    for (status, reason) in cases {
        let read = ServiceError::from_status(&status);
        assert_eq!((read.reason, read.message.as_str()), (reason, reason.message()));
        assert!(read.details.is_empty());
    }
}

#[test]
fn kinds_map_to_the_statuses_of_the_contract() {
    assert_eq!(Code::Conflict.grpc(), tonic::Code::Aborted);
    assert_eq!((Reason::UnsupportedMediaType.http(), Reason::UnsupportedMediaType.code().http()), (415, 400));
    assert_eq!(Reason::MinOrderQuantity.http(), 400);
}
