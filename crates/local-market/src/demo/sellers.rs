//! The forty sellers.

use serde::Deserialize;

use super::people::{Person, phone};
use super::random::Random;
use super::{fields, read};

/// The trade of a seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SellerCategory {
    /// Brings goods into the country.
    Importateur,
    /// Sells in quantity.
    Grossiste,
    /// Makes goods or supplies them to consumers.
    Fournisseur,
}

impl SellerCategory {
    /// The word of the public interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Importateur => "importateur",
            Self::Grossiste => "grossiste",
            Self::Fournisseur => "fournisseur",
        }
    }

    fn parse(word: &str) -> Self {
        [Self::Importateur, Self::Grossiste, Self::Fournisseur]
            .into_iter()
            .find(|category| category.as_str() == word)
            .unwrap_or_else(|| panic!("data/sellers.toml names an unknown trade: {word}"))
    }
}

/// A seller and the profile it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Its user name, business name, e-mail and picture.
    pub person: Person,
    /// Its trade.
    pub category: SellerCategory,
    /// The official name of its wilaya.
    pub wilaya: String,
    /// What it says of itself.
    pub bio: String,
    /// Its mobile number.
    pub phone: String,
    /// The slugs of the product categories it deals in.
    pub sells: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Lines {
    sellers: Vec<String>,
}

pub(super) fn make_sellers() -> Vec<Seller> {
    let lines: Lines = read("sellers.toml", include_str!("../../data/sellers.toml"));
    let mut random = Random::named("sellers");
    lines.sellers.iter().map(|line| make_seller(line, &mut random)).collect()
}

fn make_seller(line: &str, random: &mut Random) -> Seller {
    let [user, name, category, wilaya, sells, bio] = fields(line);
    Seller {
        person: Person::new(user, name),
        category: SellerCategory::parse(category),
        wilaya: wilaya.to_owned(),
        bio: bio.to_owned(),
        phone: phone(random),
        sells: sells.split(',').map(|slug| slug.trim().to_owned()).collect(),
    }
}
