//! A service's own PostgreSQL: pool, transactions, migrations, what errors mean, and stored answers.
//!
//! Always true: no statement, lock or idle transaction outlives its time-out; a transaction whose COMMIT was not
//! answered is run again and never guessed. Deliberately absent: queries (they are the service's `store`) and
//! anything a second service reads.

pub mod answers;
mod config;
mod error;
pub mod jobs;
mod limited;
pub mod migrations;
mod pool;
mod statement;
pub mod totals;
mod transaction;

pub use config::{Config, connect};
pub use error::{Error, Kind, violated};
pub use limited::{Limited, limited};
pub use pool::{Connection, Pool};
pub use statement::{Statement, statement};
pub use transaction::{AsyncWork, transaction, wait_at_most};
