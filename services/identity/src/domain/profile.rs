//! What the owner of an account may change of it.

use commerce_types::{Phone, text};

use crate::domain::Refused;

/// Absent members stay; of the others, absent inside means cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProfileChanges {
    pub(crate) full_name: Option<String>,
    pub(crate) phone: Option<Option<String>>,
    pub(crate) wilaya: Option<Option<String>>,
    pub(crate) bio: Option<Option<String>>,
    pub(crate) avatar_url: Option<Option<String>>,
}

impl ProfileChanges {
    /// The changes as they are stored: trimmed, the phone in its one form.
    ///
    /// # Errors
    /// [`Refused::Invalid`] names every field that is not taken.
    pub(crate) fn checked(self) -> Result<Self, Refused> {
        let mut problems = Vec::new();
        let phone = |phone: &str| phone.parse::<Phone>().map(|phone| phone.as_str().to_owned());
        let limits = |limits: std::ops::RangeInclusive<usize>| move |text: &str| text::within(text, limits.clone());
        let checked = Self {
            full_name: check("full_name", self.full_name.map(Some), limits(2..=100), &mut problems).flatten(),
            phone: check("phone", self.phone, phone, &mut problems),
            wilaya: check("wilaya", self.wilaya, limits(2..=50), &mut problems),
            bio: check("bio", self.bio, limits(0..=1_000), &mut problems).map(|bio| bio.filter(|bio| !bio.is_empty())),
            avatar_url: check("avatar_url", self.avatar_url, limits(1..=2_048), &mut problems),
        };
        if problems.is_empty() { Ok(checked) } else { Err(Refused::Invalid(problems)) }
    }
}

type Change = Option<Option<String>>;

fn check<E: ToString>(
    field: &'static str,
    change: Change,
    rule: impl Fn(&str) -> Result<String, E>,
    problems: &mut Vec<(&'static str, String)>,
) -> Change {
    let Some(Some(text)) = change else { return change };
    match rule(&text) {
        Ok(text) => Some(Some(text)),
        Err(problem) => {
            problems.push((field, problem.to_string()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_brought_into_their_form() {
        let changes = ProfileChanges {
            full_name: Some("  Amina Benali ".to_owned()),
            phone: Some(Some("0555 12 34 56".to_owned())),
            wilaya: Some(None),
            bio: Some(Some("  ".to_owned())),
            avatar_url: None,
        };
        let checked = changes.checked().unwrap();
        assert_eq!(checked.full_name.as_deref(), Some("Amina Benali"));
        assert_eq!(checked.phone, Some(Some("+213555123456".to_owned())));
        assert_eq!((checked.wilaya, checked.bio, checked.avatar_url), (Some(None), Some(None), None));
    }

    #[test]
    fn every_wrong_value_is_named() {
        let changes = ProfileChanges {
            full_name: Some("A".to_owned()),
            phone: Some(Some("12".to_owned())),
            wilaya: Some(Some("x".repeat(51))),
            bio: Some(Some("x".repeat(1_001))),
            avatar_url: Some(Some(String::new())),
        };
        let Err(Refused::Invalid(problems)) = changes.checked() else { panic!("taken") };
        let fields: Vec<_> = problems.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["full_name", "phone", "wilaya", "bio", "avatar_url"]);
    }
}
