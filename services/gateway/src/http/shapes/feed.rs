//! Lists that go on by a cursor too (part 2, 2).

use protocol::reels::v1::FeedPage;
use serde::Serialize;
use service_error::Reason;
use utoipa::ToSchema;

use super::page::{limit, page_number};
use crate::http::error::ApiError;

/// A signed cursor is far shorter.
const LONGEST: usize = 200;

/// Where in a feed is asked for.
///
/// # Errors
/// `INVALID_CURSOR`: with a page beside it, or plainly none of ours.
pub fn feed_page(page: Option<u32>, rows: Option<u32>, cursor: Option<String>) -> Result<FeedPage, ApiError> {
    if cursor.as_ref().is_some_and(|cursor| page.is_some() || cursor.len() > LONGEST) {
        return Err(Reason::InvalidCursor.into());
    }
    let number = if cursor.is_some() { 0 } else { page_number(page) };
    Ok(FeedPage { limit: limit(rows), number, cursor })
}

/// Rows of a feed, and where it goes on.
#[derive(Serialize, ToSchema)]
pub struct Feed<T> {
    pub data: Vec<T>,
    pub meta: FeedMeta,
}

/// With a cursor: `limit` and `nextCursor` alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedMeta {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<u32>,
    limit: u32,
    /// Exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<u64>,
    /// 0 when there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_pages: Option<u64>,
    /// Null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<T> Feed<T> {
    pub fn new(data: Vec<T>, page: &FeedPage, total: Option<u64>, next_cursor: Option<String>) -> Self {
        let limit = page.limit;
        let is_numbered = page.cursor.is_none();
        let total = total.filter(|_| is_numbered);
        let total_pages = total.map(|total| total.div_ceil(u64::from(limit.max(1))));
        let meta = FeedMeta { page: is_numbered.then_some(page.number), limit, total, total_pages, next_cursor };
        Self { data, meta }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(page: Option<u32>, cursor: Option<&str>, next: Option<&str>) -> String {
        let page = feed_page(page, Some(20), cursor.map(str::to_owned)).unwrap();
        let feed = Feed::<()>::new(Vec::new(), &page, Some(21), next.map(str::to_owned));
        serde_json::to_string(&feed.meta).unwrap()
    }

    #[test]
    fn a_page_says_all_and_a_cursor_says_where_it_goes_on() {
        assert_eq!(meta(None, None, None), r#"{"page":1,"limit":20,"total":21,"totalPages":2,"nextCursor":null}"#);
        assert_eq!(meta(None, Some("a"), Some("b")), r#"{"limit":20,"nextCursor":"b"}"#);
    }

    #[test]
    fn a_cursor_stands_alone() {
        for (page, cursor) in [(Some(1), "abc".to_owned()), (None, "a".repeat(LONGEST + 1))] {
            let refused = feed_page(page, None, Some(cursor)).unwrap_err();
            assert_eq!(refused.reason, Reason::InvalidCursor);
        }
    }
}
