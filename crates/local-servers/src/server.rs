//! One private server: start, stop, and the ways to hurt it.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::error::IoContext;
use crate::process::{Process, Watchdog, signal, wait_until, wait_until_gone};
use crate::{Error, Kind, Result, ports, postgres, probe, rabbitmq, redis};

const LOG: &str = "server.log";
const RECORD: &str = "server.pid";
const LARGE_LOG: u64 = 8 << 20;
const STOP_LIMIT: Duration = Duration::from_secs(20);
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// Another process may take a free port between its choice and its use.
const PORT_ATTEMPTS: usize = 3;

/// A private server on a loopback port, with all its data below one directory.
///
/// Dropping it stops it. All methods take `&self`: an `Arc<Server>` can be hurt from another thread.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    directory: PathBuf,
    port: u16,
    temporary: bool,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// The server first, then its helper (RabbitMQ's port mapper).
    processes: Vec<Process>,
    /// Ours to bury; none for a server that was taken over.
    children: Vec<Child>,
    watchdog: Option<Watchdog>,
    kept: bool,
}

impl Server {
    /// Starts a server with its data in `directory` (made if missing, kept afterwards), and waits until it serves.
    /// Port 0 means any free one.
    pub fn start(kind: Kind, directory: &Path, port: u16) -> Result<Self> {
        Self::start_in(kind, directory, port, false)
    }

    /// Starts an empty server on a free port whose data goes when it is dropped.
    pub fn temporary(kind: Kind) -> Result<Self> {
        let name = format!("zst-{}-{}-{}", kind.folder(), std::process::id(), ports::free_port());
        Self::start_in(kind, &std::env::temp_dir().join(name), 0, true)
    }

    /// Takes over a server that an earlier run left behind in `directory`; one that does not serve is stopped.
    pub(crate) fn take_over(kind: Kind, directory: &Path) -> Option<Self> {
        let (port, processes) = read_record(directory)?;
        let server = Self { kind, directory: directory.to_owned(), port, temporary: false, running: Mutex::new(None) };
        if !processes.iter().any(|process| process.is_alive()) {
            return None;
        }
        let watchdog = Watchdog::of_processes(kind.stop_signal(), &processes, None).ok();
        *server.running() = Some(Running { processes, children: Vec::new(), watchdog, kept: false });
        server.is_ready().then_some(server)
    }

    /// What the server is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its loopback port; the same for its whole life.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, as the environment variables of the product take it.
    pub fn url(&self) -> String {
        self.kind.url(self.port)
    }

