//! The envelope of a list (`api.md` 2.3).

use protocol::types::v1::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// One page, and where it lies.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    pub data: Vec<T>,
    pub meta: Meta,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListMeta)]
pub struct Meta {
    page: u32,
    limit: u32,
    /// Exact.
    total: u64,
    /// 0 when there is nothing.
    total_pages: u64,
}

impl<T> List<T> {
    pub fn new(data: Vec<T>, page: Page, total: u64) -> Self {
        let total_pages = total.div_ceil(u64::from(page.limit.max(1)));
        Self { data, meta: Meta { page: page.number, limit: page.limit, total, total_pages } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_to_the_last_row() {
        for (total, pages) in [(0, 0), (1, 1), (20, 1), (21, 2)] {
            let list = List::<()>::new(Vec::new(), Page { number: 1, limit: 20 }, total);
            let meta = serde_json::to_string(&list.meta).unwrap();
            assert_eq!(meta, format!(r#"{{"page":1,"limit":20,"total":{total},"totalPages":{pages}}}"#));
        }
    }
}
