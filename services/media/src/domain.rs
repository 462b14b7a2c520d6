//! The rules of uploads: no queries, no wire, no time of its own.

pub(crate) mod content;
pub(crate) mod intent;
pub(crate) mod key;
pub(crate) mod quota;
pub(crate) mod upload;
