//! What tests that are made by chance are told from outside: seeds, times, numbers.

/// The number that a variable says, or the usual one.
#[expect(clippy::disallowed_methods, reason = "of a test, which has no --help")]
pub(crate) fn told(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
