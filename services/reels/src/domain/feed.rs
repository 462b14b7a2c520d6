//! Where in a list somebody reads: lists are newest first, by time and id.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A row's place in a list; rows that are newer come before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: DateTime<Utc>,
    pub(crate) id: Uuid,
}

/// Which rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// At most so many.
    pub(crate) limit: i64,
    pub(crate) from: From,
}

/// Where they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// After so many rows; the total is wanted too.
    Offset(i64),
    /// After this row.
    After(Place),
}

/// Rows of a list, and where it goes on.
#[derive(Debug, Clone)]
pub(crate) struct Feed<T> {
    pub(crate) rows: Vec<T>,
    /// Of all pages, where it was wanted.
    pub(crate) total: Option<i64>,
    /// Of the last row, when there are more.
    pub(crate) next: Option<Place>,
}

impl Page {
    /// One row more than is asked for tells whether there are more.
    pub(crate) fn with_one_more(&self) -> i64 {
        self.limit + 1
    }

    /// How many rows are passed over.
    pub(crate) fn offset(&self) -> i64 {
        match self.from {
            From::Offset(offset) => offset,
            From::After(_) => 0,
        }
    }

    /// The row after which it begins.
    pub(crate) fn after(&self) -> Option<Place> {
        match self.from {
            From::Offset(_) => None,
            From::After(place) => Some(place),
        }
    }

    /// Whether the total is wanted.
    pub(crate) fn is_numbered(&self) -> bool {
        matches!(self.from, From::Offset(_))
    }

    /// Cuts off the row that was one too many.
    pub(crate) fn feed<T>(&self, mut rows: Vec<T>, total: Option<i64>, place: impl Fn(&T) -> Place) -> Feed<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(place);
        Feed { rows, total, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_next_place_exactly_while_there_are_more_rows() {
        let place = |id: &u128| Place { at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(*id) };
        let page = Page { limit: 2, from: From::Offset(4) };
        let feed = page.feed(vec![3, 2, 1], Some(7), place);
        assert_eq!((feed.rows, feed.next), (vec![3, 2], Some(place(&2))));
        let feed = page.feed(vec![3, 2], Some(6), place);
        assert_eq!((feed.rows, feed.next), (vec![3, 2], None));
        assert!(page.feed(Vec::<u128>::new(), Some(0), place).next.is_none());
    }
}
