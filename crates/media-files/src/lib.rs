//! What a picture or a video is, and the form in which it is served.
//!
//! Received bytes are never public. A picture is decoded under limits, made upright, brought to sRGB and encoded again, so
//! that nothing but its pixels is left; a video loses its container's metadata and begins to play before it is complete.
//! What a file is, is decided by its content alone, and its header is read before anything is decoded.
//!
//! Pictures are functions over bytes, to be called where blocking is allowed. Videos are files, looked at by `ffprobe` and
//! `ffmpeg` without network and under limits of time and memory. Databases and stores of objects have no place here.

pub mod kind;
pub mod picture;
pub mod refusal;
pub mod video;

mod bytes;

pub use kind::{Kind, sniff};
pub use refusal::{Reason, Refusal};
