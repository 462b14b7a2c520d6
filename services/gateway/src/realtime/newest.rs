//! The newest state of each thing that was told: what an older fact says of it is not told any more (7.4 of the
//! contract). The stream is in order as a rule; this is for the exceptions.

use moka::sync::Cache;
use uuid::Uuid;

use super::measure;

/// Things that are remembered; a forgotten one counts as never told.
const MOST: u64 = 100_000;

/// What has versions of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Order,
    Product,
    Stock,
    Views,
}

pub(crate) struct Newest(Cache<(Kind, Uuid), i64>);

impl Newest {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// Whether a version is newer than what was told; it is the newest from now on.
    pub(crate) fn is_newer(&self, kind: Kind, id: Uuid, version: i64) -> bool {
        let is_newer = self.0.get(&(kind, id)).is_none_or(|told| version > told);
        if is_newer {
            self.0.insert((kind, id), version);
        } else {
            measure::overtaken();
        }
        is_newer
    }

    /// Whether a version is older than what was told: the same one may be told again, in another respect.
    pub(crate) fn is_older(&self, kind: Kind, id: Uuid, version: i64) -> bool {
        let is_older = self.0.get(&(kind, id)).is_some_and(|told| version < told);
        if is_older {
            measure::overtaken();
        } else {
            self.0.insert((kind, id), version);
        }
        is_older
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_overtaken_is_left_out() {
        let (newest, [one, two]) = (Newest::new(), [1, 2].map(Uuid::from_u128));
        assert!(newest.is_newer(Kind::Order, one, 2));
        assert!(!newest.is_newer(Kind::Order, one, 2) && !newest.is_newer(Kind::Order, one, 1));
        assert!(newest.is_newer(Kind::Order, two, 1) && newest.is_newer(Kind::Stock, one, 1));
        assert!(newest.is_newer(Kind::Order, one, 3));
        assert!(!newest.is_older(Kind::Product, one, 5) && !newest.is_older(Kind::Product, one, 5));
        assert!(newest.is_older(Kind::Product, one, 4));
    }
}
