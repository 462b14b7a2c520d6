//! A product as catalog says it, and what cart needs of it.

use protocol::catalog::v1 as wire;
use protocol::convert::{Malformed, money, parse, required};

use crate::domain::offer::Offer;

/// A product on sale.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) offer: Offer,
    /// Passed on whole to who looks at the cart.
    pub(crate) message: wire::Product,
}

impl TryFrom<wire::Product> for Product {
    type Error = Malformed;

    fn try_from(message: wire::Product) -> Result<Self, Malformed> {
        let primary = message.images.iter().find(|image| image.is_primary).or_else(|| message.images.first());
        let seller = required("seller", message.seller.as_ref())?;
        let offer = Offer {
            product_id: parse("id", &message.id)?,
            seller_id: parse("seller.id", &seller.id)?,
            name: message.name.clone(),
            image: primary.map(|image| image.image_url.clone()),
            price: money("price", message.price.as_ref())?,
            available: if message.in_stock { message.stock } else { 0 },
            in_stock: message.in_stock,
            min_order_quantity: message.min_order_quantity,
        };
        Ok(Self { offer, message })
    }
}
