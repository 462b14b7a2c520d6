//! The demo market as data: sellers, products, buyers and what they ordered.
//!
//! Everything follows from the lists in `data/` and from fixed seeds; there is no clock and no chance in it, so that
//! every machine gets the same market. Times are told in days from the moment of seeding. Nothing here talks to a
//! service: writing it down is the seeder's job.

use crate::demo::checkouts::make_checkouts;
use crate::demo::products::make_products;
use crate::demo::reels::make_reels;
use crate::demo::sellers::make_sellers;

pub use self::checkouts::{Checkout, CheckoutLine, DeliveryType, OrderStatus, PaymentMethod};
pub use self::people::{DEMO_ADMIN, DEMO_CUSTOMER, Person, customers, person};
pub use self::pictures::Picture;
pub use self::products::{Product, ProductState};
pub use self::reels::Reel;
pub use self::sellers::{Seller, SellerCategory};

mod checkouts;
mod goods;
mod people;
mod pictures;
mod products;
mod random;
mod reels;
mod sellers;

/// The whole demo market.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// Forty sellers; the first three are `demo-importateur`, `demo-grossiste` and `demo-fournisseur`.
    pub sellers: Vec<Seller>,
    /// Products in the order in which they are published.
    pub products: Vec<Product>,
    /// What was bought, in order; stock suffices for all of it.
    pub checkouts: Vec<Checkout>,
    /// Short videos of some products.
    pub reels: Vec<Reel>,
}

impl Market {
    /// Puts the market together; the same one every time.
    #[must_use]
    pub fn new() -> Self {
        let sellers = make_sellers();
        let products = make_products(&sellers);
        let checkouts = make_checkouts(&sellers, &products);
        let reels = make_reels(&products, customers().len());
        Self { sellers, products, checkouts, reels }
    }
}

impl Default for Market {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads one of the crate's own data files.
fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("data/{name} is part of this crate and must be right: {error}"))
}

/// The fields of a line of a data file, which are separated by bars.
fn fields<const N: usize>(line: &str) -> [&str; N] {
    let mut fields = [""; N];
    let mut given = line.split('|');
    for field in &mut fields {
        *field = given.next().unwrap_or_default().trim();
    }
    assert!(given.next().is_none() && !fields[0].is_empty(), "a line of data has at most {N} fields: {line}");
    fields
}
