//! The rules for texts people write: trimmed, no control characters, something to see, a length in characters.

use std::ops::RangeInclusive;

/// Why a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A control character other than line feed and tab.
    #[error("must not contain control characters")]
    Control,
    /// Nothing visible is left of a required text.
    #[error("must not be empty")]
    Blank,
    /// The least and the greatest number of characters.
    #[error("must have {0} to {1} characters")]
    Length(usize, usize),
}

/// Trimmed; refuses control characters other than line feed and tab. May be empty.
///
/// # Errors
/// [`TextError::Control`].
pub fn clean(text: &str) -> Result<String, TextError> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(TextError::Control);
    }
    Ok(text.to_owned())
}

/// As [`clean`], and with something to see.
///
/// # Errors
/// [`TextError::Control`], [`TextError::Blank`].
pub fn required(text: &str) -> Result<String, TextError> {
    let text = clean(text)?;
    if is_blank(&text) { Err(TextError::Blank) } else { Ok(text) }
}

/// As [`clean`], with a number of characters in `limits`; visible when they begin above zero.
///
/// # Errors
/// Each [`TextError`].
pub fn within(text: &str, limits: RangeInclusive<usize>) -> Result<String, TextError> {
    let text = if *limits.start() == 0 { clean(text)? } else { required(text)? };
    if limits.contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(TextError::Length(*limits.start(), *limits.end()))
    }
}

/// Whether there is nothing to see in it.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Characters of no width, and those that only steer or fill: joiners, marks of direction, fillers, tags, selectors.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_trimmed_and_keeps_its_lines() {
        assert_eq!(clean("  deux\n\tlignes \r\n").unwrap(), "deux\n\tlignes");
        assert_eq!(clean("   ").unwrap(), "");
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["a\0b", "a\rb", "a\u{7f}b", "a\u{85}b", "\u{1b}[31m"] {
            assert_eq!(clean(text), Err(TextError::Control), "{text:?}");
        }
    }

    #[test]
    fn a_required_text_must_show_something() {
        for text in ["", "  ", "\u{200b}", "\u{feff} \u{2060}", "\u{3164}", "\u{2800}"] {
            assert_eq!(required(text), Err(TextError::Blank), "{text:?}");
        }
        assert_eq!(required(" . ").unwrap(), ".");
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(within("قهوة", 4..=4).unwrap(), "قهوة");
        assert_eq!(within(" ab ", 3..=5), Err(TextError::Length(3, 5)));
        assert_eq!(within("", 0..=5).unwrap(), "");
        assert_eq!(within("\u{200b}", 1..=5), Err(TextError::Blank));
    }
}
