//! Every server on a free port: started, hurt and stopped, with nothing left behind.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, thread};

use local_servers::{Error, Kind, Server, free_port};

/// A directory that everybody may enter and that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("zst-{name}-{}-{}", std::process::id(), free_port()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn eventually(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        // house-rules: allow sleep, between two looks at a condition with a deadline.
        thread::sleep(Duration::from_millis(20));
    }
    true
}

/// Processes whose command line or working files name this directory.
fn processes_of(directory: &Path) -> Vec<String> {
    let wanted = directory.to_str().unwrap();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let home = fs::read(entry.path().join("environ")).unwrap_or_default();
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            let text = String::from_utf8_lossy(&[home, b" ".to_vec(), line].concat()).replace('\0', " ");
            text.contains(wanted).then_some(text)
        })
        .collect()
}

fn survives_everything(kind: Kind) {
    let folder = Folder::new("hurt");
    let server = Server::start(kind, &folder.0, 0).unwrap();
    let port = server.port();
    assert!(server.is_ready());
    assert!(server.url().contains(&port.to_string()));

    server.freeze().unwrap();
    assert!(!server.is_ready(), "a frozen server answers");
    server.thaw().unwrap();
    assert!(eventually(|| server.is_ready()), "a thawed server does not answer");

    let first = server.process_id().unwrap();
    server.kill9().unwrap();
    assert!(!server.is_ready());
    assert!(matches!(server.freeze(), Err(Error::NotRunning { .. })));
    assert_eq!(processes_of(server.directory()), Vec::<String>::new());
    server.start_again().unwrap();
    assert!(server.is_ready());
    assert_ne!(server.process_id().unwrap(), first);

    server.restart().unwrap();
    assert_eq!(server.port(), port);
    assert!(server.is_ready());

    // A frozen server must not hold up its stop.
    server.freeze().unwrap();
    let directory = server.directory().to_owned();
    drop(server);
    assert_eq!(processes_of(&directory), Vec::<String>::new());

    // The data was kept: the same directory is started again on another port.
    let again = Server::start(kind, &folder.0, 0).unwrap();
    assert!(again.is_ready());
}

#[test]
fn postgres_survives_everything() {
    survives_everything(Kind::Postgres);
}

#[test]
fn redis_survives_everything() {
    survives_everything(Kind::Redis);
}

#[test]
fn rabbitmq_survives_everything() {
    survives_everything(Kind::RabbitMq);
}

#[test]
fn a_temporary_server_takes_its_data_along() {
    let server = Server::temporary(Kind::Redis).unwrap();
    let directory = server.directory().to_owned();
    assert!(directory.exists());
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let taken = Server::temporary(Kind::Redis).unwrap();
    let folder = Folder::new("taken");
    let error = Server::start(Kind::Redis, &folder.0, taken.port()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::PortTaken { .. }));
    assert!(text.contains(&taken.port().to_string()) && text.contains("ZST_REDIS_URL"), "{text}");
    assert!(taken.is_ready(), "the other server was harmed");
}

#[test]
fn two_instances_of_one_server_do_not_meet() {
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| Server::temporary(Kind::RabbitMq).unwrap());
        let second = scope.spawn(|| Server::temporary(Kind::RabbitMq).unwrap());
        (first.join().unwrap(), second.join().unwrap())
    });
    first.kill9().unwrap();
    assert!(second.is_ready());
}

#[test]
fn postgres_keeps_its_durability() {
    let server = Server::temporary(Kind::Postgres).unwrap();
    for (setting, wanted) in [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")] {
        let output = Command::new("psql").arg(server.url()).args(["-XAtc", &format!("show {setting}")]).output();
        assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap().trim(), wanted, "{setting}");
    }
}
