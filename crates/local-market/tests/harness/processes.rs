//! The processes of one market: where each is, what it is told, and what it wrote.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use local_servers::free_port;
use reqwest::Client;
use test_support::eventually;

use crate::harness::planted;
use crate::harness::program::{self, Program};
use crate::harness::settings::{Settings, named};

/// Longer than a start takes that works.
const START: Duration = Duration::from_secs(30);
/// Nobody waits for an answer longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where one process is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// `gateway`, `other gateway`.
    pub(crate) name: &'static str,
    pub(crate) service: &'static str,
    pub(crate) port: u16,
    pub(crate) private_port: u16,
}

impl Place {
    /// Free ports for a process; `other gateway` is a gateway.
    pub(crate) fn new(name: &'static str) -> Self {
        let service = name.rsplit(' ').next().unwrap();
        Self { name, service, port: free_port(), private_port: free_port() }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }
}

/// One program in each place. Dropped, they are killed, and what they wrote is searched for what must not be there.
pub(crate) struct Processes {
    programs: Mutex<HashMap<&'static str, Program>>,
    places: Vec<Place>,
    settings: Settings,
    logs: PathBuf,
    /// A kept connection would break with its process in the next request.
    pub(crate) http: Client,
}

impl Processes {
    /// None is started yet. The settings say everything but where the services are.
    pub(crate) fn new(places: Vec<Place>, mut settings: Settings) -> Self {
        let one_of_each = || places.iter().filter(|place| place.name == place.service);
        for called in one_of_each() {
            let processes = places.iter().filter(|place| place.service == called.service);
            let urls: Vec<String> = processes.map(|place| format!("http://{}", place.addr())).collect();
            for caller in one_of_each() {
                let name = format!("{}_{}_URL", caller.service.to_uppercase(), called.service.to_uppercase());
                settings.push((name, urls.join(",")));
            }
        }
        let logs = std::env::temp_dir().join(format!("zst-logs-{}-{}", std::process::id(), free_port()));
        fs::create_dir_all(&logs).unwrap();
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(PATIENCE).build().unwrap();
        Self { programs: Mutex::default(), places, settings, logs, http }
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    pub(crate) fn place(&self, name: &str) -> &Place {
        self.places.iter().find(|place| place.name == name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// Starts a process in every place and waits until each is ready.
    pub(crate) async fn launch_all(&self) {
        for place in &self.places {
            self.launch(place.name, &[]);
        }
        join_all(self.places.iter().map(|place| self.becomes_ready(place.name))).await;
    }

    /// Starts one process and waits for nothing.
    pub(crate) fn launch(&self, name: &str, changes: &[(&str, &str)]) {
        let place = *self.place(name);
        let program = Program::start(place.service, &self.environment(name, changes), &self.log(name));
        assert!(self.programs().insert(place.name, program).is_none(), "{name} runs already");
    }

    /// Waits until a process says that it can work.
    pub(crate) async fn becomes_ready(&self, name: &str) {
        let url = self.private(name, "/health/ready");
        eventually(START, async || {
            assert!(self.is_running(name), "{name} ended instead of getting ready");
            self.http.get(&url).send().await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// A path at the private port of a process.
    pub(crate) fn private(&self, name: &str, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.place(name).private_port)
    }

    /// The environment of a process.
    pub(crate) fn environment(&self, name: &str, changes: &[(&str, &str)]) -> Settings {
        let place = self.place(name);
        let service = place.service.to_uppercase();
        let port = if place.service == "gateway" { "ADDR" } else { "GRPC_ADDR" };
        let own = [
            (format!("{service}_{port}"), place.addr().to_string()),
            (format!("{service}_PRIVATE_ADDR"), format!("127.0.0.1:{}", place.private_port)),
        ];
        self.settings.iter().cloned().chain(own).chain(named(changes)).collect()
    }

    /// Runs a command of a service to its end.
    pub(crate) async fn run(&self, name: &str, arguments: &[&str], changes: &[(&str, &str)]) -> Output {
        program::run(self.place(name).service, arguments, &self.environment(name, changes)).await
    }

    /// Kills a process as the machine does.
    pub(crate) fn kill(&self, name: &str) {
        self.take(name).kill();
    }

    /// Sends a signal to a process, such as `STOP`.
    pub(crate) fn signal(&self, name: &str, signal: &str) {
        self.programs()[name].signal(signal);
    }

    /// Waits until a process has ended by itself.
    pub(crate) async fn ends(&self, name: &str) -> ExitStatus {
        let program = self.take(name);
        program.end().await
    }

    /// Asks all to end, and fails when one of them does not end well.
    pub(crate) fn end_all(&self) {
        let programs: Vec<(&str, Program)> = self.programs().drain().collect();
        for (_, program) in &programs {
            program.signal("TERM");
        }
        for (name, program) in programs {
            let status = program.wait();
            assert!(status.success(), "{name} ended with {status}");
        }
    }

    /// Bytes of memory that a process has (`VmRSS`).
    pub(crate) fn resident(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.programs()[name].id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    pub(crate) fn is_running(&self, name: &str) -> bool {
        self.programs().get_mut(name).is_some_and(Program::is_running)
    }

    /// What a process has written so far.
    pub(crate) fn told(&self, name: &str) -> String {
        fs::read_to_string(self.log(name)).unwrap_or_default()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{}.log", name.replace(' ', "-")))
    }

    fn take(&self, name: &str) -> Program {
        self.programs().remove(name).unwrap_or_else(|| panic!("{name} does not run"))
    }

    fn programs(&self) -> MutexGuard<'_, HashMap<&'static str, Program>> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.programs().clear();
        let mut told = Vec::new();
        for place in &self.places {
            let text = self.told(place.name);
            if std::thread::panicking() {
                show_end(place.name, &text);
            }
            told.extend(planted::found(&text).into_iter().map(|line| format!("{}: {line}", place.name)));
        }
        // Left for the system to sweep if it cannot be removed.
        let _kept = fs::remove_dir_all(&self.logs);
        if !std::thread::panicking() {
            assert!(told.is_empty(), "the logs tell what nobody may read:\n{}", told.join("\n"));
        }
    }
}

/// The last complaints of a process whose test failed.
fn show_end(name: &str, text: &str) {
    let complaints: Vec<&str> = text.lines().filter(|line| !line.contains("\"INFO\"")).collect();
    let end = complaints.len().saturating_sub(12);
    eprintln!("---- {name}\n{}", complaints[end..].join("\n"));
}
