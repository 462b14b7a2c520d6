//! What is sent of a product, as catalog is told it.

use commerce_types::SellerCategory;
use protocol::catalog::v1 as wire;
use protocol::types::v1 as types;

use super::Fields;
use super::weight::Grams;
use crate::http::change::Change;
use crate::http::error::{ApiError, Detail};
use crate::http::fields::Text;

impl Fields {
    /// A new product: null is as good as absent, and some fields must be there.
    ///
    /// # Errors
    /// 400 with everything that is missing or wrong.
    pub fn create(self, media_url: &str) -> Result<wire::PublishProductRequest, ApiError> {
        let mut wrong = self.wrong(media_url);
        for (field, is_there) in [
            ("name", self.name.value().is_some()),
            ("price", self.price.value().is_some()),
            ("stock", self.stock.value().is_some()),
            ("category", self.category.value().is_some()),
        ] {
            if !is_there {
                wrong.push(Detail::new(field, "is required"));
            }
        }
        if !wrong.is_empty() {
            return Err(ApiError::invalid_all(wrong));
        }
        let text = |change: Change<Text>| set(change).map(String::from);
        Ok(wire::PublishProductRequest {
            name: text(self.name).unwrap_or_default(),
            price: set(self.price).map(Into::into),
            stock: set(self.stock).unwrap_or_default(),
            category: text(self.category).unwrap_or_default(),
            description: text(self.description),
            ingredients: text(self.ingredients),
            usage_instructions: text(self.usage_instructions),
            brand: text(self.brand),
            sku: text(self.sku),
            product_type: text(self.product_type),
            delivery_estimate: text(self.delivery_estimate),
            shipping_info: text(self.shipping_info),
            returns_info: text(self.returns_info),
            payment_info: text(self.payment_info),
            exclusive_offers: text(self.exclusive_offers),
            original_price: set(self.original_price).map(Into::into),
            min_order_quantity: set(self.min_order_quantity),
            seller_category: set(self.seller_category).map(category),
            in_stock: set(self.in_stock),
            is_new: set(self.is_new).unwrap_or_default(),
            is_promo: set(self.is_promo).unwrap_or_default(),
            countdown_end_at: set(self.countdown_end_date).map(protocol::convert::timestamp),
            benefits: texts(set(self.benefits)),
            tags: texts(set(self.tags)),
            weight_grams: set(self.weight).map(|Grams(grams)| grams),
            specifications: set(self.specifications).map(|json| json.get().to_owned()),
            images: texts(set(self.images)),
            primary_image: text(self.primary_image),
            video_url: text(self.video_url),
            status: set(self.status).map_or(wire::ProductStatus::Unspecified, Into::into).into(),
            key: None,
        })
    }

    /// Changes of a product: absent is unchanged, null clears what may be null.
    ///
    /// # Errors
    /// 400: nothing is changed, or something is wrong.
    pub fn change(self, media_url: &str) -> Result<wire::ProductChanges, ApiError> {
        let mut wrong = self.wrong(media_url);
        for (field, is_cleared) in [
            ("name", matches!(self.name, Change::Cleared)),
            ("price", matches!(self.price, Change::Cleared)),
            ("stock", matches!(self.stock, Change::Cleared)),
            ("category", matches!(self.category, Change::Cleared)),
            ("min_order_quantity", matches!(self.min_order_quantity, Change::Cleared)),
            ("seller_category", matches!(self.seller_category, Change::Cleared)),
            ("in_stock", matches!(self.in_stock, Change::Cleared)),
            ("is_new", matches!(self.is_new, Change::Cleared)),
            ("is_promo", matches!(self.is_promo, Change::Cleared)),
            ("benefits", matches!(self.benefits, Change::Cleared)),
            ("tags", matches!(self.tags, Change::Cleared)),
            ("images", matches!(self.images, Change::Cleared)),
            ("status", matches!(self.status, Change::Cleared)),
        ] {
            if is_cleared {
                wrong.push(Detail::new(field, "must not be null"));
            }
        }
        if !wrong.is_empty() {
            return Err(ApiError::invalid_all(wrong));
        }
        let text = |change: Change<Text>| change.map(|value| types::TextChange { value: value.map(Into::into) });
        let list = |change: Change<Vec<Text>>| set(change).map(|list| wire::StringList { values: texts(Some(list)) });
        let changes = wire::ProductChanges {
            name: set(self.name).map(Into::into),
            price: set(self.price).map(Into::into),
            stock: set(self.stock),
            category: set(self.category).map(Into::into),
            description: text(self.description),
            ingredients: text(self.ingredients),
            usage_instructions: text(self.usage_instructions),
            brand: text(self.brand),
            sku: text(self.sku),
            product_type: text(self.product_type),
            delivery_estimate: text(self.delivery_estimate),
            shipping_info: text(self.shipping_info),
            returns_info: text(self.returns_info),
            payment_info: text(self.payment_info),
            exclusive_offers: text(self.exclusive_offers),
            original_price: self.original_price.map(|value| wire::OptionalMoney { value: value.map(Into::into) }),
            min_order_quantity: set(self.min_order_quantity),
            seller_category: set(self.seller_category).map(category),
            in_stock: set(self.in_stock),
            is_new: set(self.is_new),
            is_promo: set(self.is_promo),
            countdown_end_at: self
                .countdown_end_date
                .map(|value| wire::OptionalTime { value: value.map(protocol::convert::timestamp) }),
            benefits: list(self.benefits),
            tags: list(self.tags),
            weight: self.weight.map(|value| wire::OptionalWeight { value: value.map(|Grams(grams)| grams) }),
            specifications: self
                .specifications
                .map(|value| types::TextChange { value: value.map(|json| json.get().to_owned()) }),
            images: list(self.images),
            primary_image: text(self.primary_image),
            video_url: text(self.video_url),
            status: set(self.status).map(|status| wire::ProductStatus::from(status).into()),
        };
        if changes == wire::ProductChanges::default() {
            return Err(ApiError::invalid("", "at least one field is needed"));
        }
        Ok(changes)
    }
}

fn set<T>(change: Change<T>) -> Option<T> {
    match change {
        Change::Set(value) => Some(value),
        Change::Absent | Change::Cleared => None,
    }
}

/// Without repetitions, in the order of first appearance.
fn texts(list: Option<Vec<Text>>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for Text(text) in list.into_iter().flatten() {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

fn category(category: SellerCategory) -> i32 {
    types::SellerCategory::from(category).into()
}
