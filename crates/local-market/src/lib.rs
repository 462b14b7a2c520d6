#![doc = include_str!("../README.md")]

pub mod clerk;
mod databases;
pub mod demo;
pub mod program;
pub mod seed;
mod settings;
