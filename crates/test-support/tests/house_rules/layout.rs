//! Rules on files and folders.

use std::fs;
use std::path::Path;

use crate::tree::{Violation, files, rust_files};

const TOP_LEVEL: [&str; 22] = [
    ".cargo",
    ".ci",
    ".config",
    ".dockerignore",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".npmrc",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "deploy",
    "k8s",
    "migrations",
    "proto",
    "services",
];
const TOOLS: [&str; 2] = ["rust-toolchain.toml", "rustfmt.toml"];
/// Not committed: git's own, what is built or run, and what editors leave.
const PRIVATE: [&str; 7] = [".git", ".local", ".idea", ".vscode", ".envrc", ".DS_Store", "node_modules"];

pub(crate) fn no_mod_files(root: &Path) -> Vec<Violation> {
    let wrong = rust_files(root).into_iter().filter(|file| file.path.ends_with("/mod.rs"));
    wrong.map(|file| Violation::of_file(&file.path, "is named after its folder: `foo.rs` beside `foo/`")).collect()
}

pub(crate) fn top_level_is_known(root: &Path) -> Vec<Violation> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            ![&TOP_LEVEL[..], &TOOLS, &PRIVATE].concat().contains(&name.as_str()) && !name.starts_with("target")
        })
        .map(|name| Violation::of_file(&name, "has no place at the top level"))
        .collect()
}

pub(crate) fn services_are_complete(root: &Path) -> Vec<Violation> {
    let mut violations = Vec::new();
    for entry in fs::read_dir(root.join("services")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = format!("services/{name}");
        let manifest = fs::read_to_string(root.join(&folder).join("Cargo.toml")).unwrap_or_default();
        if !root.join(&folder).join("README.md").is_file() {
            violations.push(Violation::of_file(&folder, "lacks README.md"));
        }
        let has_database = manifest.lines().any(|line| line.starts_with("database.") || line.starts_with("database "));
        // standalone migrates the others' databases and owns none.
        if !has_database || name == "standalone" {
            continue;
        }
        if !root.join(&folder).join("src/schema.rs").is_file() {
            violations.push(Violation::of_file(&folder, "lacks src/schema.rs"));
        }
        let migrations = format!("migrations/{name}");
        let steps: Vec<_> = fs::read_dir(root.join(&migrations)).into_iter().flatten().flatten().collect();
        if steps.is_empty() {
            violations.push(Violation::of_file(&migrations, "holds no migration"));
        }
        for step in steps.iter().filter(|step| step.path().is_dir()) {
            for file in ["up.sql", "down.sql"].into_iter().filter(|file| !step.path().join(file).is_file()) {
                let step = step.file_name().to_string_lossy().into_owned();
                violations.push(Violation::of_file(&format!("{migrations}/{step}"), format!("lacks {file}")));
            }
        }
    }
    violations
}

pub(crate) fn texts_name_no_machine(root: &Path) -> Vec<Violation> {
    // Put together here, so that this file does not name them.
    let places =
        [["/wo", "rk/"], ["/ro", "ot/"], ["index.", "crates.io"], ["registry.", "npmjs.org"], ["py", "pi.org"]];
    let places = places.map(|parts| parts.concat());
    let texts = files(root, "").into_iter().filter(|file| file.path != "Cargo.lock");
    texts
        .flat_map(|file| {
            let named = places.iter().filter(|place| file.text.contains(place.as_str()));
            named.map(|place| Violation::of_file(&file.path, format!("names {place}"))).collect::<Vec<_>>()
        })
        .collect()
}
