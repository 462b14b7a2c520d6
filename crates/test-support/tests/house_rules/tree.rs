//! Reads the files of a repository, without what is built or private.

use std::fmt;
use std::fs;
use std::path::Path;

/// One breach of a rule.
#[derive(Debug)]
pub(crate) struct Violation {
    file: String,
    line: usize,
    what: String,
}

impl Violation {
    pub(crate) fn of_file(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.file, self.what),
            line => write!(formatter, "{}:{line}: {}", self.file, self.what),
        }
    }
}

/// A text file, by its path from the root.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The parts of the path: folders, then the name without its extension.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.path.trim_end_matches(".rs").split('/').collect()
    }

    /// The service or crate it belongs to.
    pub(crate) fn package(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// Whether it is part of a package's tests and not of what is shipped.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').nth(2) == Some("tests") || self.parts().contains(&"tests")
    }

    /// Reports each line of code (comments left out) that `breaks` the rule, which says how.
    pub(crate) fn report(&self, mut breaks: impl FnMut(&str) -> Option<String>) -> Vec<Violation> {
        let lines = self.text.lines().enumerate();
        lines
            .filter_map(|(index, line)| {
                let code = line.split("//").next().unwrap_or_default();
                breaks(code).map(|what| Violation { file: self.path.clone(), line: index + 1, what })
            })
            .collect()
    }
}

/// All text files below a folder of the root, sorted by path.
pub(crate) fn files(root: &Path, folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(root, &root.join(folder), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// All Rust files of `services` and `crates`.
pub(crate) fn rust_files(root: &Path) -> Vec<File> {
    let all = ["services", "crates"].into_iter().flat_map(|folder| files(root, folder));
    all.filter(|file| file.path.ends_with(".rs")).collect()
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            let built = name.starts_with("target") || matches!(&*name, ".git" | ".local" | "node_modules");
            if !built {
                collect(root, &path, found);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root).expect("it was found below the root").to_string_lossy().into_owned();
            found.push(File { path, text });
        }
    }
}
