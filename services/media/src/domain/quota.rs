//! How much one account may send.

use std::time::Duration;

/// Uploads whose bytes are awaited, at most.
pub(crate) const MAX_PENDING: i64 = 50;
/// Bytes received within [`WINDOW`], at most: 2 GB.
pub(crate) const MAX_BYTES: i64 = 2 * 1024 * 1024 * 1024;
/// As long as received bytes count.
pub(crate) const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// It is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Exceeded {
    #[error("too many uploads of the account are pending")]
    Pending,
    #[error("the account has sent too much in a day")]
    Bytes,
}

/// Whether so many more bytes fit beside those received already.
///
/// # Errors
/// They do not.
pub(crate) fn take(received: i64, more: i64) -> Result<(), Exceeded> {
    if received.saturating_add(more) > MAX_BYTES { Err(Exceeded::Bytes) } else { Ok(()) }
}

/// Whether one more may be pending.
///
/// # Errors
/// It may not.
pub(crate) fn take_place(pending: i64) -> Result<(), Exceeded> {
    if pending >= MAX_PENDING { Err(Exceeded::Pending) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_quota_fits() {
        assert_eq!(take(MAX_BYTES - 5, 5), Ok(()));
        assert_eq!(take(MAX_BYTES - 5, 6), Err(Exceeded::Bytes));
        assert_eq!(take_place(49), Ok(()));
        assert_eq!(take_place(50), Err(Exceeded::Pending));
    }
}
