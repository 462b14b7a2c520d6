//! The people of the demo market: who has an account, and the names and places of those who buy.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::random::Random;
use super::sellers::make_sellers;
use super::{fields, read};

/// The user name of the customer whom the examples use.
pub const DEMO_CUSTOMER: &str = "demo-customer";
/// The user name of the admin; an operator's command appoints it.
pub const DEMO_ADMIN: &str = "demo-admin";

/// Customers with an account beside [`DEMO_CUSTOMER`].
const BUYER_ACCOUNTS: usize = 24;

/// What Clerk knows of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name for which the local Clerk makes tokens.
    pub user: String,
    /// First and last name, or the name of the business.
    pub full_name: String,
    /// An address that nobody reads.
    pub email: String,
    /// A picture that nothing serves; seeding replaces it.
    pub avatar_url: String,
}

impl Person {
    pub(super) fn new(user: &str, full_name: &str) -> Self {
        Self {
            user: user.to_owned(),
            full_name: full_name.to_owned(),
            email: format!("{user}@zst-demo.dz"),
            avatar_url: format!("https://images.zst-demo.dz/people/{user}.jpg"),
        }
    }
}

/// The person behind a user name, when it is one of the demo market's.
#[must_use]
pub fn person(user: &str) -> Option<Person> {
    static PEOPLE: LazyLock<HashMap<String, Person>> = LazyLock::new(|| {
        let sellers = make_sellers().into_iter().map(|seller| seller.person);
        sellers.chain(customers()).chain([admin()]).map(|person| (person.user.clone(), person)).collect()
    });
    PEOPLE.get(user).cloned()
}

/// The accounts of customers, [`DEMO_CUSTOMER`] first.
#[must_use]
pub fn customers() -> Vec<Person> {
    let mut random = Random::named("customers");
    let mut people = vec![Person::new(DEMO_CUSTOMER, "Amine Benali")];
    for number in 1..=BUYER_ACCOUNTS {
        people.push(Person::new(&format!("demo-buyer-{number:02}"), &full_name(&mut random)));
    }
    people
}

fn admin() -> Person {
    Person::new(DEMO_ADMIN, "Nadia Hamidi")
}

#[derive(Debug, Deserialize)]
struct Lists {
    first_names: Vec<String>,
    last_names: Vec<String>,
    first_names_ar: Vec<String>,
    last_names_ar: Vec<String>,
    /// `wilaya | commune`
    places: Vec<String>,
    streets: Vec<String>,
    notes: Vec<String>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| read("people.toml", include_str!("../../data/people.toml")));

/// A name in Latin letters, or one in five in Arabic ones.
pub(super) fn full_name(random: &mut Random) -> String {
    let (first, last) = if random.percent(20) {
        (&LISTS.first_names_ar, &LISTS.last_names_ar)
    } else {
        (&LISTS.first_names, &LISTS.last_names)
    };
    format!("{} {}", random.pick(first), random.pick(last))
}

/// A mobile number in its stored form.
pub(super) fn phone(random: &mut Random) -> String {
    format!("+213{}{:08}", random.pick(&[5, 6, 7]), random.between(10_000_000, 99_999_999))
}

/// Wilaya, commune and address of a delivery.
pub(super) fn place(random: &mut Random) -> (String, String, String) {
    let [wilaya, commune] = fields(random.pick::<String>(&LISTS.places));
    let address = format!("{} {}, {commune}", random.between(1, 180), random.pick(&LISTS.streets));
    (wilaya.to_owned(), commune.to_owned(), address)
}

/// What one buyer in three writes to the seller.
pub(super) fn note(random: &mut Random) -> Option<String> {
    random.percent(33).then(|| random.pick(&LISTS.notes).clone())
}
