//! What a list of products is narrowed to and how it is ordered.

use commerce_types::{Folded, Money, SellerCategory, UserId};

/// Absent members narrow nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProductFilter {
    /// Every word must be found.
    pub(crate) search: Option<String>,
    /// An active category's slug.
    pub(crate) category: Option<String>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) seller_id: Option<UserId>,
    pub(crate) brand: Option<Folded>,
    pub(crate) min_price: Option<Money>,
    pub(crate) max_price: Option<Money>,
    pub(crate) in_stock: Option<bool>,
}

impl ProductFilter {
    /// Whether nothing narrows but what products are counted by when they are written.
    pub(crate) fn is_counted(&self) -> bool {
        let Self { search, category: _, seller_category: _, seller_id, brand, min_price: _, max_price: _, in_stock } =
            self;
        search.is_none() && seller_id.is_none() && brand.is_none() && in_stock.is_none()
    }

    /// Whether anything but the search narrows.
    pub(crate) fn narrows_beside_search(&self) -> bool {
        let Self { search: _, category, seller_category, seller_id, brand, min_price, max_price, in_stock } = self;
        category.is_some()
            || seller_category.is_some()
            || seller_id.is_some()
            || brand.is_some()
            || min_price.is_some()
            || max_price.is_some()
            || in_stock.is_some()
    }
}

/// Whose products.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// What everybody can buy.
    OnSale,
    /// All of a seller that are not deleted, on sale or not.
    Own(UserId, OwnProducts),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnProducts {
    All,
    Draft,
    Archived,
    /// Active and in stock.
    Active,
    /// Active and not in stock.
    OutOfStock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProductSort {
    CreatedAt,
    Price,
    Name,
    /// Without a rating last, whatever the direction.
    Rating,
    /// Only with a search; the direction is then ignored.
    Relevance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// A numbered page, from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) number: u32,
    pub(crate) limit: u32,
}

impl Page {
    pub(crate) fn offset(self) -> i64 {
        i64::from(self.number.saturating_sub(1)) * i64::from(self.limit)
    }
}

/// A list as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) scope: Scope,
    pub(crate) filter: ProductFilter,
    pub(crate) sort: ProductSort,
    pub(crate) direction: Direction,
    pub(crate) page: Page,
}
