//! Products: every make and form of the lists, offered by one seller or two at prices of their own.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::goods::{Family, Form, Make, families};
use super::pictures::Picture;
use super::random::Random;
use super::read;
use super::sellers::{Seller, SellerCategory};

/// Pictures that a seller has for its goods of a category.
const VARIANTS: usize = 2;
/// Pixels on a side of a picture of goods.
const SIDE: u32 = 480;

/// Whether a product is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductState {
    /// Not published yet.
    Draft,
    /// On sale, sold out or not.
    Active,
    /// Not offered any more.
    Archived,
}

impl ProductState {
    /// The word of the public interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

/// A product as its seller writes it down; the fields are those of the public interface.
#[expect(missing_docs, reason = "the fields and their limits are described by the public interface")]
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// The index of its seller in the market.
    pub seller: usize,
    pub name: String,
    pub price_centimes: i64,
    pub original_price_centimes: Option<i64>,
    /// The stock before the market's checkouts.
    pub stock: i64,
    /// False when the seller took it off sale although there is stock.
    pub offered: bool,
    pub min_order_quantity: i64,
    pub category: String,
    pub brand: Option<String>,
    /// Unique within the market.
    pub sku: String,
    pub product_type: String,
    pub description: String,
    pub ingredients: Option<String>,
    pub usage_instructions: Option<String>,
    pub delivery_estimate: String,
    pub shipping_info: Option<String>,
    pub returns_info: Option<String>,
    pub payment_info: Option<String>,
    pub exclusive_offers: Option<String>,
    pub is_new: bool,
    pub is_promo: bool,
    /// The end of a promotion in days from the moment of seeding.
    pub countdown_days: Option<i64>,
    pub benefits: Vec<String>,
    pub tags: Vec<String>,
    pub weight_grams: Option<i64>,
    pub specifications: Option<Map<String, Value>>,
    /// In the order in which they are shown.
    pub pictures: Vec<Picture>,
    pub state: ProductState,
}

/// Sentences and terms that go with any goods.
#[derive(Debug, Deserialize)]
struct Terms {
    closings_fr: Vec<String>,
    closings_ar: Vec<String>,
    delivery_estimates: Vec<String>,
    shipping: Vec<String>,
    returns: Vec<String>,
    payment: Vec<String>,
    offers: Vec<String>,
}

static TERMS: LazyLock<Terms> = LazyLock::new(|| read("terms.toml", include_str!("../../data/terms.toml")));

/// In which language a seller writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    French,
    Arabic,
    Both,
}

/// One thing that can be bought, and where it stands in the lists.
struct Item<'a> {
    category: &'a str,
    number: String,
    family: &'a Family,
    make: Make<'a>,
    form: Form<'a>,
}

pub(super) fn make_products(sellers: &[Seller]) -> Vec<Product> {
    let mut products = Vec::new();
    for (category, families) in families() {
        let dealers: Vec<usize> =
            (0..sellers.len()).filter(|index| sellers[*index].sells.iter().any(|slug| slug == category)).collect();
        for (family_number, family) in families.iter().enumerate() {
            for (make_number, make) in family.makes().enumerate() {
                for (form_number, form) in family.forms().enumerate() {
                    let number = format!("{:02}{:02}{:02}", family_number + 1, make_number + 1, form_number + 1);
                    let item = Item { category, number, family, make, form };
                    offer(&item, &dealers, sellers, &mut products);
                }
            }
        }
    }
    // Published in a mixed order, so that the newest ones are of every kind.
    products.sort_by_cached_key(|product: &Product| Random::named(&format!("place of {}", product.sku)).next());
    products
}

/// Gives an item to one of the category's dealers, one in five to a second one too.
fn offer(item: &Item<'_>, dealers: &[usize], sellers: &[Seller], products: &mut Vec<Product>) {
    let mut random = Random::named(&format!("dealers of {} {}", item.category, item.number));
    let first = random.index(dealers.len());
    products.push(make_product(item, dealers[first], sellers));
    if dealers.len() > 1 && random.percent(20) {
        products.push(make_product(item, dealers[(first + 1) % dealers.len()], sellers));
    }
}

