//! Which page of a list is asked for (`api.md` 2.4); limits are rules of the query structs.

use protocol::types::v1::Page;

/// The first, unless another is asked for.
pub fn page_number(page: Option<u32>) -> u32 {
    page.unwrap_or(1)
}

/// 20 rows, unless another number is asked for.
pub fn limit(limit: Option<u32>) -> u32 {
    limit.unwrap_or(20)
}

/// Both.
pub fn page(number: Option<u32>, rows: Option<u32>) -> Page {
    Page { number: page_number(number), limit: limit(rows) }
}
