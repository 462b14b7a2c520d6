//! What an answer shows, what can happen to it, and which of the two meet (`architecture.md` 5).

use uuid::Uuid;

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A product was published, changed or removed.
    Product {
        id: Uuid,
        seller: Uuid,
        /// Before and after; one when it stayed.
        categories: Vec<String>,
    },
    /// A product sold out or came back.
    Flip(Uuid),
    /// A mere count of a product's stock moved.
    Count(Uuid),
    /// A category was made, changed or deleted: lists that name it are refused from now on, or not any more.
    Category(String),
    /// Nobody knows what was missed.
    Everything,
}

impl Fact {
    pub(super) fn product(&self) -> Option<Uuid> {
        match self {
            Self::Product { id, .. } | Self::Flip(id) | Self::Count(id) => Some(*id),
            Self::Category(_) | Self::Everything => None,
        }
    }
}

/// The filters of a list that decide which changes can move it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    pub category: Option<String>,
    pub seller: Option<Uuid>,
    pub in_stock: bool,
}

impl ListFilter {
    fn is_hit_by(&self, seller: Uuid, categories: &[String]) -> bool {
        (self.category.is_none() && self.seller.is_none())
            || self.category.as_ref().is_some_and(|category| categories.contains(category))
            || self.seller == Some(seller)
    }
}

/// What an answer shows, as far as a change can touch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    List {
        filter: ListFilter,
        /// The products on it, in any order; empty while nobody knows.
        shown: Vec<Uuid>,
    },
    Detail {
        /// None while only the slug is known.
        product: Option<Uuid>,
        /// Whose it is: the owner sees more than the others.
        seller: Option<Uuid>,
    },
}

impl Concern {
    /// Whether an answer that shows this is out of date.
    pub fn is_hit_by(&self, fact: &Fact) -> bool {
        match (self, fact) {
            (_, Fact::Everything) => true,
            (Self::Detail { .. }, Fact::Category(_)) => false,
            (Self::Detail { product, .. }, fact) => product.is_none_or(|id| fact.product() == Some(id)),
            (Self::List { filter, .. }, Fact::Product { seller, categories, .. }) => {
                filter.is_hit_by(*seller, categories)
            }
            (Self::List { filter, shown }, Fact::Flip(id)) => filter.in_stock || shown.contains(id),
            (Self::List { filter, .. }, Fact::Category(slug)) => filter.category.as_ref() == Some(slug),
            (Self::List { .. }, Fact::Count(_)) => false,
        }
    }

    /// Whether an answer of which only the question is known may be out of date.
    pub fn may_be_hit_by(&self, fact: &Fact) -> bool {
        matches!((self, fact), (Self::List { .. }, Fact::Flip(_))) || self.is_hit_by(fact)
    }

    pub(super) fn product(&self) -> Option<Uuid> {
        match self {
            Self::Detail { product, .. } => *product,
            Self::List { .. } => None,
        }
    }
}
