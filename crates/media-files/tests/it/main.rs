//! Files as they come, honest and nasty, and what is made of them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod build;
mod cameras;
mod chance;
mod colours;
mod hostile;
mod metadata;
mod orientation;
mod pictures;
mod thumbnails;
mod videos;
mod wrong_videos;
