//! Processes and signals, through `/proc` and the shell's `kill`.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(10);

/// A process, known by its id and the tick it started at: a recycled id is never taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) started: u64,
}

struct Stat {
    parent: u32,
    process: Process,
}

impl Process {
    /// The process of this id, unless there is none or it is only waiting to be buried.
    pub(crate) fn find(id: u32) -> Option<Self> {
        read_stat(id).map(|stat| stat.process)
    }

    pub(crate) fn is_alive(self) -> bool {
        Self::find(self.id) == Some(self)
    }

    /// Its children, their children, and so on.
    pub(crate) fn descendants(self) -> Vec<Self> {
        let all = all_processes();
        let mut family = vec![self];
        let mut next = 0;
        while next < family.len() {
            let parent = family[next].id;
            family.extend(all.iter().filter(|stat| stat.parent == parent).map(|stat| stat.process));
            next += 1;
        }
        family.split_off(1)
    }
}

/// Sends a signal to those of the processes that still run.
pub(crate) fn signal(processes: &[Process], name: &str) {
    let alive: Vec<String> =
        processes.iter().filter(|process| process.is_alive()).map(|process| process.id.to_string()).collect();
    if !alive.is_empty() {
        run_kill(name, &alive);
    }
}

/// Sends a signal to every process of a group, as a terminal does.
pub fn send_signal_to_group(name: &str, group: u32) {
    run_kill(name, &[format!("-{group}")]);
}

/// Waits until none of them runs; tells whether that came true in time.
pub(crate) fn wait_until_gone(processes: &[Process], limit: Duration) -> bool {
    wait_until(limit, || !processes.iter().any(|process| process.is_alive()))
}

/// Looks at a condition again and again until it holds or the time is up.
pub(crate) fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        sleep(POLL);
    }
}

/// A shell that signals processes when the program that made it is gone, however it went.
#[derive(Debug)]
pub struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Watches over a process group.
    pub fn of_group(signal: &str, group: u32) -> std::io::Result<Self> {
        Self::start(signal, &[format!("-{group}")], None)
    }

    /// Watches over processes, and over a directory that is to go with them.
    pub(crate) fn of_processes(signal: &str, processes: &[Process], remove: Option<&Path>) -> std::io::Result<Self> {
        let targets: Vec<String> = processes.iter().map(|process| process.id.to_string()).collect();
        Self::start(signal, &targets, remove)
    }

    fn start(signal: &str, targets: &[String], remove: Option<&Path>) -> std::io::Result<Self> {
        // The read ends with success when the watchdog is called off, without it when the pipe's other end is gone.
        const SCRIPT: &str = r#"
            read -r line && exit 0
            signal=$1 remove=$2; shift 2
            kill -s "$signal" -- "$@" 2>/dev/null
            [ -z "$remove" ] && exit 0
            for target in "$@"; do while kill -0 "$target" 2>/dev/null; do sleep 0.1; done; done
            rm -rf -- "$remove""#;
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog", signal])
            .arg(remove.unwrap_or(Path::new("")))
            .args(targets)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { shell })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.shell.stdin.take() {
            // A watchdog that has already gone has nothing left to call off.
            let _ = pipe.write_all(b"\n");
        }
        let _ = self.shell.wait();
    }
}

fn run_kill(name: &str, targets: &[String]) {
    // A target that ended a moment ago makes `kill` complain; nothing is to be done about it.
    let _ = Command::new("sh")
        .args(["-c", r#"kill -s "$0" -- "$@""#, name])
        .args(targets)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

fn all_processes() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(read_stat).collect()
}

fn read_stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold anything, brackets included; what follows the last one is numbers.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let (state, parent, started) = (*fields.first()?, fields.get(1)?.parse().ok()?, fields.get(19)?.parse().ok()?);
    (!matches!(state, "Z" | "X")).then_some(Stat { parent, process: Process { id, started } })
}
