//! What the customers of the demo market bought, from whom, and how far each order has come.

use super::people::{Person, customers, full_name, note, phone, place};
use super::products::{Product, ProductState};
use super::random::Random;
use super::sellers::Seller;

const CHECKOUTS: usize = 112;
/// The first sellers are those of the examples; the first checkouts see to it that they have orders of every status.
const EXAMPLE_SELLERS: usize = 3;
const EXAMPLE_CHECKOUTS: usize = 63;

/// How far an order has come.
#[expect(missing_docs, reason = "the words are those of the public interface")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    Pending,
    Confirmed,
    Processing,
    Shipped,
    Delivered,
    Cancelled,
    Returned,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Confirmed,
        Self::Processing,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
        Self::Returned,
    ];

    /// The word of the public interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Processing => "processing",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Returned => "returned",
        }
    }

    /// The steps that lead a new order here, itself last; none for a pending one.
    #[must_use]
    pub fn steps(self) -> &'static [Self] {
        use OrderStatus::{Cancelled, Confirmed, Delivered, Processing, Returned, Shipped};
        match self {
            Self::Pending => &[],
            Self::Confirmed => &[Confirmed],
            Self::Processing => &[Confirmed, Processing],
            Self::Shipped => &[Confirmed, Processing, Shipped],
            Self::Delivered => &[Confirmed, Processing, Shipped, Delivered],
            Self::Cancelled => &[Confirmed, Cancelled],
            Self::Returned => &[Confirmed, Processing, Shipped, Delivered, Returned],
        }
    }
}

/// How an order is paid.
#[expect(missing_docs, reason = "the words are those of the public interface")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentMethod {
    Cod,
    Ccp,
    Card,
    BankTransfer,
}

impl PaymentMethod {
    /// The word of the public interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cod => "cod",
            Self::Ccp => "ccp",
            Self::Card => "card",
            Self::BankTransfer => "bank_transfer",
        }
    }
}

/// Where an order is handed over.
#[expect(missing_docs, reason = "the words are those of the public interface")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryType {
    Home,
    Office,
}

impl DeliveryType {
    /// The word of the public interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Office => "office",
        }
    }
}

/// One product of a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckoutLine {
    /// The index of the product in the market.
    pub product: usize,
    /// At least the product's minimum.
    pub quantity: i64,
}

/// One purchase, at one seller or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its `Idempotency-Key`.
    pub key: String,
    /// The user name of the buyer's account; `None` for a guest.
    pub account: Option<String>,
    /// The buyer's name.
    pub customer_name: String,
    /// The buyer's mobile number.
    pub customer_phone: String,
    /// The buyer's address, when it has an account.
    pub customer_email: Option<String>,
    /// The official name of the wilaya.
    pub wilaya: String,
    /// The commune.
    pub commune: String,
    /// Street and commune.
    pub address: String,
    /// To the door or to the office.
    pub delivery_type: DeliveryType,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// What the buyer writes.
    pub notes: Option<String>,
    /// What is bought, each product once.
    pub lines: Vec<CheckoutLine>,
    /// How far the order at each seller comes, by the order in which the lines first name the sellers.
    pub outcomes: Vec<OrderStatus>,
    /// The courier's number, for orders that are shipped.
    pub tracking_number: String,
}

pub(super) fn make_checkouts(sellers: &[Seller], products: &[Product]) -> Vec<Checkout> {
    let accounts = customers();
    let mut left: Vec<i64> = products.iter().map(|product| product.stock).collect();
    (0..CHECKOUTS).map(|number| make_checkout(number, &accounts, sellers.len(), products, &mut left)).collect()
}

fn make_checkout(
    number: usize,
    accounts: &[Person],
    sellers: usize,
    products: &[Product],
    left: &mut [i64],
) -> Checkout {
    let key = format!("demo-checkout-{:03}", number + 1);
    let mut random = Random::named(&key);
    let account = match number % 5 {
        0 => Some(&accounts[0]),
        1 | 2 => Some(random.pick(&accounts[1..])),
        _ => None,
    };
    let mut shops = vec![if number < EXAMPLE_CHECKOUTS { number % EXAMPLE_SELLERS } else { random.index(sellers) }];
    if random.percent(40) {
        let other = random.index(sellers);
        if !shops.contains(&other) {
            shops.push(other);
        }
    }
    let lines = shops.iter().flat_map(|shop| fill(*shop, products, left, &mut random)).collect();
    let outcomes =
        (0..shops.len()).map(|place| OrderStatus::ALL[(number + 3 * place) % OrderStatus::ALL.len()]).collect();
    let (wilaya, commune, address) = place(&mut random);
    Checkout {
        account: account.map(|person| person.user.clone()),
        customer_name: account.map_or_else(|| full_name(&mut random), |person| person.full_name.clone()),
        customer_phone: buyer_phone(account, &key),
        customer_email: account.map(|person| person.email.clone()),
        wilaya,
        commune,
        address,
        delivery_type: if random.percent(25) { DeliveryType::Office } else { DeliveryType::Home },
        payment_method: payment_method(&mut random),
        notes: note(&mut random),
        lines,
        outcomes,
        tracking_number: format!("YAL-{:08}", random.between(1, 99_999_999)),
        key,
    }
}

/// One to three products of a shop, of which there is plenty.
fn fill(shop: usize, products: &[Product], left: &mut [i64], random: &mut Random) -> Vec<CheckoutLine> {
    let plenty: Vec<usize> = (0..products.len())
        .filter(|index| {
            let product = &products[*index];
            let sold = product.seller == shop && product.state == ProductState::Active && product.offered;
            sold && left[*index] > 4 * product.min_order_quantity
        })
        .collect();
    let first = random.index(plenty.len());
    let count = plenty.len().min(1 + random.index(3));
    (0..count)
        .map(|step| {
            let product = plenty[(first + step) % plenty.len()];
            let quantity = products[product].min_order_quantity + random.between(0, 2);
            left[product] -= quantity;
            CheckoutLine { product, quantity }
        })
        .collect()
}

/// An account always gives the same number, a guest one of its own.
fn buyer_phone(account: Option<&Person>, key: &str) -> String {
    phone(&mut Random::named(&format!("phone of {}", account.map_or(key, |person| &person.user))))
}

fn payment_method(random: &mut Random) -> PaymentMethod {
    match random.between(0, 99) {
        0..72 => PaymentMethod::Cod,
        72..86 => PaymentMethod::Ccp,
        86..95 => PaymentMethod::Card,
        _ => PaymentMethod::BankTransfer,
    }
}
