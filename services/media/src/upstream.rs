//! Other services that are asked.

pub(crate) mod catalog;
pub(crate) mod showing;
