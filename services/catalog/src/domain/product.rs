//! A product, and what is shown with it.

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UserId};
use diesel::{HasQuery, Insertable};

use crate::domain::content::Content;
use crate::domain::images::ProductImage;
use crate::domain::seller::Seller;
use crate::domain::stock::ShownStock;
use crate::schema::products;

commerce_types::text_enum! {
    /// Whether its seller offers a product.
    pub(crate) enum ProductStatus {
        Draft = "draft",
        Active = "active",
        Archived = "archived",
    }
}

/// A product that is not deleted.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = products)]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) slug: String,
    #[diesel(embed)]
    pub(crate) content: Content,
    #[diesel(skip_insertion)]
    pub(crate) rating_hundredths: Option<i32>,
    #[diesel(skip_insertion)]
    pub(crate) viewers_count: i64,
    /// One more with every change of the content or the images.
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Active, not deleted, and its seller may sell.
    #[diesel(skip_insertion)]
    pub(crate) on_sale: bool,
}

/// A product with all that is shown of it.
#[derive(Debug, Clone)]
pub(crate) struct ShownProduct {
    pub(crate) product: Product,
    pub(crate) stock: ShownStock,
    pub(crate) seller: Seller,
    /// In the order in which they are shown.
    pub(crate) images: Vec<ProductImage>,
}

impl ShownProduct {
    pub(crate) fn primary_image(&self) -> Option<&str> {
        self.images.iter().find(|image| image.is_primary).map(|image| image.image_url.as_str())
    }
}
