//! Settings, from environment variables alone. A setting is declared where it is read, once: the same call parses it,
//! names it in errors and lists it in `--help`, so that these cannot disagree.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A variable is missing or wrong. Its text names the variable and what to do, on one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}: {meaning}")]
pub struct EnvironmentError {
    /// Of the variable.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
    /// What it is for.
    pub meaning: String,
}

#[derive(Debug)]
struct Declared {
    name: String,
    default: Option<String>,
    meaning: String,
}

/// Where settings are read from.
#[derive(Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    /// Answers every read with a sample, for `--help`.
    describing: bool,
    declared: Mutex<Vec<Declared>>,
}

impl Environment {
    /// The process's own.
    #[must_use]
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Knows no value; reading a configuration from it collects what [`Environment::help`] lists.
    #[must_use]
    pub fn describing() -> Self {
        Self { describing: true, ..Self::default() }
    }

    /// A variable that must be set. `sample` shows its form.
    ///
    /// # Errors
    /// It is not set, or does not parse.
    pub fn required<T: FromStr>(&self, name: &str, sample: &str, meaning: &str) -> Result<T, EnvironmentError> {
        self.declare(name, None, meaning);
        let value = if self.describing { Some(sample.to_owned()) } else { self.value(name) };
        let value = value.ok_or_else(|| problem(name, &format!("is not set, such as `{sample}`"), meaning))?;
        parse(name, &value, meaning)
    }

    /// A variable with a default.
    ///
    /// # Errors
    /// It does not parse.
    pub fn or<T: FromStr>(&self, name: &str, default: &str, meaning: &str) -> Result<T, EnvironmentError> {
        self.declare(name, Some(default), meaning);
        parse(name, &self.value(name).unwrap_or_else(|| default.to_owned()), meaning)
    }

    /// A variable that may be absent.
    ///
    /// # Errors
    /// It does not parse.
    pub fn optional<T: FromStr>(&self, name: &str, meaning: &str) -> Result<Option<T>, EnvironmentError> {
        self.declare(name, Some(""), meaning);
        self.value(name).map(|value| parse(name, &value, meaning)).transpose()
    }

    /// A length of time with its unit: `250ms`, `5s`, `10m`, `24h`.
    ///
    /// # Errors
    /// It does not parse.
    pub fn duration(&self, name: &str, default: &str, meaning: &str) -> Result<Duration, EnvironmentError> {
        self.declare(name, Some(default), meaning);
        let value = self.value(name).unwrap_or_else(|| default.to_owned());
        parse_duration(&value)
            .ok_or_else(|| problem(name, &format!("is `{value}`, not a time such as 250ms, 5s, 10m or 24h"), meaning))
    }

    /// A comma list; spaces around entries and empty entries do not count.
    ///
    /// # Errors
    /// An entry does not parse.
    pub fn list<T: FromStr>(&self, name: &str, default: &str, meaning: &str) -> Result<Vec<T>, EnvironmentError> {
        self.declare(name, Some(default), meaning);
        let value = self.value(name).unwrap_or_else(|| default.to_owned());
        value
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| parse(name, entry, meaning))
            .collect()
    }

    /// An address to listen on.
    ///
    /// # Errors
    /// It does not parse.
    pub fn address(&self, name: &str, default: &str, meaning: &str) -> Result<SocketAddr, EnvironmentError> {
        self.or(name, default, meaning)
    }

    /// Every variable that was read so far: name, default, meaning.
    #[must_use]
    pub fn help(&self) -> String {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for Declared { name, default, meaning } in declared.iter() {
            let default = match default.as_deref() {
                None => "required".to_owned(),
                Some("") => "none".to_owned(),
                Some(default) => format!("default {default}"),
            };
            let _infallible = writeln!(text, "  {name} ({default})\n      {meaning}");
        }
        text
    }

    fn declare(&self, name: &str, default: Option<&str>, meaning: &str) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        if declared.iter().all(|known| known.name != name) {
            declared.push(Declared {
                name: name.to_owned(),
                default: default.map(str::to_owned),
                meaning: meaning.to_owned(),
            });
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        self.values.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { values, ..Self::default() }
    }
}

fn parse<T: FromStr>(name: &str, value: &str, meaning: &str) -> Result<T, EnvironmentError> {
    // The value is not repeated: it may be a secret.
    value.parse().map_err(|_unreadable| problem(name, "cannot be read", meaning))
}

fn problem(name: &str, problem: &str, meaning: &str) -> EnvironmentError {
    EnvironmentError { name: name.to_owned(), problem: problem.to_owned(), meaning: meaning.to_owned() }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3_600)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_names_its_variable_and_not_itself() {
        let environment: Environment = [("SHOP_POOL_SIZE", "secret-many")].into_iter().collect();
        let error = environment.or::<u32>("SHOP_POOL_SIZE", "8", "connections to the database").unwrap_err();
        assert_eq!(error.to_string(), "SHOP_POOL_SIZE cannot be read: connections to the database");
    }

    #[test]
    fn a_missing_one_says_what_it_looks_like() {
        let error = Environment::default().required::<String>("SHOP_URL", "postgres://…", "the database").unwrap_err();
        assert_eq!(error.to_string(), "SHOP_URL is not set, such as `postgres://…`: the database");
    }

    #[test]
    fn help_lists_what_a_configuration_reads() {
        let environment = Environment::describing();
        let _: String = environment.required("SHOP_URL", "postgres://…", "the database").unwrap();
        let patience = environment.duration("SHOP_PATIENCE", "5s", "how long it waits").unwrap();
        assert_eq!(patience, Duration::from_secs(5));
        assert_eq!(
            environment.help(),
            "  SHOP_URL (required)\n      the database\n  SHOP_PATIENCE (default 5s)\n      how long it waits\n"
        );
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("24h"), Some(Duration::from_secs(86_400)));
        for wrong in ["", "5", "s", "-5s", "5 s", "1.5s", "99999999999999999999h"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
