//! Answers that are stored with their effect: the message, its bytes, and the message again.

use prost::Message;
use protocol::catalog::v1 as wire;
use protocol::convert::timestamp;
use protocol::types::v1::{PublicUser, SellerCategory};

use crate::domain::images::ProductImage;
use crate::domain::product::ShownProduct;
use crate::domain::seller::Seller;
use crate::error::Error;

/// Whose eyes a product is shown to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Public,
    /// With the version of the stock: the seller's, and admins'.
    Owner,
}

/// The answer to a write.
#[derive(Debug, Clone)]
pub(crate) struct Written(wire::ProductWritten);

impl Written {
    pub(crate) fn new(shown: &ShownProduct, category_before: &str) -> Self {
        Self(wire::ProductWritten {
            product: Some(product(shown, View::Owner)),
            replayed: false,
            category_before: category_before.to_owned(),
        })
    }

    /// The same answer, said again.
    ///
    /// # Errors
    /// The bytes are none of ours.
    pub(crate) fn repeated(bytes: &[u8]) -> Result<Self, Error> {
        let mut written =
            wire::ProductWritten::decode(bytes).map_err(|_unreadable| Error::Missing("a stored answer"))?;
        written.replayed = true;
        Ok(Self(written))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    pub(crate) fn into_message(self) -> wire::ProductWritten {
        self.0
    }
}

/// A product as it is shown.
pub(crate) fn product(shown: &ShownProduct, view: View) -> wire::Product {
    let ShownProduct { product, stock, seller, images } = shown;
    let content = product.content.clone();
    wire::Product {
        id: product.id.to_string(),
        seller: Some(public_user(seller)),
        slug: product.slug.clone(),
        name: content.name,
        price: Some(content.price.into()),
        stock: stock.free,
        in_stock: stock.in_stock,
        category: content.category,
        description: content.description,
        ingredients: content.ingredients,
        usage_instructions: content.usage_instructions,
        brand: content.brand,
        sku: content.sku,
        product_type: content.product_type,
        delivery_estimate: content.delivery_estimate,
        shipping_info: content.shipping_info,
        returns_info: content.returns_info,
        payment_info: content.payment_info,
        exclusive_offers: content.exclusive_offers,
        original_price: content.original_price.map(Into::into),
        min_order_quantity: content.min_order_quantity,
        seller_category: SellerCategory::from(content.seller_category).into(),
        is_new: content.is_new,
        is_promo: content.is_promo,
        countdown_end_at: content.countdown_end_at.map(timestamp),
        benefits: content.benefits,
        tags: content.tags,
        weight_grams: content.weight_grams,
        specifications: content.specifications,
        images: images.iter().map(image).collect(),
        video_url: content.video_url,
        status: wire::ProductStatus::from(content.status).into(),
        rating_hundredths: product.rating_hundredths,
        viewers_count: product.viewers_count,
        version: product.version,
        stock_version: (view == View::Owner).then_some(stock.version),
        created_at: Some(timestamp(product.created_at)),
        updated_at: Some(timestamp(product.updated_at)),
    }
}

pub(crate) fn public_user(seller: &Seller) -> PublicUser {
    seller.public_user().into()
}

fn image(image: &ProductImage) -> wire::ProductImage {
    wire::ProductImage {
        id: image.id.to_string(),
        image_url: image.image_url.clone(),
        thumbnail_url: image.thumbnail_url.clone(),
        is_primary: image.is_primary,
        display_order: image.display_order,
        created_at: Some(timestamp(image.created_at)),
    }
}
