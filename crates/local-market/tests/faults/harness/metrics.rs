//! Metrics as Prometheus reads them: the text format 0.0.4, strictly.

use std::collections::{HashMap, HashSet};

/// Metrics by name with their kinds, or what is wrong with the text.
pub(crate) fn parse(text: &str) -> Result<HashMap<String, String>, String> {
    let mut families = HashMap::new();
    let mut described = HashSet::new();
    let mut series = HashSet::new();
    if !text.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    for line in text.lines().filter(|line| !line.is_empty()) {
        let wrong = |why: &str| format!("{why}: {line}");
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (keyword, name, rest) = (words.next(), words.next().unwrap_or_default(), words.next());
            let is_new = match keyword {
                Some("HELP") => described.insert(name),
                Some("TYPE") => {
                    let kind = rest.filter(|kind| ["counter", "gauge", "histogram", "summary"].contains(kind));
                    let kind = kind.ok_or_else(|| wrong("no kind"))?;
                    families.insert(name.to_owned(), kind.to_owned()).is_none()
                }
                _ => return Err(wrong("neither help nor a type")),
            };
            if !is_new || !is_name(name) {
                return Err(wrong("twice, or no name"));
            }
            continue;
        }
        let end = line.find(['{', ' ']).ok_or_else(|| wrong("no value"))?;
        let (name, rest) = line.split_at(end);
        let (labels, value) = labels(rest).ok_or_else(|| wrong("broken labels"))?;
        let value = value.strip_prefix(' ').ok_or_else(|| wrong("no space before the value"))?;
        if !is_name(name) || value.parse::<f64>().is_err() {
            return Err(wrong("no name, or no number"));
        }
        if !belongs(&families, name, &labels) {
            return Err(wrong("of no announced metric"));
        }
        if !series.insert((name, labels)) {
            return Err(wrong("the same series twice"));
        }
    }
    Ok(families)
}

/// A histogram's and a summary's samples have names of their own.
fn belongs(families: &HashMap<String, String>, name: &str, labels: &[(String, String)]) -> bool {
    let has = |label| labels.iter().any(|(name, _)| name == label);
    let kind = |name: &str| families.get(name).map(String::as_str);
    let part = |suffix| name.strip_suffix(suffix).and_then(kind);
    match kind(name) {
        Some("histogram") => false,
        Some("summary") => has("quantile"),
        Some(_) => true,
        None => {
            part("_bucket") == Some("histogram") && has("le")
                || matches!(part("_sum").or_else(|| part("_count")), Some("histogram" | "summary"))
        }
    }
}

/// The labels at the beginning in the order of their names, and what follows them.
fn labels(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let Some(mut rest) = text.strip_prefix('{') else { return Some((Vec::new(), text)) };
    let mut labels = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            labels.sort();
            let is_distinct = labels.windows(2).all(|pair: &[(String, String)]| pair[0].0 != pair[1].0);
            return is_distinct.then_some((labels, after));
        }
        if !labels.is_empty() {
            rest = rest.strip_prefix(',')?;
        }
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = quoted(after)?;
        labels.push((Some(name).filter(|name| is_name(name))?.to_owned(), value));
        rest = after;
    }
}

/// A text up to its closing quote, with `\\`, `\"` and `\n` in it, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => value.push(match letters.next()?.1 {
                'n' => '\n',
                letter @ ('\\' | '"') => letter,
                _ => return None,
            }),
            (_, letter) => value.push(letter),
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(|letter: char| is_part(letter) && !letter.is_ascii_digit()) && name.chars().all(is_part)
}

#[test]
fn what_is_no_prometheus_text_is_refused() {
    let good = "# HELP a_total says\n# TYPE a_total counter\na_total{x=\"1\",y=\"\\\"{,}\"} 5\na_total 1e3\n\
        # TYPE b histogram\nb_bucket{le=\"+Inf\"} 1\nb_sum 0.5\nb_count 1\n";
    assert_eq!(parse(good).unwrap().len(), 2);
    for (part, broken) in [
        ("a_total 1e3", "a_total one"),
        ("a_total 1e3", "a_total"),
        ("a_total 1e3", "a total 1"),
        ("a_total 1e3", "unknown 1"),
        ("y=", "x="),
        ("y=\"\\\"", "y=\"\\q"),
        ("x=\"1\",", "x=\"1\""),
        ("# TYPE b histogram", "# TYPE b tree"),
        ("# TYPE b histogram", "# TYPE a_total gauge"),
        ("b_bucket{le=\"+Inf\"} 1", "b_bucket 1"),
        ("b_count 1\n", "b_count 1"),
    ] {
        assert!(parse(&good.replace(part, broken)).is_err(), "{broken}");
    }
}
