//! The program as the Makefile calls it: what it refuses, and in how many words.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Settings of a machine on which everything is there.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-market"));
    command
        .args(arguments)
        .env("ZST_POSTGRES_URL", test_support::servers::postgres_url())
        .env("ZST_REDIS_URL", test_support::servers::redis_url())
        .env("ZST_RABBITMQ_URL", test_support::servers::rabbitmq_url())
        .env("ZST_LOCAL_DIR", folder())
        .env("PORT", "0")
        .env("CLERK_PORT", "0");
    command
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("zst-market-{}", std::process::id()))
}

/// The one line with which it refused.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn a_taken_port_is_told_with_the_variable_that_moves_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let variables = [
        ("PORT", port.to_string()),
        ("CLERK_PORT", port.to_string()),
        ("S3_PORT", port.to_string()),
        ("PUBLIC_MEDIA_PORT", port.to_string()),
        ("CATALOG_GRPC_ADDR", format!("127.0.0.1:{port}")),
    ];
    for (variable, value) in variables {
        let line = refusal(&program(&["run"]).env(variable, value).output().unwrap());
        assert!(line.contains(&format!("port {port} is taken")) && line.contains(variable), "{line}");
    }
}

#[test]
fn a_wrong_variable_is_named() {
    for (variable, value) in [
        ("PORT", "eighty"),
        ("ZST_POSTGRES_URL", ""),
        ("ZST_POSTGRES_URL", "http://127.0.0.1"),
        ("ZST_POSTGRES_URL", "postgres://127.0.0.1:1/postgres"),
        ("S3_PORT", "much"),
        ("GATEWAY_RATE_LIMIT_FACTOR", "much"),
        ("RUST_LOG", "=="),
    ] {
        let line = refusal(&program(&["run"]).env(variable, value).output().unwrap());
        assert!(line.contains(variable), "{line}");
    }
}

#[test]
fn a_command_that_it_does_not_know_changes_nothing() {
    let line = refusal(&program(&["walk"]).output().unwrap());
    assert!(line.contains("`walk`") && line.contains("--help"), "{line}");
}

#[test]
fn help_names_every_variable_of_its_own() {
    let output = program(&["--help"]).env_remove("ZST_POSTGRES_URL").output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    for name in [
        "PORT",
        "CLERK_PORT",
        "S3_PORT",
        "PUBLIC_MEDIA_PORT",
        "ZST_POSTGRES_URL",
        "ZST_REDIS_URL",
        "ZST_RABBITMQ_URL",
        "ZST_LOCAL_DIR",
        "ZST_S3_ENDPOINT",
        "ZST_S3_BUCKET",
        "ZST_S3_REGION",
        "ZST_S3_ACCESS_KEY",
        "ZST_S3_SECRET_KEY",
        "ZST_MEDIA_URL",
    ] {
        assert!(text.contains(&format!("  {name} (")), "{name}");
    }
}
