#![doc = include_str!("../README.md")]

mod config;
mod start;

pub use config::Config;
pub use start::{Error, Standalone, appoint_admin, check, migrate, seed_reels};
