//! Who buys and where to: the personal part of an order.
//!
//! Always true: a [`Contact`] is never printed; it goes to the customer, the order's seller and admins only.

use std::fmt;
use std::ops::RangeInclusive;

use commerce_types::{Phone, UserId, text};
use diesel::{Queryable, Selectable};

use crate::domain::order::{DeliveryType, PaymentMethod};
use crate::schema::orders;

/// What is left of a name when its account goes.
pub(crate) const DELETED_USER: &str = "Deleted user";

/// The personal fields of an order.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = orders)]
pub(crate) struct Contact {
    pub(crate) customer_name: String,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer_phone: Option<Phone>,
    pub(crate) customer_commune: Option<String>,
    pub(crate) shipping_address: Option<String>,
    pub(crate) notes: Option<String>,
}

impl Contact {
    /// What stays after the account was deleted.
    pub(crate) fn wiped() -> Self {
        Self {
            customer_name: DELETED_USER.to_owned(),
            customer_email: None,
            customer_phone: None,
            customer_commune: None,
            shipping_address: None,
            notes: None,
        }
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(hidden)")
    }
}

/// What a buyer says about the delivery, checked; the same for every seller's parcel.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) contact: Contact,
    pub(crate) phone: Phone,
    /// As it was typed; which wilaya that is, the table knows.
    pub(crate) wilaya: String,
    pub(crate) delivery_type: DeliveryType,
    pub(crate) payment_method: PaymentMethod,
}

/// As it was typed.
#[derive(Default)]
pub(crate) struct ContactText<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: Option<&'a str>,
    pub(crate) phone: &'a str,
    pub(crate) commune: Option<&'a str>,
    pub(crate) address: &'a str,
    pub(crate) notes: Option<&'a str>,
}

/// A field of a request that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offence {
    pub(crate) field: String,
    pub(crate) message: String,
}

impl Offence {
    pub(crate) fn new(field: impl Into<String>, message: impl ToString) -> Self {
        Self { field: field.into(), message: message.to_string() }
    }
}

impl ContactText<'_> {
    /// The contact and its phone, which no retail order is without.
    ///
    /// # Errors
    /// Every field that is not as it has to be.
    pub(crate) fn check(&self) -> Result<(Contact, Phone), Vec<Offence>> {
        let mut check = Check::default();
        let name = check.text("customer_name", self.name, 3..=100);
        let address = check.text("shipping_address", self.address, 10..=300);
        let email = check.optional("customer_email", self.email, 3..=254);
        let commune = check.optional("customer_commune", self.commune, 1..=100);
        let notes = check.optional("notes", self.notes, 0..=500).filter(|notes| !notes.is_empty());
        let phone = check.keep("customer_phone", self.phone.parse::<Phone>());
        if email.as_deref().is_some_and(|email| !looks_like_email(email)) {
            check.offences.push(Offence::new("customer_email", "must be an e-mail address"));
        }
        match (name, address, phone) {
            (Some(name), Some(address), Some(phone)) if check.offences.is_empty() => {
                let contact = Contact {
                    customer_name: name,
                    customer_email: email,
                    customer_phone: Some(phone.clone()),
                    customer_commune: commune,
                    shipping_address: Some(address),
                    notes,
                };
                Ok((contact, phone))
            }
            _ => Err(check.offences),
        }
    }
}

/// Collects what is wrong instead of stopping at the first.
#[derive(Default)]
struct Check {
    offences: Vec<Offence>,
}

impl Check {
    fn text(&mut self, field: &str, typed: &str, limits: RangeInclusive<usize>) -> Option<String> {
        self.keep(field, text::within(typed, limits))
    }

    fn optional(&mut self, field: &str, typed: Option<&str>, limits: RangeInclusive<usize>) -> Option<String> {
        typed.and_then(|typed| self.text(field, typed, limits))
    }

    fn keep<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.offences.push(Offence::new(field, error))).ok()
    }
}

/// Something, an `@`, something: whether it is anybody's, only a letter can tell. The edge is stricter.
fn looks_like_email(email: &str) -> bool {
    !email.contains(char::is_whitespace)
        && email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// The account an order belongs to; a guest has none.
pub(crate) type Buyer = Option<UserId>;

/// A note to a step of an order.
///
/// # Errors
/// The [`Offence`] against its limits.
pub(crate) fn note(typed: Option<&str>) -> Result<Option<String>, Offence> {
    short_text("note", typed, 500)
}

/// A courier's number for a parcel.
///
/// # Errors
/// The [`Offence`] against its limits.
pub(crate) fn tracking_number(typed: Option<&str>) -> Result<Option<String>, Offence> {
    short_text("tracking_number", typed, 100)
}

fn short_text(field: &str, typed: Option<&str>, longest: usize) -> Result<Option<String>, Offence> {
    typed.map(|typed| text::within(typed, 1..=longest).map_err(|error| Offence::new(field, error))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> ContactText<'static> {
        ContactText {
            name: " Amina B. ",
            phone: "0555 12 34 56",
            address: "12 rue Didouche Mourad",
            ..ContactText::default()
        }
    }

    fn offences(typed: &ContactText<'_>) -> Vec<String> {
        typed.check().unwrap_err().into_iter().map(|offence| offence.field).collect()
    }

    #[test]
    fn texts_are_trimmed_and_the_phone_is_normalised() {
        let (contact, phone) = typed().check().unwrap();
        assert_eq!(contact.customer_name, "Amina B.");
        assert_eq!(phone.as_str(), "+213555123456");
        assert_eq!(contact.customer_phone, Some(phone));
    }

    #[test]
    fn every_offence_is_named_at_once() {
        let all_wrong = ContactText {
            name: "ab",
            email: Some("nobody"),
            phone: "021 12 34 56",
            commune: Some(" "),
            address: "short",
            notes: Some("\u{7}"),
        };
        let fields = offences(&all_wrong);
        let all =
            ["customer_name", "shipping_address", "customer_commune", "notes", "customer_phone", "customer_email"];
        assert_eq!(fields, all);
    }

    #[test]
    fn lengths_are_those_of_the_contract() {
        let cases: [(ContactText<'_>, bool); 6] = [
            (ContactText { name: "abc", ..typed() }, true),
            (ContactText { name: &"x".repeat(101), ..typed() }, false),
            (ContactText { address: &"x".repeat(300), ..typed() }, true),
            (ContactText { address: &"x".repeat(301), ..typed() }, false),
            (ContactText { notes: Some(&"x".repeat(500)), ..typed() }, true),
            (ContactText { notes: Some(&"x".repeat(501)), ..typed() }, false),
        ];
        for (typed, accepted) in cases {
            assert_eq!(typed.check().is_ok(), accepted);
        }
        assert_eq!(typed().check().unwrap().0.notes, None);
        assert!(note(Some("")).is_err() && note(None) == Ok(None));
        assert!(tracking_number(Some(&"x".repeat(101))).is_err());
    }

    #[test]
    fn nothing_personal_is_printed() {
        let (contact, _) = typed().check().unwrap();
        let shown = format!("{contact:?}");
        assert!(!shown.contains("Amina") && !shown.contains("555"), "{shown}");
    }
}
