//! Whether stock follows from its ledger, entry by entry.

use commerce_types::ProductId;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Uuid as SqlUuid};

/// A change of a product's stock.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Entry {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) product_id: ProductId,
    /// From 1, without gaps.
    #[diesel(sql_type = BigInt)]
    pub(crate) version: i64,
    #[diesel(sql_type = Integer)]
    pub(crate) delta: i32,
    #[diesel(sql_type = Integer)]
    pub(crate) free_after: i32,
}

/// A product's stock beside the last entry of its ledger.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct End {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) product_id: ProductId,
    #[diesel(sql_type = Integer)]
    pub(crate) free: i32,
    #[diesel(sql_type = BigInt)]
    pub(crate) version: i64,
    /// Absent: there is no entry.
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) entry_free: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(crate) entry_version: Option<i64>,
}

/// Follows ledgers in the order of products and versions.
#[derive(Debug, Default)]
pub(crate) struct Chain(Option<Entry>);

impl Chain {
    /// Product and version of the entry that was followed last.
    pub(crate) fn end(&self) -> Option<(ProductId, i64)> {
        self.0.as_ref().map(|entry| (entry.product_id, entry.version))
    }

    /// Answers what is wrong when `entry` does not follow from the one before it.
    pub(crate) fn follow(&mut self, entry: Entry) -> Option<String> {
        let before = self.0.replace(entry.clone()).filter(|before| before.product_id == entry.product_id);
        let (version, free) = before.map_or((0, 0), |before| (before.version, before.free_after));
        let Entry { product_id, delta, free_after, .. } = entry;
        if entry.version != version + 1 {
            return Some(format!(
                "product {product_id}: entry {} of the ledger follows entry {version}",
                entry.version
            ));
        }
        let is_sum = i64::from(free) + i64::from(delta) == i64::from(free_after);
        (!is_sum).then(|| {
            format!("product {product_id}: entry {} adds {delta} to {free} and leaves {free_after}", entry.version)
        })
    }
}

impl End {
    /// What is wrong when the stock is not what the ledger says.
    pub(crate) fn contradiction(&self) -> Option<String> {
        let Self { product_id, free, version, .. } = self;
        let (Some(entry_free), Some(entry_version)) = (self.entry_free, self.entry_version) else {
            return Some(format!("product {product_id}: {free} free, and no ledger"));
        };
        (entry_free != *free || entry_version != *version).then(|| {
            format!(
                "product {product_id}: {free} free at version {version}, the ledger ends with {entry_free} at version \
                 {entry_version}"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn entry(product: u128, version: i64, delta: i32, free_after: i32) -> Entry {
        Entry { product_id: Uuid::from_u128(product).into(), version, delta, free_after }
    }

    fn wrong(entries: impl IntoIterator<Item = Entry>) -> usize {
        let mut chain = Chain::default();
        entries.into_iter().filter_map(|entry| chain.follow(entry)).count()
    }

    #[test]
    fn entries_follow_from_each_other() {
        assert_eq!(wrong([entry(1, 1, 10, 10), entry(1, 2, -3, 7), entry(2, 1, 5, 5), entry(2, 2, 0, 5)]), 0);
        assert_eq!(wrong([entry(1, 1, 10, 9)]), 1);
        assert_eq!(wrong([entry(1, 1, 10, 10), entry(1, 2, -3, 8), entry(1, 3, -1, 7)]), 1);
        assert_eq!(wrong([entry(1, 1, 10, 10), entry(1, 3, -3, 7)]), 1);
        assert_eq!(wrong([entry(1, 1, 10, 10), entry(2, 2, -3, 7)]), 1);
    }

    #[test]
    fn stock_is_what_the_last_entry_left() {
        let end = |free, version, entry: Option<(i32, i64)>| End {
            product_id: Uuid::from_u128(1).into(),
            free,
            version,
            entry_free: entry.map(|entry| entry.0),
            entry_version: entry.map(|entry| entry.1),
        };
        assert_eq!(end(7, 2, Some((7, 2))).contradiction(), None);
        for wrong in [end(8, 2, Some((7, 2))), end(7, 3, Some((7, 2))), end(7, 2, None)] {
            assert!(wrong.contradiction().is_some(), "{wrong:?}");
        }
    }
}
