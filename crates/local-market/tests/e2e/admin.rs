//! api.md 11: the admin who can act, and is seen acting.

mod audit;
mod orders;
mod stats;
mod users;
