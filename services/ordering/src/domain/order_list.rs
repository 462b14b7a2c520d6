//! What narrows a list of orders.

use chrono::{DateTime, Utc};
use commerce_types::{Day, Folded, Phone, UserId};

use crate::domain::buyer::Offence;
use crate::domain::order::{OrderKind, OrderStatus, PaymentStatus};

/// Absent members do not narrow; made for whose orders they are, so that nobody sees all by leaving something out.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) user_id: Option<UserId>,
    pub(crate) seller_id: Option<UserId>,
    pub(crate) status: Option<OrderStatus>,
    pub(crate) payment_status: Option<PaymentStatus>,
    pub(crate) kind: Option<OrderKind>,
    pub(crate) from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub(crate) before: Option<DateTime<Utc>>,
    pub(crate) search: Option<Search>,
}

/// A text that may be an order number, a name or a phone; any of them will do.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Search {
    pub(crate) number_beginning: String,
    pub(crate) name: Folded,
    /// A whole phone as it is stored, or its last digits.
    pub(crate) phone_end: Option<String>,
}

impl Filter {
    /// All that an account bought.
    pub(crate) fn of_buyer(user_id: UserId) -> Self {
        Self { user_id: Some(user_id), ..Self::of_everybody() }
    }

    /// All that a seller sold.
    pub(crate) fn of_seller(seller_id: UserId) -> Self {
        Self { seller_id: Some(seller_id), ..Self::of_everybody() }
    }

    /// All there are: for admins alone.
    pub(crate) fn of_everybody() -> Self {
        Self {
            user_id: None,
            seller_id: None,
            status: None,
            payment_status: None,
            kind: None,
            from: None,
            before: None,
            search: None,
        }
    }

    /// Whether nothing narrows but what orders are counted by when they are written.
    pub(crate) fn is_counted(&self) -> bool {
        self.user_id.is_none() && self.from.is_none() && self.before.is_none() && self.search.is_none()
    }

    /// Narrowed to calendar days of Algiers, both included.
    ///
    /// # Errors
    /// Days that are none, and a first day after the last.
    pub(crate) fn between(self, from: Option<&str>, to: Option<&str>) -> Result<Self, Offence> {
        let from = from.map(|day| read_day("date_from", day)).transpose()?;
        let to = to.map(|day| read_day("date_to", day)).transpose()?;
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Offence::new("date_from", "must not be after date_to"));
        }
        Ok(Self { from: from.map(Day::begins_at), before: to.map(Day::ends_at), ..self })
    }

    /// Narrowed to what is found by a text.
    ///
    /// # Errors
    /// A text that is too short or too long.
    pub(crate) fn found_by(self, text: Option<&str>) -> Result<Self, Offence> {
        let search = text.map(Search::read).transpose()?;
        Ok(Self { search, ..self })
    }
}

impl Search {
    fn read(text: &str) -> Result<Self, Offence> {
        let text = commerce_types::text::within(text, 2..=100).map_err(|error| Offence::new("search", error))?;
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        let is_phone_end = (4..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let phone_end = match text.parse::<Phone>() {
            Ok(phone) => Some(String::from(phone)),
            Err(_) => is_phone_end.then_some(digits),
        };
        Ok(Self { number_beginning: text.to_uppercase(), name: Folded::new(&text), phone_end })
    }
}

impl std::fmt::Debug for Search {
    /// A name or a phone may stand in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search(hidden)")
    }
}

fn read_day(field: &str, text: &str) -> Result<Day, Offence> {
    text.parse().map_err(|error| Offence::new(field, error))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn all() -> Filter {
        Filter::of_seller(Uuid::nil().into())
    }

    fn search(text: &str) -> Search {
        all().found_by(Some(text)).unwrap().search.unwrap()
    }

    #[test]
    fn days_are_those_of_algiers_both_included() {
        let days = all().between(Some("2026-11-22"), Some("2026-11-22")).unwrap();
        assert_eq!(days.from.unwrap().to_rfc3339(), "2026-11-21T23:00:00+00:00");
        assert_eq!(days.before.unwrap().to_rfc3339(), "2026-11-22T23:00:00+00:00");
        assert!(all().between(Some("2026-11-23"), Some("2026-11-22")).is_err());
        for day in ["2026-02-30", "22-11-2026", "2026-1-02", "2026-11-22T00:00:00Z", "tomorrow"] {
            assert_eq!(all().between(None, Some(day)).unwrap_err().field, "date_to", "{day}");
        }
    }

    #[test]
    fn a_text_is_a_number_a_name_or_a_phone() {
        let named = search(" Amîna ");
        assert_eq!((named.number_beginning.as_str(), named.name.as_str(), named.phone_end), ("AMÎNA", "amina", None));
        assert_eq!(search("zst-17").number_beginning, "ZST-17");
        assert_eq!(search("0555 12 34 56").phone_end.as_deref(), Some("+213555123456"));
        assert_eq!(search("34-56").phone_end.as_deref(), Some("3456"));
        assert_eq!(search("456").phone_end, None);
        assert!(all().found_by(Some("a")).is_err() && all().found_by(Some(&"a".repeat(101))).is_err());
    }
}
