#![doc = include_str!("../README.md")]

pub mod clerk;
mod databases;
pub mod demo;
mod page;
pub mod program;
pub mod seed;
mod settings;
mod storage;
pub mod videos;
