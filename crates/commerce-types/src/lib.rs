//! The value types that cross service borders: typed ids, money, phones, days, folded text and the closed words of an
//! account.
//!
//! Every type here can only hold what is valid, and reads and writes itself: JSON by serde, PostgreSQL by diesel.
//! Nothing in this crate has a rule of one service, does I/O or knows the time.

mod day;
mod folded;
mod id;
mod money;
mod phone;
pub mod text;
mod text_enum;
mod user;

pub use day::{Day, DayError};
pub use folded::Folded;
pub use id::IdError;
pub use id::{
    AuditEntryId, CartItemId, CategoryId, CheckoutId, CommentId, EventId, HistoryId, ImageId, LedgerEntryId, LikeId,
    OrderId, OrderItemId, ProductId, PushTokenId, ReelId, UploadId, UserId,
};
pub use money::{Money, MoneyError};
pub use phone::{Phone, PhoneError};
pub use text_enum::UnknownWord;
pub use user::{Approval, PublicUser, Role, SellerCategory};

/// What the macros of this crate expand to; not for use by name.
#[doc(hidden)]
pub mod private {
    pub use {diesel, serde};
}
