//! Reels of the demo market: which products have one, who likes it and what is said of it.

use std::sync::LazyLock;

use serde::Deserialize;

use super::products::{Product, ProductState};
use super::random::Random;
use super::read;

/// How many there are.
const REELS: usize = 72;

/// A reel of a product that is on sale.
#[derive(Debug, Clone, PartialEq)]
pub struct Reel {
    /// The index of its product in the market.
    pub product: usize,
    /// One of [`crate::videos::NAMES`].
    pub video: &'static str,
    /// What its seller writes below it.
    pub caption: String,
    /// The indices of the customers who like it.
    pub likes: Vec<usize>,
    /// The index of a customer, and what it says; oldest first.
    pub comments: Vec<(usize, String)>,
}

#[derive(Debug, Deserialize)]
struct Words {
    captions: Vec<String>,
    comments: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| read("reels.toml", include_str!("../../data/reels.toml")));

/// Newest last; those of `demo-grossiste`'s goods are among them.
pub(super) fn make_reels(products: &[Product], customers: usize) -> Vec<Reel> {
    let mut random = Random::named("reels");
    let shown: Vec<usize> = (0..products.len())
        .filter(|index| {
            let product = &products[*index];
            product.state == ProductState::Active && product.offered && product.stock > 20
        })
        .collect();
    let step = (shown.len() / REELS).max(1);
    let videos = crate::videos::NAMES;
    (0..REELS.min(shown.len()))
        .map(|number| {
            let likes = (0..customers).filter(|_| random.percent(45)).collect();
            let comments =
                (0..random.index(5)).map(|_| (random.index(customers), random.pick(&WORDS.comments).clone())).collect();
            Reel {
                product: shown[number * step],
                video: videos[number % videos.len()],
                caption: random.pick(&WORDS.captions).clone(),
                likes,
                comments,
            }
        })
        .collect()
}
