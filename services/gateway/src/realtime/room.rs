//! Rooms. Their names are made here from what was checked, never from a client's text.

use std::fmt;

use commerce_types::{OrderId, ProductId, ReelId, UserId};

/// Who is in it hears of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Room {
    Reel(ReelId),
    Order(OrderId),
    Product(ProductId),
    /// What a seller sells.
    Seller(UserId),
    /// All sockets of an account; nobody joins it, sockets are in it from the start.
    User(UserId),
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reel(id) => write!(f, "reel:{id}"),
            Self::Order(id) => write!(f, "order:{id}"),
            Self::Product(id) => write!(f, "product:{id}"),
            Self::Seller(id) => write!(f, "seller:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}
