//! Answers, some of which are stored with their effect: the message, its bytes, and the message again.

use prost::Message;
use protocol::cart::v1 as wire;
use protocol::convert::timestamp;

use crate::catalog_client::{Product, Products};
use crate::domain::cart::Summary;
use crate::domain::line::{Current, Line};
use crate::error::Error;

/// The answer to a write of one line.
#[derive(Debug, Clone)]
pub(crate) struct Written(wire::ItemWritten);

impl Written {
    pub(crate) fn new(line: Line, product: &Product) -> Self {
        let item = item(line, Current::OnSale(&product.offer), Some(product));
        Self(wire::ItemWritten { item: Some(item), replayed: false })
    }

    /// The same answer, said again.
    ///
    /// # Errors
    /// The bytes are none of ours.
    pub(crate) fn repeated(bytes: &[u8]) -> Result<Self, Error> {
        let mut written = wire::ItemWritten::decode(bytes).map_err(|_unreadable| Error::Missing("a stored answer"))?;
        written.replayed = true;
        Ok(Self(written))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    pub(crate) fn into_message(self) -> wire::ItemWritten {
        self.0
    }
}

/// Lines with the products as they are now; without any while catalog is away.
pub(crate) fn cart(lines: Vec<Line>, products: Option<&Products>) -> wire::Cart {
    let lines: Vec<(Line, Current<'_>)> = lines
        .into_iter()
        .map(|line| {
            let current = match (products, found(products, &line)) {
                (None, _) => Current::Unknown,
                (Some(_), None) => Current::Gone,
                (Some(_), Some(product)) => Current::OnSale(&product.offer),
            };
            (line, current)
        })
        .collect();
    let summary = Summary::new(&lines);
    let items = lines.into_iter().map(|(line, current)| {
        let product = found(products, &line);
        item(line, current, product)
    });
    wire::Cart {
        items: items.collect(),
        summary: Some(wire::Summary {
            subtotal: Some(summary.subtotal.into()),
            total_items: summary.total_items,
            items_count: summary.items_count,
            sellers_count: summary.sellers_count,
        }),
    }
}

fn found<'a>(products: Option<&'a Products>, line: &Line) -> Option<&'a Product> {
    Some(products?.get(&line.product_id)?.as_ref())
}

fn item(line: Line, current: Current<'_>, product: Option<&Product>) -> wire::CartItem {
    let (available, in_stock) = match current {
        Current::Unknown => (None, None),
        Current::Gone => (Some(0), Some(false)),
        Current::OnSale(offer) => (Some(offer.available), Some(offer.in_stock)),
    };
    wire::CartItem {
        id: line.id.to_string(),
        user_id: line.user_id.to_string(),
        product_id: line.product_id.to_string(),
        seller_id: line.seller_id.to_string(),
        price_changed: line.price_changed(current),
        orderable: line.is_orderable(current),
        subtotal: Some(line.subtotal(current).into()),
        product_name: line.product_name,
        product_image: line.product_image,
        product_price: Some(line.product_price.into()),
        quantity: line.quantity,
        product: product.map(|product| product.message.clone()),
        available,
        in_stock,
        created_at: Some(timestamp(line.created_at)),
        updated_at: Some(timestamp(line.updated_at)),
    }
}
