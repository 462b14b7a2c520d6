//! Rules on `Cargo.toml` and `Cargo.lock`.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::tree::{Violation, files};

/// Shared crates and the crates of ours they may use; a crate that is not named here may use none.
///
/// access-token stands on two of them: a token carries typed ids, and what is wrong with one is a refusal like any other.
const DOWNWARDS: [(&str, &[&str]); 5] = [
    ("events", &["database", "service-error", "service-runtime", "commerce-types"]),
    ("database", &["service-error", "service-runtime"]),
    ("protocol", &["commerce-types", "service-error"]),
    ("access-token", &["commerce-types", "service-error"]),
    ("service-error", &["protocol"]),
];
/// Crates that are no part of a production program: free to use the others, never used by them.
const DEVELOPMENT: [&str; 5] = ["test-support", "local-servers", "local-s3", "local-market", "bench"];
const UNWANTED: [&str; 6] = ["openssl-sys", "openssl", "native-tls", "pq-sys", "aws-lc-sys", "boring"];
const COMPOSER: &str = "standalone";
const MARKET: &str = "local-market";

struct Manifest {
    path: String,
    /// `services` or `crates`.
    folder: String,
    name: String,
    table: Table,
}

impl Manifest {
    /// The names in the tables of dependencies; those for tests only if asked for.
    fn dependencies(&self, with_tests: bool) -> Vec<&str> {
        let mut sections = vec!["dependencies", "build-dependencies"];
        if with_tests {
            sections.push("dev-dependencies");
        }
        let tables = sections.into_iter().filter_map(|section| self.table.get(section)?.as_table());
        tables.flat_map(|table| table.keys().map(String::as_str)).collect()
    }

    fn complain(&self, what: impl Into<String>) -> Violation {
        Violation::of_file(&self.path, what)
    }
}

fn manifests(root: &Path) -> Vec<Manifest> {
    let all = ["services", "crates"].into_iter().flat_map(|folder| files(root, folder));
    all.filter(|file| file.path.split('/').count() == 3 && file.path.ends_with("/Cargo.toml"))
        .map(|file| {
            let folder = file.path.split('/').next().unwrap_or_default().to_owned();
            let table = file.text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
            Manifest { folder, name: file.package().to_owned(), table, path: file.path }
        })
        .collect()
}

fn names(manifests: &[Manifest], folder: &str) -> Vec<String> {
    manifests.iter().filter(|one| one.folder == folder).map(|one| one.name.clone()).collect()
}

pub(crate) fn services_stay_apart(root: &Path) -> Vec<Violation> {
    let manifests = manifests(root);
    let services = names(&manifests, "services");
    let mut violations = Vec::new();
    for manifest in manifests.iter().filter(|manifest| manifest.name != COMPOSER) {
        for dependency in manifest.dependencies(true) {
            let allowed = manifest.name == MARKET && dependency == COMPOSER;
            if services.iter().any(|service| service == dependency) && !allowed {
                violations.push(manifest.complain(format!("depends on the service {dependency}")));
            }
        }
    }
    violations
}

pub(crate) fn crates_depend_downwards(root: &Path) -> Vec<Violation> {
    let manifests = manifests(root);
    let crates = names(&manifests, "crates");
    let mut violations = Vec::new();
    for manifest in &manifests {
        let allowed = DOWNWARDS.iter().find(|(name, _)| *name == manifest.name).map_or(&[][..], |(_, below)| *below);
        let free = manifest.folder == "services" || DEVELOPMENT.contains(&manifest.name.as_str());
        for dependency in manifest.dependencies(false) {
            let ours = crates.iter().any(|name| name == dependency);
            let development = DEVELOPMENT.contains(&dependency);
            let upwards = ours && !free && !allowed.contains(&dependency);
            let ships_development = development && !DEVELOPMENT.contains(&manifest.name.as_str());
            if upwards || ships_development {
                violations.push(manifest.complain(format!("must not depend on {dependency}")));
            }
        }
    }
    violations
}

pub(crate) fn test_support_is_for_tests(root: &Path) -> Vec<Violation> {
    let users = manifests(root);
    let wrong = users.iter().filter(|manifest| manifest.dependencies(false).contains(&"test-support"));
    wrong.map(|manifest| manifest.complain("test-support must be a dev-dependency")).collect()
}

pub(crate) fn lapin_only_through_events(root: &Path) -> Vec<Violation> {
    only_in(root, "lapin", &["events", "test-support"], &[MARKET])
}

pub(crate) fn jwt_only_where_tokens_are(root: &Path) -> Vec<Violation> {
    only_in(root, "jwt-simple", &["access-token", "gateway", MARKET], &[])
}

/// A crate that only the named packages may use, some of them only in tests.
fn only_in(root: &Path, wanted: &str, packages: &[&str], in_tests: &[&str]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for manifest in manifests(root) {
        let name = manifest.name.as_str();
        let tests_may = packages.contains(&name) || in_tests.contains(&name);
        let used = manifest.dependencies(false).contains(&wanted) && !packages.contains(&name);
        let tested = manifest.dependencies(true).contains(&wanted) && !tests_may;
        if used || tested {
            violations.push(manifest.complain(format!("must not depend on {wanted}")));
        }
    }
    violations
}

pub(crate) fn lints_are_inherited(root: &Path) -> Vec<Violation> {
    let inherits = |manifest: &Manifest| {
        let lints = manifest.table.get("lints").and_then(Value::as_table);
        // Generated code needs lints of its own.
        manifest.name == "protocol" || lints.is_some_and(|lints| lints.contains_key("workspace"))
    };
    let all = manifests(root);
    all.iter().filter(|one| !inherits(one)).map(|one| one.complain("lacks `[lints] workspace = true`")).collect()
}

pub(crate) fn no_unwanted_crates(root: &Path) -> Vec<Violation> {
    let text = fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    let lock: Table = text.parse().expect("Cargo.lock is TOML");
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    packages
        .filter_map(|package| {
            let name = package.get("name")?.as_str()?;
            let source = package.get("source").and_then(Value::as_str);
            let foreign =
                source.is_some_and(|source| !source.starts_with("registry+") || !source.contains("crates.io"));
            let what = if UNWANTED.contains(&name) {
                format!("{name} is in the tree")
            } else if foreign {
                format!("{name} does not come from crates.io")
            } else {
                return None;
            };
            Some(Violation::of_file("Cargo.lock", what))
        })
        .collect()
}
