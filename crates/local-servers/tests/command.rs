//! The program `local-servers`, as the Makefile calls it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_servers::{Kind, Server, free_port};

/// An empty working directory, with nothing but Redis to be started: the other two are named.
struct Workplace(PathBuf);

impl Workplace {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("zst-command-{}-{}", std::process::id(), free_port()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn call(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local-servers"));
        command.args(arguments).current_dir(&self.0);
        command.env_remove(Kind::Redis.variable());
        command.env(Kind::Postgres.variable(), "postgres://named").env(Kind::RabbitMq.variable(), "amqp://named");
        command
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default().trim().to_owned()
    }

    /// Starts a call and waits until it has written `url`.
    fn begin(&self, script: &str) -> Child {
        let mut call = self.call(&["with", "--name", "test", "--", "sh", "-c", script]);
        let child = call.stderr(Stdio::null()).spawn().unwrap();
        assert!(eventually(|| !self.read("url").is_empty()));
        child
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = self.call(&["reset"]).output();
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
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

fn answers(url: &str) -> bool {
    let port = url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
    port.is_some_and(|port| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())
}

fn kill(signal: &str, process: u32) {
    assert!(Command::new("sh").args(["-c", &format!("kill -s {signal} {process}")]).status().unwrap().success());
}

const WRITE_URL: &str = "echo $ZST_REDIS_URL > url.new; mv url.new url";

#[test]
fn the_command_gets_the_addresses_and_gives_its_exit_code() {
    let place = Workplace::new();
    let script = "echo $ZST_POSTGRES_URL $ZST_RABBITMQ_URL $ZST_REDIS_URL > urls; exit 7";
    let output = place.call(&["with", "--name", "test", "--", "sh", "-c", script]).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    let urls = place.read("urls");
    assert!(urls.starts_with("postgres://named amqp://named redis://127.0.0.1:"), "{urls}");
    assert!(!answers(&urls), "the server outlived the call");
    assert!(place.file(".local/test/redis/appendonlydir").exists(), "the data is gone");
}

#[test]
fn an_interrupt_reaches_the_command_once_and_the_servers_outlive_it() {
    let place = Workplace::new();
    // On the signal the command notes whether its server still answers, slowly.
    let script = format!(
        "trap 'echo again >> ints; sleep 0.3; redis-cli -u $ZST_REDIS_URL ping > drained; exit 3' INT; {WRITE_URL}; \
         while :; do sleep 0.05; done"
    );
    let mut child = place.begin(&script);
    kill("INT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(place.read("ints"), "again");
    assert_eq!(place.read("drained"), "PONG");
    assert!(!answers(&place.read("url")));
}

#[test]
fn a_killed_run_leaves_neither_server_nor_command() {
    let place = Workplace::new();
    let script = format!("trap 'echo > ended; exit' TERM; {WRITE_URL}; while :; do sleep 0.05; done");
    let mut child = place.begin(&script);
    kill("KILL", child.id());
    child.wait().unwrap();
    assert!(eventually(|| !answers(&place.read("url"))), "the server outlived its run");
    assert!(eventually(|| place.file("ended").exists()), "the command outlived its run");
}

#[test]
fn a_server_left_behind_is_taken_over_and_stopped() {
    let place = Workplace::new();
    assert!(place.call(&["up", "--name", "test"]).status().unwrap().success());
    // Without the wish of a person it is a leftover.
    fs::remove_file(place.file(".local/test/up")).unwrap();
    let record = place.read(".local/test/redis/server.pid");
    let script = format!("{WRITE_URL}; cat .local/test/redis/server.pid > record");
    assert!(place.call(&["with", "--name", "test", "--", "sh", "-c", &script]).status().unwrap().success());
    assert_eq!(place.read("record"), record, "another server was started beside it");
    assert!(!answers(&place.read("url")), "it was not stopped");
}

#[test]
fn servers_that_are_up_stay_up_until_down() {
    let place = Workplace::new();
    assert!(place.call(&["up", "--name", "test"]).status().unwrap().success());
    assert!(place.call(&["with", "--name", "test", "--", "sh", "-c", WRITE_URL]).status().unwrap().success());
    let url = place.read("url");
    assert!(answers(&url), "the run stopped what a person keeps up");
    assert!(place.call(&["down", "--name", "test"]).status().unwrap().success());
    assert!(!answers(&url));
}

#[test]
fn two_runs_of_one_name_get_servers_of_their_own_but_run_exists_once() {
    let place = Workplace::new();
    let script = format!("{WRITE_URL}; while [ ! -e go ]; do sleep 0.05; done");
    let mut first = place.begin(&script);
    let second = "test $ZST_REDIS_URL != $(cat url) && redis-cli -u $ZST_REDIS_URL ping";
    assert!(place.call(&["with", "--name", "test", "--", "sh", "-c", second]).status().unwrap().success());
    assert!(answers(&place.read("url")), "the second run stopped the first one's server");
    let reset = place.call(&["reset"]).output().unwrap();
    assert!(!reset.status.success(), "data in use was forgotten");
    fs::write(place.file("go"), "").unwrap();
    assert!(first.wait().unwrap().success());
}

#[test]
fn a_taken_port_of_run_is_one_line_and_a_failure() {
    let place = Workplace::new();
    // Somebody (perhaps a real `make run`) must hold the port; a server of ours does where nobody does.
    let folder = place.file("holder");
    let _holder = Server::start(Kind::Redis, &folder, 16_379).ok();
    let output = place.call(&["with", "--name", "run", "--", "true"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert_eq!(text.trim().lines().count(), 1, "{text}");
    assert!(text.contains("16379") && text.contains("ZST_REDIS_URL"), "{text}");
}

#[test]
fn reset_forgets_the_data_and_nothing_else() {
    let place = Workplace::new();
    assert!(place.call(&["with", "--name", "test", "--", "true"]).status().unwrap().success());
    fs::create_dir_all(place.file(".local/tools")).unwrap();
    assert!(place.call(&["reset"]).status().unwrap().success());
    assert!(!place.file(".local/test").exists());
    assert!(Path::new(&place.file(".local/tools")).exists());
}