fn make_product(item: &Item<'_>, seller: usize, sellers: &[Seller]) -> Product {
    let sku = format!("{}-{}-{:02}", item.category[..3].to_uppercase(), item.number, seller + 1);
    let mut random = Random::named(&sku);
    let trade = sellers[seller].category;
    let language = match random.between(0, 99) {
        0..40 => Language::Both,
        40..75 => Language::French,
        // A model that is described in French words makes no Arabic name.
        _ if item.make.model.starts_with(char::is_lowercase) => Language::Both,
        _ => Language::Arabic,
    };
    let price_centimes = price(item, trade, &mut random);
    let state = match random.between(0, 99) {
        0..4 => ProductState::Draft,
        4..7 => ProductState::Archived,
        _ => ProductState::Active,
    };
    let min_order_quantity = minimum(price_centimes, trade, &mut random);
    let stock = stock(price_centimes, min_order_quantity, &mut random);
    let is_promo = random.percent(14);
    let original_price_centimes =
        is_promo.then(|| rounded(price_centimes / 100 * random.between(112, 145) / 100) * 100 + 1000);
    Product {
        seller,
        name: name(item, language),
        price_centimes,
        original_price_centimes,
        stock,
        offered: !random.percent(2),
        min_order_quantity,
        category: item.category.to_owned(),
        brand: item.make.brand.map(str::to_owned),
        product_type: item.family.fr.chars().take(50).collect(),
        description: description(item, language, &mut random),
        ingredients: item.family.ingredients.clone(),
        usage_instructions: item.family.usage.clone(),
        delivery_estimate: random.pick(&TERMS.delivery_estimates).clone(),
        shipping_info: some_of(&TERMS.shipping, 50, &mut random),
        returns_info: some_of(&TERMS.returns, 40, &mut random),
        payment_info: some_of(&TERMS.payment, 40, &mut random),
        exclusive_offers: some_of(&TERMS.offers, if is_promo { 60 } else { 8 }, &mut random),
        is_new: random.percent(15),
        is_promo,
        countdown_days: (is_promo && random.percent(60)).then(|| random.between(3, 45)),
        benefits: item.family.benefits.clone(),
        tags: tags(item),
        weight_grams: item.form.kilograms.map(grams),
        specifications: specifications(item),
        pictures: pictures(seller, item.category, &mut random),
        state,
        sku,
    }
}

fn some_of(texts: &[String], percent: i64, random: &mut Random) -> Option<String> {
    random.percent(percent).then(|| random.pick(texts).clone())
}

