//! The curated lists of goods, one file per category: families such as "eau de parfum", each with its makes and forms.
//!
//! A family times its makes times its forms are the things that can be bought: eau de parfum, Lattafa Raghba, 100 ml.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{fields, read};

/// The slugs of the twenty categories with the lists of what is sold in them.
const FILES: [(&str, &str); 20] = [
    ("perfume", include_str!("../../data/goods/perfume.toml")),
    ("makeup", include_str!("../../data/goods/makeup.toml")),
    ("skincare", include_str!("../../data/goods/skincare.toml")),
    ("haircare", include_str!("../../data/goods/haircare.toml")),
    ("fashion", include_str!("../../data/goods/fashion.toml")),
    ("accessories", include_str!("../../data/goods/accessories.toml")),
    ("electronics", include_str!("../../data/goods/electronics.toml")),
    ("food", include_str!("../../data/goods/food.toml")),
    ("home", include_str!("../../data/goods/home.toml")),
    ("beauty", include_str!("../../data/goods/beauty.toml")),
    ("health", include_str!("../../data/goods/health.toml")),
    ("sports", include_str!("../../data/goods/sports.toml")),
    ("toys", include_str!("../../data/goods/toys.toml")),
    ("books", include_str!("../../data/goods/books.toml")),
    ("automotive", include_str!("../../data/goods/automotive.toml")),
    ("garden", include_str!("../../data/goods/garden.toml")),
    ("pets", include_str!("../../data/goods/pets.toml")),
    ("baby", include_str!("../../data/goods/baby.toml")),
    ("office", include_str!("../../data/goods/office.toml")),
    ("other", include_str!("../../data/goods/other.toml")),
];

/// Goods of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    /// What it is, in French; the product type too.
    pub(super) fr: String,
    /// What it is, in Arabic.
    pub(super) ar: String,
    /// `brand | model | price in dinars of the form with factor 1`; a brand `-` is none.
    pub(super) makes: Vec<String>,
    /// `French | Arabic | price factor | weight in kilograms`
    pub(super) forms: Vec<String>,
    /// Sentences, of which a description takes two.
    pub(super) about_fr: Vec<String>,
    /// The same in Arabic.
    pub(super) about_ar: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) benefits: Vec<String>,
    pub(super) usage: Option<String>,
    pub(super) ingredients: Option<String>,
    pub(super) specifications: Option<Map<String, Value>>,
}

/// One make of a family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Make<'a> {
    pub(super) brand: Option<&'a str>,
    pub(super) model: &'a str,
    pub(super) dinars: i64,
}

/// One form in which a family is sold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) fr: &'a str,
    pub(super) ar: &'a str,
    pub(super) factor: f64,
    pub(super) kilograms: Option<f64>,
}

impl Family {
    pub(super) fn makes(&self) -> impl Iterator<Item = Make<'_>> {
        self.makes.iter().map(|line| {
            let [brand, model, dinars] = fields(line);
            Make {
                brand: (brand != "-").then_some(brand),
                model,
                dinars: dinars.parse().unwrap_or_else(|_| panic!("a make has a price in dinars: {line}")),
            }
        })
    }

    pub(super) fn forms(&self) -> impl Iterator<Item = Form<'_>> {
        self.forms.iter().map(|line| {
            let [fr, ar, factor, kilograms] = fields(line);
            Form {
                fr,
                ar,
                factor: factor.parse().unwrap_or_else(|_| panic!("a form has a price factor: {line}")),
                kilograms: kilograms.parse().ok(),
            }
        })
    }
}

#[derive(Debug, Deserialize)]
struct Families {
    family: Vec<Family>,
}

/// The families of every category.
pub(super) fn families() -> impl Iterator<Item = (&'static str, Vec<Family>)> {
    FILES.into_iter().map(|(slug, text)| (slug, read::<Families>(&format!("goods/{slug}.toml"), text).family))
}
