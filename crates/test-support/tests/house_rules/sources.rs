//! Rules on Rust sources, read as text: what a layer may name.

use std::path::Path;

use crate::tree::{File, Violation, rust_files};

const LONG: usize = 400;
/// A line that bears this (or follows one that does) may break a rule; the rest of the comment says why.
const EXCEPTION: &str = "house-rules: allow";
/// Derives of diesel that make a domain type a row or a column.
const ROW_DERIVES: [&str; 9] = [
    "HasQuery",
    "Insertable",
    "Queryable",
    "QueryableByName",
    "Selectable",
    "Identifiable",
    "AsChangeset",
    "AsExpression",
    "FromSqlRow",
];
/// The column types that the attributes of those derives name.
const TYPES: &str = "sql_types";
const QUERIES: [&str; 8] = [
    "sql_query",
    "RunQueryDsl",
    "QueryDsl",
    "diesel::prelude",
    "insert_into(",
    "diesel::update(",
    "diesel::delete(",
    "diesel::select(",
];
/// Programs for people, and support of tests: nobody handles their errors. (`program.rs` is what every `main` calls.)
const PROGRAMS: [&str; 3] = ["local-market", "bench", "test-support"];

fn service_sources(root: &Path) -> Vec<File> {
    let all = rust_files(root);
    all.into_iter().filter(|file| file.path.starts_with("services/") && !file.is_test()).collect()
}

/// Whether the file is the module `layer` of its service or below it.
fn is_in(file: &File, layer: &str) -> bool {
    file.parts().get(3) == Some(&layer)
}

pub(crate) fn domain_knows_rules_alone(root: &Path) -> Vec<Violation> {
    let domain = service_sources(root).into_iter().filter(|file| is_in(file, "domain"));
    domain.flat_map(|file| file.report(domain_breach)).collect()
}

fn domain_breach(code: &str) -> Option<String> {
    for foreign in ["tonic", "lapin", "actix", "diesel_async", "protocol::", "async fn"] {
        if names(code, foreign) {
            return Some(format!("domain must not know {foreign}"));
        }
    }
    let path = code.split("diesel::").nth(1)?;
    let path = path.split(['}', ';', ')', '(']).next().unwrap_or_default();
    let (folder, items) = path.split_once('{').unwrap_or(("", path));
    if folder.starts_with(TYPES) {
        return None;
    }
    let mut items = items.split(',').map(str::trim).filter(|item| !item.is_empty() && !item.starts_with(TYPES));
    let derive = |item: &str| item.rsplit("::").next().is_some_and(|name| ROW_DERIVES.contains(&name));
    items.find(|item| !derive(item)).map(|item| format!("domain must not know diesel::{item}"))
}

pub(crate) fn transactions_only_in_operations(root: &Path) -> Vec<Violation> {
    let files = service_sources(root).into_iter().filter(|file| !is_in(file, "operations"));
    let breach = |code: &str| {
        let opened =
            names(code, "transaction(") || names(code, "build_transaction(") || code.contains("database::transaction");
        opened.then(|| "only operations open transactions".to_owned())
    };
    files.flat_map(|file| file.report(breach)).collect()
}

pub(crate) fn sql_only_in_store(root: &Path) -> Vec<Violation> {
    let files = service_sources(root).into_iter().filter(|file| !is_in(file, "store") && !is_in(file, "schema"));
    let breach = |code: &str| {
        let query = QUERIES.iter().find(|query| code.contains(**query))?;
        Some(format!("only store writes SQL, not `{query}`"))
    };
    files.flat_map(|file| file.report(breach)).collect()
}

pub(crate) fn status_only_at_the_border(root: &Path) -> Vec<Violation> {
    let sources = service_sources(root);
    let services: Vec<String> = sources.iter().map(|file| file.package().to_owned()).collect();
    // A call to another service fails with a status too: its client, `<service>_client`, and the error that carries it
    // may name it.
    let border = |file: &File| {
        let layers = ["grpc", "http", "upstream", "realtime", "error"];
        layers.iter().any(|layer| is_in(file, layer))
            || services.iter().any(|service| is_in(file, &format!("{service}_client")))
    };
    let breach = |code: &str| {
        let tonic = code.contains("tonic::");
        let status = tonic && ["Status", "Code"].iter().any(|name| names(code, name));
        status.then(|| "status codes belong to grpc and http".to_owned())
    };
    sources.iter().filter(|file| !border(file)).flat_map(|file| file.report(breach)).collect()
}

pub(crate) fn actix_only_in_http(root: &Path) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in service_sources(root) {
        let gateway = file.package() == "gateway";
        let edge = ["http", "realtime", "lib", "main", "app", "error"].iter().any(|layer| is_in(&file, layer));
        violations.extend(file.report(|code| {
            // The vocabulary of HTTP (methods, headers, codes) is for the whole gateway.
            let vocabulary = gateway && code.contains("actix_web::http::");
            let named = code.contains("actix") && !vocabulary && !(gateway && edge);
            named.then(|| "actix belongs to the gateway's http".to_owned())
        }));
    }
    violations
}

pub(crate) fn anyhow_only_in_programs(root: &Path) -> Vec<Violation> {
    let program = |file: &File| {
        ["main.rs", "program.rs"].iter().any(|name| file.path.ends_with(name)) || PROGRAMS.contains(&file.package())
    };
    let files = rust_files(root).into_iter().filter(|file| !file.is_test() && !program(file));
    let breach = |code: &str| names(code, "anyhow").then(|| "a library has errors of its own, not anyhow's".to_owned());
    files.flat_map(|file| file.report(breach)).collect()
}

pub(crate) fn tests_do_not_sleep(root: &Path) -> Vec<Violation> {
    let mut violations = Vec::new();
    // The rules themselves name what they look for.
    let tests = |file: &File| file.parts().get(2) == Some(&"tests") && !file.parts().contains(&"house_rules");
    for file in rust_files(root).into_iter().filter(tests) {
        let lines: Vec<&str> = file.text.lines().collect();
        let mut line = 0_usize;
        violations.extend(file.report(|code| {
            line += 1;
            let excepted = lines[line.saturating_sub(2)..line].iter().any(|text| text.contains(EXCEPTION));
            (names(code, "sleep(") && !excepted).then(|| "a test waits for a condition, it does not sleep".to_owned())
        }));
    }
    violations
}

pub(crate) fn modules_say_what_they_are_for(root: &Path) -> Vec<Violation> {
    let generated = |file: &File| is_in(file, "schema");
    let files = rust_files(root).into_iter().filter(|file| file.parts().get(2) == Some(&"src") && !generated(file));
    files
        .filter(|file| !file.text.starts_with("//!") && !file.text.starts_with("#![doc = include_str!"))
        .map(|file| Violation::of_file(&file.path, "lacks a `//!` that says what it is for"))
        .collect()
}

pub(crate) fn long_files(root: &Path) -> Vec<Violation> {
    let long = rust_files(root).into_iter().filter(|file| file.text.lines().count() > LONG);
    long.map(|file| Violation::of_file(&file.path, format!("{} lines", file.text.lines().count()))).collect()
}

/// Whether the code names `word`, not a longer name that ends in it.
fn names(code: &str, word: &str) -> bool {
    let part_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(at, _)| !code[..at].chars().next_back().is_some_and(part_of_name))
}
