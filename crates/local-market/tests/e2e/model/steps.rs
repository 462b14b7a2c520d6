//! What people may do, and how chance picks it.

use proptest::prelude::{Just, Strategy, any, prop};
use proptest::prop_oneof;

use super::rules::{BUYERS, PRODUCTS};

pub(super) const STATUSES: [&str; 7] =
    ["pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "returned"];

/// Products and quantities.
pub(super) type Lines = Vec<(usize, i64)>;

/// Who wants something of an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Party {
    /// Its buyer; a guest shows its token.
    Buyer,
    Seller,
    Stranger,
}

/// Instead of a number: the order that was placed last.
pub(super) const LAST: usize = usize::MAX;

/// What somebody does. Orders are counted from the first one, and again from there.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Add {
        buyer: usize,
        product: usize,
        quantity: i64,
    },
    Set {
        buyer: usize,
        product: usize,
        quantity: i64,
    },
    Remove {
        buyer: usize,
        product: usize,
    },
    Clear {
        buyer: usize,
    },
    Merge {
        buyer: usize,
        lines: Lines,
    },
    /// Without a buyer: a guest.
    Checkout {
        buyer: Option<usize>,
        lines: Lines,
    },
    Cancel {
        order: usize,
        by: Party,
    },
    /// One of the steps that it may take next, by its seller.
    Advance {
        order: usize,
        choice: usize,
    },
    Move {
        order: usize,
        to: &'static str,
        by: Party,
    },
    /// Units more or fewer.
    Restock {
        product: usize,
        delta: i64,
    },
    Switch {
        product: usize,
        on: bool,
    },
}

/// One after the other, or two at once.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    One(Step),
    Both(Step, Step),
}

/// What may be done, and now and then the whole way of an order: what chance leads to the end of it alone is rare. Pairs are of
/// orders and stock, where nothing is shown late.
pub(super) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turns = prop_oneof![
        12 => prop_oneof![in_carts(), with_stock()].prop_map(|step| vec![Turn::One(step)]),
        3 => (with_stock(), with_stock()).prop_map(|(one, other)| vec![Turn::Both(one, other)]),
        2 => way(),
    ];
    prop::collection::vec(turns, 8..30).prop_map(|turns| turns.concat())
}

/// An order, and its steps until one that gives its units back.
fn way() -> impl Strategy<Value = Vec<Turn>> {
    (prop::option::weighted(0.7, 0..BUYERS), lines(), 0..WAYS.len()).prop_map(|(buyer, lines, way)| {
        let steps = WAYS[way].iter().map(|to| Step::Move { order: LAST, to, by: Party::Seller });
        [Step::Checkout { buyer, lines }].into_iter().chain(steps).map(Turn::One).collect()
    })
}

/// Each way that ends.
const WAYS: [&[&str]; 5] = [
    &["cancelled"],
    &["confirmed", "cancelled"],
    &["confirmed", "processing", "cancelled"],
    &["confirmed", "processing", "shipped", "returned"],
    &["confirmed", "processing", "shipped", "delivered", "returned"],
];

fn in_carts() -> impl Strategy<Value = Step> {
    let (buyer, product) = (|| 0..BUYERS, || 0..PRODUCTS.len());
    prop_oneof![
        4 => (buyer(), product(), 1..5_i64).prop_map(|(buyer, product, quantity)| Step::Add { buyer, product, quantity }),
        2 => (buyer(), product(), 1..9_i64).prop_map(|(buyer, product, quantity)| Step::Set { buyer, product, quantity }),
        1 => (buyer(), product()).prop_map(|(buyer, product)| Step::Remove { buyer, product }),
        1 => buyer().prop_map(|buyer| Step::Clear { buyer }),
        2 => (buyer(), lines()).prop_map(|(buyer, lines)| Step::Merge { buyer, lines }),
    ]
}

fn with_stock() -> impl Strategy<Value = Step> {
    let party = || prop_oneof![5 => Just(Party::Buyer), 5 => Just(Party::Seller), 1 => Just(Party::Stranger)];
    prop_oneof![
        5 => (prop::option::weighted(0.7, 0..BUYERS), lines()).prop_map(|(buyer, lines)| Step::Checkout { buyer, lines }),
        2 => (0..4_usize, party()).prop_map(|(order, by)| Step::Cancel { order, by }),
        // Two of three go on, one ends it where that may be.
        8 => (0..4_usize, prop_oneof![2 => Just(0), 1 => Just(1)])
            .prop_map(|(order, choice)| Step::Advance { order, choice }),
        2 => (0..4_usize, 0..STATUSES.len(), party())
            .prop_map(|(order, to, by)| Step::Move { order, to: STATUSES[to], by }),
        2 => (0..PRODUCTS.len(), prop_oneof![-4..0_i64, 1..5_i64])
            .prop_map(|(product, delta)| Step::Restock { product, delta }),
        1 => (0..PRODUCTS.len(), any::<bool>()).prop_map(|(product, on)| Step::Switch { product, on }),
    ]
}

fn lines() -> impl Strategy<Value = Lines> {
    prop::collection::vec((0..PRODUCTS.len(), 1..4_i64), 1..4)
}
