//! What a verified token says of its owner beside who it is. Optional in every way: what cannot be used is left out.

use commerce_types::text;

const EMAIL_LENGTH: usize = 320;
const NAME_LENGTH: usize = 100;
const URL_LENGTH: usize = 2_048;

/// Name, e-mail and picture, each as it may stand in a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) picture: Option<String>,
}

impl Claims {
    /// Keeps of each what a profile can hold.
    pub(crate) fn new(name: Option<&str>, email: Option<&str>, picture: Option<&str>) -> Self {
        Self {
            name: name.and_then(usable_name),
            email: email.and_then(usable_email),
            picture: picture.and_then(usable_url),
        }
    }
}

/// Cut rather than refused: the name is somebody's, however long.
fn usable_name(name: &str) -> Option<String> {
    let visible: String = name.chars().filter(|c| !c.is_control()).collect();
    let cut: String = visible.trim().chars().take(NAME_LENGTH).collect();
    text::required(&cut).ok()
}

fn usable_email(email: &str) -> Option<String> {
    let email = text::within(email, 3..=EMAIL_LENGTH).ok()?;
    let (local, domain) = email.split_once('@')?;
    let plain = !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace);
    plain.then_some(email)
}

fn usable_url(url: &str) -> Option<String> {
    let url = text::within(url, 9..=URL_LENGTH).ok()?;
    let plain = url.starts_with("https://") && !url.contains(char::is_whitespace);
    plain.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usable_claims_are_kept() {
        let claims = Claims::new(Some("  Amina \u{7}B. "), Some("a@b.dz"), Some("https://img.clerk.com/x"));
        assert_eq!(claims.name.as_deref(), Some("Amina B."));
        assert_eq!(claims.email.as_deref(), Some("a@b.dz"));
        assert_eq!(claims.picture.as_deref(), Some("https://img.clerk.com/x"));
    }

    #[test]
    fn others_are_left_out() {
        let none = Claims::default();
        assert_eq!(Claims::new(Some("\u{200b} "), Some("no address"), Some("http://img.clerk.com/x")), none);
        assert_eq!(Claims::new(Some(""), Some("@"), Some("javascript:alert(1)")), none);
        assert_eq!(Claims::new(None, Some(&"a@".repeat(200)), Some(&format!("https://{}", "a".repeat(3_000)))), none);
    }

    #[test]
    fn a_long_name_is_cut() {
        let claims = Claims::new(Some(&"é".repeat(150)), None, None);
        assert_eq!(claims.name.unwrap().chars().count(), 100);
    }
}
