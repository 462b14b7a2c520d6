//! Brands of products on sale; those that are equal after folding are one.

use serde::{Deserialize, Serialize};

use crate::domain::listing::Page;

/// A list of brands as it was asked for; absent members narrow nothing.
#[derive(Debug, Clone)]
pub(crate) struct BrandListing {
    /// Every word must be found in the brand.
    pub(crate) search: Option<String>,
    /// An active category's slug.
    pub(crate) category: Option<String>,
    pub(crate) page: Page,
}

/// Most products first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct BrandPage {
    pub(crate) brands: Vec<Brand>,
    /// Of all pages.
    pub(crate) total: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Brand {
    /// The most frequent spelling.
    pub(crate) name: String,
    /// On sale.
    pub(crate) products: i64,
}