/// The words of a name with one space between them.
fn joined(words: &[&str]) -> String {
    words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn name(item: &Item<'_>, language: Language) -> String {
    let brand = item.make.brand.unwrap_or_default();
    let french = joined(&[&item.family.fr, brand, item.make.model, item.form.fr]);
    match language {
        Language::French => french,
        Language::Arabic => joined(&[&item.family.ar, brand, item.make.model, item.form.ar]),
        Language::Both => format!("{french} – {}", joined(&[&item.family.ar, brand, item.form.ar])),
    }
}

fn description(item: &Item<'_>, language: Language, random: &mut Random) -> String {
    let brand = item.make.brand.unwrap_or_default();
    let french = |random: &mut Random| {
        let form = if item.form.fr.is_empty() { String::new() } else { format!("Présentation : {}.", item.form.fr) };
        let subject = joined(&[brand, item.make.model]);
        text(&item.family.about_fr, &subject, &form, &TERMS.closings_fr, random)
    };
    let arabic = |random: &mut Random| {
        let form = if item.form.ar.is_empty() { String::new() } else { format!("الصيغة: {}.", item.form.ar) };
        let subject = match item.make.brand {
            Some(brand) if item.make.model.starts_with(char::is_lowercase) => brand.to_owned(),
            None => item.family.ar.clone(),
            Some(brand) => joined(&[brand, item.make.model]),
        };
        text(&item.family.about_ar, &subject, &form, &TERMS.closings_ar, random)
    };
    match language {
        Language::French => french(random),
        Language::Arabic => arabic(random),
        Language::Both => format!(
            "{}

{}",
            french(random),
            arabic(random)
        ),
    }
}

/// Two sentences about the goods, the form, and a closing of the seller's.
fn text(about: &[String], subject: &str, form: &str, closings: &[String], random: &mut Random) -> String {
    let first = random.index(about.len());
    let second = if about.len() > 1 { about[(first + 1) % about.len()].as_str() } else { "" };
    let closing = if random.percent(60) { random.pick(closings).as_str() } else { "" };
    joined(&[&about[first], second, form, closing]).replace("{make}", subject)
}

/// The list price in the form that is sold, a little dearer or cheaper, and cheaper in quantity; in centimes.
fn price(item: &Item<'_>, trade: SellerCategory, random: &mut Random) -> i64 {
    let percent = match trade {
        SellerCategory::Importateur => random.between(96, 108),
        SellerCategory::Grossiste => random.between(82, 92),
        SellerCategory::Fournisseur => random.between(92, 104),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "prices are far below 2^52")]
    let dinars = rounded((item.make.dinars as f64 * item.form.factor * percent as f64 / 100.0) as i64);
    let half = if dinars < 300 && random.percent(10) { 50 } else { 0 };
    dinars * 100 + half
}

/// Prices are quoted in round figures, the rounder the dearer.
fn rounded(dinars: i64) -> i64 {
    let step = match dinars {
        ..300 => 5,
        300..2_000 => 10,
        2_000..20_000 => 50,
        _ => 500,
    };
    (dinars / step).max(1) * step
}

fn minimum(price_centimes: i64, trade: SellerCategory, random: &mut Random) -> i64 {
    let cheap = price_centimes < 150_000;
    match trade {
        SellerCategory::Grossiste if cheap => *random.pick(&[6, 6, 12, 12, 24]),
        SellerCategory::Grossiste => *random.pick(&[1, 2, 3]),
        SellerCategory::Fournisseur if cheap => *random.pick(&[1, 1, 2, 3]),
        _ => 1,
    }
}

/// More of the cheap goods, of some nothing at all.
fn stock(price_centimes: i64, minimum: i64, random: &mut Random) -> i64 {
    if random.percent(9) {
        return 0;
    }
    let lots = match price_centimes {
        ..50_000 => random.between(40, 600),
        50_000..500_000 => random.between(12, 180),
        500_000..3_000_000 => random.between(4, 60),
        _ => random.between(2, 25),
    };
    if minimum >= 6 { lots * 3 } else { lots }
}

fn tags(item: &Item<'_>) -> Vec<String> {
    let mut tags = item.family.tags.clone();
    if let Some(tag) = item.make.brand {
        let tag = tag.to_lowercase();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[expect(clippy::cast_possible_truncation, reason = "weights are a few hundred kilograms at most")]
fn grams(kilograms: f64) -> i64 {
    (kilograms * 1000.0).round() as i64
}

fn specifications(item: &Item<'_>) -> Option<Map<String, Value>> {
    let mut specifications = item.family.specifications.clone()?;
    if !item.make.model.is_empty() {
        specifications.insert("Modèle".to_owned(), item.make.model.into());
    }
    if let Some(brand) = item.make.brand {
        specifications.insert("Marque".to_owned(), brand.into());
    }
    Some(specifications)
}

/// One or two of those that the seller has for its goods of the category.
fn pictures(seller: usize, category: &str, random: &mut Random) -> Vec<Picture> {
    let first = random.index(VARIANTS);
    let picture = |variant| Picture { seller, category: category.to_owned(), variant, side: SIDE };
    let second = random.percent(40).then(|| picture((first + 1) % VARIANTS));
    [picture(first)].into_iter().chain(second).collect()
}
