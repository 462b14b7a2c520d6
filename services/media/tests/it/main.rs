//! Media through its real client, on a real PostgreSQL and a bucket of its own; the services that it asks are stand-ins.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod check_upload;
mod crash_points;
mod delete_file;
mod events;
mod find_uploads;
mod harness;
mod others;
mod pictures;
mod presigned;
mod receive_upload;
mod reconcilers;
mod schema;
mod storage_away;
mod videos;
mod workers;
