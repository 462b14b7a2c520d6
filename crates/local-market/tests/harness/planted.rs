//! What must stand in no log, trace or metric: secrets, tokens, and what tests say of people.

use test_support::SECRET;

use crate::harness::settings::TRACKING_SECRET;

/// Told as a person's by one test or another. Phones and e-mail addresses are found by their form.
const OF_PEOPLE: [&str; 6] = ["Amina Haddad", "Haddad", "Didouche", "Amina Benali", "Mourad", "El Madania"];
/// Beginnings of tokens and secrets: a JSON Web Token, whatever stands in a header, Clerk's webhook secrets, push tokens.
const OF_TOKENS: [&str; 5] = ["eyJ", "Bearer ", "whsec_", "ExponentPushToken[", "ExpoPushToken["];

/// The lines of a text that hold something of it, each with what it is.
pub(crate) fn found(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| Some(format!("`{}` in {line}", of_line(line)?))).collect()
}

fn of_line(line: &str) -> Option<&str> {
    let known = OF_PEOPLE.into_iter().chain(OF_TOKENS).chain([SECRET, TRACKING_SECRET]);
    known
        .into_iter()
        .find(|word| line.contains(word))
        .or_else(|| words(line).find(|word| is_email(word) || is_phone(word)))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !(letter.is_alphanumeric() || "@.+-_".contains(letter)))
}

/// `somebody@order.dz`; an address of a server has a number behind it.
fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.rsplit_once('.').is_some_and(|(_, top)| top.chars().all(char::is_alphabetic))
    })
}

/// `0555123456` or `+213555123456`, a mobile phone as people or the market write it.
fn is_phone(word: &str) -> bool {
    let local = word.strip_prefix("+213").or_else(|| word.strip_prefix('0')).unwrap_or_default();
    local.len() == 9 && local.starts_with(['5', '6', '7']) && local.chars().all(|digit| digit.is_ascii_digit())
}

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let told = [
        "{\"name\":\"Amina Haddad\"}",
        "{\"token\":\"eyJhbGciOiJSUzI1NiJ9.e30.c2ln\"}",
        "mail to rym@example.dz.",
        "path=/orders/track?phone=0555123456",
        "phone: +213666999888",
        &format!("secrets: {SECRET}"),
    ];
    for line in told {
        assert_eq!(found(line).len(), 1, "{line}");
    }
    let harmless =
        "{\"url\":\"amqp://guest@127.0.0.1:5672\",\"id\":\"0193f1e0-0555-7123-4560-213555123456\",\"n\":0555}";
    assert_eq!(found(harmless), Vec::<String>::new());
}