    /// The directory with its data and its log.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The id of its main process, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.running().as_ref().map(|running| running.processes[0].id)
    }

    /// Whether it answers in its own protocol, within half a second.
    pub fn is_ready(&self) -> bool {
        self.running().is_some() && probe::answers(self.kind, self.port)
    }

    /// Stops it in good order (clients are cut off, data is written). Nothing happens if it does not run.
    pub fn stop(&self) -> Result<()> {
        let Some(mut running) = self.running().take() else { return Ok(()) };
        let family = family(&running.processes);
        signal(&running.processes, self.kind.stop_signal());
        // A frozen process would not see the signal.
        signal(&family, "CONT");
        if !wait_until_gone(&running.processes, STOP_LIMIT) {
            signal(&family, "KILL");
            wait_until_gone(&family, KILL_LIMIT);
        }
        self.bury(&mut running);
        Ok(())
    }

    /// Kills all its processes at once, as a crash of the machine does.
    pub fn kill9(&self) -> Result<()> {
        let mut running = self.running().take().ok_or(Error::NotRunning { kind: self.kind })?;
        // Frozen first: a parent could otherwise start a child that is not on the list.
        signal(&running.processes, "STOP");
        let family = family(&running.processes);
        signal(&family, "KILL");
        wait_until_gone(&family, KILL_LIMIT);
        self.bury(&mut running);
        Ok(())
    }

    /// Starts it again on the same port and data after `stop` or `kill9`. Nothing happens if it runs.
    pub fn start_again(&self) -> Result<()> {
        let mut running = self.running();
        if running.is_none() {
            *running = Some(launch(self.kind, &self.directory, self.port, self.temporary)?);
        }
        Ok(())
    }

    /// Stops it if it runs, and starts it again.
    pub fn restart(&self) -> Result<()> {
        self.stop()?;
        self.start_again()
    }

    /// Stops all its processes where they stand: connections stay open and nobody answers.
    pub fn freeze(&self) -> Result<()> {
        self.signal_family("STOP")
    }

    /// Lets it go on after `freeze`.
    pub fn thaw(&self) -> Result<()> {
        self.signal_family("CONT")
    }

    /// Lets it outlive this program.
    pub(crate) fn keep_running(&self) {
        if let Some(running) = self.running().as_mut() {
            running.watchdog = None;
            running.kept = true;
        }
    }

    fn start_in(kind: Kind, directory: &Path, port: u16, temporary: bool) -> Result<Self> {
        fs::create_dir_all(directory).while_trying(|| format!("create {}", directory.display()))?;
        let directory = directory.canonicalize().while_trying(|| format!("find {}", directory.display()))?;
        let mut attempt = 1;
        loop {
            let chosen = if port == 0 { ports::free_port() } else { port };
            match launch(kind, &directory, chosen, temporary) {
                Ok(running) => {
                    return Ok(Self { kind, directory, port: chosen, temporary, running: Mutex::new(Some(running)) });
                }
                Err(Error::NotStarted { .. } | Error::PortTaken { .. }) if port == 0 && attempt < PORT_ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().expect("no server operation panics")
    }

    fn signal_family(&self, name: &str) -> Result<()> {
        let running = self.running();
        let running = running.as_ref().ok_or(Error::NotRunning { kind: self.kind })?;
        // The parents first, then once more with the children that were born meanwhile.
        signal(&running.processes, name);
        signal(&family(&running.processes), name);
        Ok(())
    }

    fn bury(&self, running: &mut Running) {
        bury(&mut running.children);
        // A record that cannot be removed names processes that are known to be dead by their start time.
        let _ = fs::remove_file(self.directory.join(RECORD));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let kept = self.running().as_ref().is_some_and(|running| running.kept);
        if kept {
            return;
        }
        if self.temporary {
            // Killed before: nothing is left to do.
            let _ = self.kill9();
            remove_data(&self.directory);
        } else {
            // Stopping reports nothing that a caller could still act on.
            let _ = self.stop();
        }
    }
}

/// Removes everything a server has stored.
pub(crate) fn remove_data(directory: &Path) {
    let elsewhere = postgres::data_elsewhere(directory);
    for path in elsewhere.iter().map(PathBuf::as_path).chain([directory]) {
        if let Err(error) = fs::remove_dir_all(path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            eprintln!("could not remove {}: {error}", path.display());
        }
    }
}

fn family(processes: &[Process]) -> Vec<Process> {
    let descendants = processes.iter().flat_map(|process| process.descendants());
    processes.iter().copied().chain(descendants).collect()
}

fn bury(children: &mut [Child]) {
    for child in children {
        // It is dead or was never ours to wait for.
        let _ = child.wait();
    }
}

fn launch(kind: Kind, directory: &Path, port: u16, temporary: bool) -> Result<Running> {
    if !ports::is_free(port) {
        return Err(Error::PortTaken { kind, port });
    }
    let mut children = spawn(kind, directory, port)?;
    let processes: Vec<Process> = children.iter().filter_map(|child| Process::find(child.id())).collect();
    if processes.len() < children.len() || !serves(kind, port, &mut children[0]) {
        signal(&family(&processes), "KILL");
        bury(&mut children);
        return Err(not_started(kind, directory));
    }
    let mut record = format!("port {port}\n");
    for process in &processes {
        record.push_str(&format!("process {} {}\n", process.id, process.started));
    }
    let file = directory.join(RECORD);
    fs::write(&file, record).while_trying(|| format!("write {}", file.display()))?;
    let watchdog = Watchdog::of_processes(kind.stop_signal(), &processes, temporary.then_some(directory))
        .while_trying(|| "start a shell".to_owned())?;
    Ok(Running { processes, children, watchdog: Some(watchdog), kept: false })
}

/// Starts the processes, the server first in the answer.
fn spawn(kind: Kind, directory: &Path, port: u16) -> Result<Vec<Child>> {
    let log = open_log(directory)?;
    match kind {
        Kind::Postgres => Ok(vec![spawn_one(postgres::command(directory, port)?, &log)?]),
        Kind::Redis => Ok(vec![spawn_one(redis::command(directory, port)?, &log)?]),
        Kind::RabbitMq => {
            let rabbitmq::Commands { mapper, mapper_port, node } = rabbitmq::commands(directory, port)?;
            let mapper = spawn_one(mapper, &log)?;
            // The node would start a mapper of its own, which nobody would stop.
            wait_until(KILL_LIMIT, || !ports::is_free(mapper_port));
            Ok(vec![spawn_one(node, &log)?, mapper])
        }
    }
}

fn spawn_one(mut command: Command, log: &File) -> Result<Child> {
    let program = command.get_program().to_string_lossy().into_owned();
    let clone = || log.try_clone().while_trying(|| "open a log file twice".to_owned());
    // A group of its own: Ctrl-C in the terminal is for the program that uses the server, not for the server.
    command.stdin(Stdio::null()).stdout(clone()?).stderr(clone()?).process_group(0);
    command.spawn().while_trying(|| format!("run {program}"))
}

fn serves(kind: Kind, port: u16, server: &mut Child) -> bool {
    let mut ended = false;
    let answered = wait_until(kind.start_limit(), || {
        ended = !matches!(server.try_wait(), Ok(None));
        ended || probe::answers(kind, port)
    });
    answered && !ended
}

fn open_log(directory: &Path) -> Result<File> {
    let path = directory.join(LOG);
    if fs::metadata(&path).is_ok_and(|log| log.len() > LARGE_LOG) {
        let old = directory.join("server.old.log");
        fs::rename(&path, &old).while_trying(|| format!("rename {}", path.display()))?;
    }
    File::options().create(true).append(true).open(&path).while_trying(|| format!("open {}", path.display()))
}

fn not_started(kind: Kind, directory: &Path) -> Error {
    let log = directory.join(LOG);
    let text = fs::read(&log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it ended without a word");
    Error::NotStarted { kind, reason: last.trim().to_owned(), log }
}

fn read_record(directory: &Path) -> Option<(u16, Vec<Process>)> {
    let text = fs::read_to_string(directory.join(RECORD)).ok()?;
    let (mut port, mut processes) = (None, Vec::new());
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next()? {
            "port" => port = words.next()?.parse().ok(),
            _ => processes.push(Process { id: words.next()?.parse().ok()?, started: words.next()?.parse().ok()? }),
        }
    }
    (!processes.is_empty()).then_some((port?, processes))
}
