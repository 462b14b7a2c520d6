//! The rules of the house that a compiler does not know: who may depend on whom, what each layer may touch, what lies where.
//!
//! A rule takes the root of a repository and reports what breaks it. This repository breaks none, and a small repository
//! that breaks every one of them is reported by every one of them: a rule that cannot fail proves nothing.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "house_rules/fixture.rs"]
mod fixture;
#[path = "house_rules/layout.rs"]
mod layout;
#[path = "house_rules/manifests.rs"]
mod manifests;
#[path = "house_rules/sources.rs"]
mod sources;
#[path = "house_rules/tree.rs"]
mod tree;

use std::path::{Path, PathBuf};

use tree::Violation;

type Rule = (&'static str, fn(&Path) -> Vec<Violation>);

const RULES: [Rule; 19] = [
    ("services never depend on one another", manifests::services_stay_apart),
    ("crates depend downwards", manifests::crates_depend_downwards),
    ("test-support is a dev-dependency", manifests::test_support_is_for_tests),
    ("lapin only through events", manifests::lapin_only_through_events),
    ("jwt-simple only where tokens are made or read", manifests::jwt_only_where_tokens_are),
    ("every package takes the lints of the workspace", manifests::lints_are_inherited),
    ("no second TLS and no C library for the database", manifests::no_unwanted_crates),
    ("domain knows rules alone", sources::domain_knows_rules_alone),
    ("transactions only in operations", sources::transactions_only_in_operations),
    ("SQL only in store", sources::sql_only_in_store),
    ("status codes only at the border", sources::status_only_at_the_border),
    ("actix only in the gateway's http", sources::actix_only_in_http),
    ("anyhow only in programs and tests", sources::anyhow_only_in_programs),
    ("tests do not sleep", sources::tests_do_not_sleep),
    ("every module says what it is for", sources::modules_say_what_they_are_for),
    ("no mod.rs", layout::no_mod_files),
    ("the top level holds what it should", layout::top_level_is_known),
    ("services are complete", layout::services_are_complete),
    ("no text names a machine", layout::texts_name_no_machine),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

#[test]
fn this_repository_keeps_the_rules() {
    let root = repository();
    let report: Vec<String> = RULES
        .iter()
        .flat_map(|(name, rule)| rule(&root).into_iter().map(move |violation| format!("{name}: {violation}")))
        .collect();
    assert!(report.is_empty(), "{} broken rules\n{}", report.len(), report.join("\n"));
}

#[test]
fn every_rule_reports_a_repository_that_breaks_it() {
    let broken = fixture::Fixture::broken();
    let silent: Vec<&str> =
        RULES.iter().filter(|(_, rule)| rule(broken.root()).is_empty()).map(|(name, _)| *name).collect();
    assert!(silent.is_empty(), "these rules saw nothing wrong: {silent:?}");
}

#[test]
fn every_planted_mistake_is_found() {
    let broken = fixture::Fixture::broken();
    let found: Vec<String> = RULES.iter().flat_map(|(_, rule)| rule(broken.root())).map(|it| it.to_string()).collect();
    let missed: Vec<&str> = fixture::MISTAKES
        .iter()
        .filter(|mistake| !found.iter().any(|line| line.contains(**mistake)))
        .copied()
        .collect();
    assert!(missed.is_empty(), "missed {missed:?} among\n{}", found.join("\n"));
}

#[test]
fn no_rule_reports_a_repository_that_keeps_them_all() {
    let sound = fixture::Fixture::sound();
    let found: Vec<String> = RULES.iter().flat_map(|(_, rule)| rule(sound.root())).map(|it| it.to_string()).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Not a failure: above this length there is usually a second thing hiding in a file.
#[test]
fn long_files_are_pointed_out() {
    for violation in sources::long_files(&repository()) {
        eprintln!("warning: {violation}");
    }
    assert!(!sources::long_files(fixture::Fixture::broken().root()).is_empty());
}
